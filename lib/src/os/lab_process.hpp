#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "os/owned_handle.hpp"

namespace netduel::os {

/// A host of a lab: a network namespace by its handle, and a name.
struct LabHost {
  NativeHandle network = -1;
  std::string name;
  /// What its programs find in their environment: "NAME=VALUE".
  std::vector<std::string> environment{};
};

/// What runs on host a of a lab, and on its other hosts.
struct HostedPrograms {
  LabHost a;
  /// At least one.
  std::vector<LabHost> others;
  /// Runs on a with the caller's standard streams and process group; the user's shell when empty.
  std::vector<std::string> command;
  /// A shell's command line that runs on each of the others; its output goes to standard error,
  /// line by line after the host's name and ": ".
  std::optional<std::string> serve;
  /// Lines of /etc/hosts that replace what it says of the names in them.
  std::string hosts_lines;
};

/// How the command ended.
struct CommandEnd {
  /// Its own, as shells have it: 128 and the signal's number, 127 when there is no such command,
  /// 126 when it is not executable; 1 when the served command failed before it listened.
  int status = 0;
  /// False when it never started.
  bool ran = false;
};

/// The process above the hosts' programs: the first of a PID and a mount namespace, so that nothing
/// of them outlives it, and it does not outlive the caller, however either ends.
class LabProcess {
 public:
  /// Forks, and sets up what the programs will see. Only while the caller has one thread, with the
  /// rights to make namespaces. From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2
  /// are blocked in the calling thread, and so in those that it makes, for `run` to take. Throws
  /// std::system_error that names the attempt.
  explicit LabProcess(const HostedPrograms& programs);
  /// Kills what still runs.
  ~LabProcess();
  LabProcess(const LabProcess&) = delete;
  LabProcess& operator=(const LabProcess&) = delete;

  /// Starts the served command, waits until it listens on all of its hosts, calls `about_to_start`,
  /// starts the command and waits for its end, handing on the signals that come meanwhile. In the
  /// thread of the constructor; once. Throws std::runtime_error that names the attempt.
  CommandEnd run(const std::function<void()>& about_to_start);

 private:
  class Terminal;

  void hand_on_signal();
  void kill_when_ignored();
  void tell(unsigned char order) const;
  std::optional<std::string> next_note() const;
  int wait_for_end();

  std::unique_ptr<Terminal> terminal_;
  sigset_t mask_before_{};
  OwnedHandle control_{-1};
  OwnedHandle signals_{-1};
  pid_t process_ = -1;
  std::optional<std::chrono::steady_clock::time_point> first_request_to_end_;
};

}  // namespace netduel::os
