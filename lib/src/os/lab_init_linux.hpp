#pragma once

#include <csignal>

#include "os/lab_process.hpp"

namespace netduel::os {

struct LabInit {
  const HostedPrograms& programs;
  /// Our end of the socket pair of lab_protocol_linux.hpp.
  NativeHandle control;
  /// What the programs start with.
  sigset_t signal_mask;
  /// Whether the caller's process group is the terminal's foreground.
  bool in_foreground;
};

/// The rest of the life of a lab's first process.
[[noreturn]] void run_lab_init(const LabInit& how);

}  // namespace netduel::os
