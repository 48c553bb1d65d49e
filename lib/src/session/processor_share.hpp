#pragma once

#include "os/process_limits.hpp"
#include "session/test_results.hpp"

namespace netduel {

/// What a process used of the processors between two moments, as iperf3 tells it.
class ProcessorShare {
 public:
  void start() {
    before_ = os::process_time();
    began_ = std::chrono::steady_clock::now();
  }
  /// Sets the percentages of one processor.
  void tell(TestResults& results) const {
    const os::ProcessTime now = os::process_time();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began_;
    if (wall.count() <= 0) return;
    const auto percent = [&](std::chrono::nanoseconds used) {
      return 100 * std::chrono::duration<double>(used).count() / wall.count();
    };
    results.cpu_user = percent(now.user - before_.user);
    results.cpu_system = percent(now.system - before_.system);
    results.cpu_total = results.cpu_user + results.cpu_system;
  }

 private:
  os::ProcessTime before_{};
  std::chrono::steady_clock::time_point began_{};
};

}  // namespace netduel
