#include <csignal>
#include <ctime>

#include <pthread.h>

#include "os/thread.hpp"

namespace netduel::os {

void prepare_data_thread(const char*) {
  // POSIX knows neither a precision of sleeps nor names of threads.
}

void prefer_short_turns() {}

void leave_signals_to_others() {
  sigset_t all;
  sigfillset(&all);
  (void)pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::vector<unsigned> allowed_processors() {
  return {};
}

std::vector<unsigned> siblings_of(unsigned processor) {
  return {processor};
}

bool run_on(std::span<const unsigned> processors) {
  // Where the scheduler likes.
  return processors.empty();
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace netduel::os
