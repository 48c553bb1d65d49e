#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

namespace netduel::tool {

/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop, so that what was measured is
/// still reported; one that comes a second or more later ends the process at once. A SIGHUP that is
/// ignored, as nohup(1) has it, stays so. Make one before any other thread.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();

  std::stop_token token() const { return source_.get_token(); }
  /// Asks for the same stop as a signal does, without an exit status of its own.
  std::stop_source source() const { return source_; }
  /// 128 and the signal's number, as shells have it; 0 when none came.
  int exit_status() const { return signal_ == 0 ? 0 : 128 + signal_; }

 private:
  void watch(std::stop_token end);

  const sigset_t watched_;
  std::stop_source source_;
  std::atomic<int> signal_{0};
  std::jthread thread_;
};

}  // namespace netduel::tool
