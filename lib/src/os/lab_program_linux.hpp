#pragma once

#include <csignal>
#include <string>
#include <vector>

#include <sys/types.h>

#include "os/owned_handle.hpp"

namespace netduel::os {

/// A program on a host of a lab, and what it finds there.
struct LabProgram {
  std::vector<std::string> command;
  NativeHandle network = -1;
  std::string host_name = {};
  /// "NAME=VALUE"; beside what is inherited.
  std::vector<std::string> environment = {};
  sigset_t signal_mask{};
  /// A session of its own with nothing on standard input, and this for both outputs; without, all
  /// is inherited.
  NativeHandle output = -1;
  /// A process group of its own, which the terminal takes as its foreground.
  bool takes_terminal = false;
  /// For the shell's PS1; empty when left alone.
  std::string prompt = {};
  /// Stays open in the program.
  NativeHandle kept = -1;
};

struct StartedProgram {
  pid_t process = 0;
  /// Why it could not be executed; 0 when it runs.
  int error = 0;
};

/// Returns when it is executed or that has failed. Throws std::system_error that names the attempt
/// when it did not come so far.
StartedProgram start_lab_program(const LabProgram& program);

/// The user's shell, with a prompt that says where it is. `start_up_file` is for a shell that wants
/// one, as bash does; it must be kept open until the shell has started.
LabProgram lab_shell(OwnedHandle& start_up_file, bool interactive);

}  // namespace netduel::os
