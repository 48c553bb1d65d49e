#include "os/process_limits.hpp"

#include <sys/resource.h>

namespace netduel::os {
namespace {

std::chrono::nanoseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

ProcessTime process_time() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  return {.user = to_duration(usage.ru_utime), .system = to_duration(usage.ru_stime)};
}

void raise_handle_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace netduel::os
