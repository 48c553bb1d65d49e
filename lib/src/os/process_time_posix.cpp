#include "os/process_time.hpp"

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

}  // namespace netduel::os
