#include "os/thread.hpp"

#include <ctime>
#include <string>

#include <pthread.h>
#include <sys/prctl.h>

namespace netduel::os {

void prepare_data_thread(const char* name) {
  // Neither can fail for this thread in a way that would matter: a seccomp filter that forbids
  // them leaves coarser sleeps and no name.
  (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  constexpr std::size_t longest_name = 15;
  (void)pthread_setname_np(pthread_self(), std::string(name).substr(0, longest_name).c_str());
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace netduel::os
