#include "os/thread.hpp"

#include <csignal>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace netduel::os {
namespace {

/// The kernel's `struct sched_attr` as it was at first (SCHED_ATTR_SIZE_VER0). Its header can't be
/// included beside the C library's, nor has every C library one.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

}  // namespace

void prepare_data_thread(const char* name) {
  // Neither can fail for this thread in a way that would matter: a seccomp filter that forbids
  // them leaves coarser sleeps and no name.
  (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  constexpr std::size_t longest_name = 15;
  (void)pthread_setname_np(pthread_self(), std::string(name).substr(0, longest_name).c_str());
}

/// The slice that EEVDF reckons a task's deadline with; 0.1 ms is the shortest that may be asked
/// for. A kernel that doesn't know of it leaves it as it is.
void prefer_short_turns() {
  constexpr std::uint64_t shortest_slice = 100'000;
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0U) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime = shortest_slice;
  (void)syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

void leave_signals_to_others() {
  sigset_t all;
  sigfillset(&all);
  (void)pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::vector<unsigned> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> allowed;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return allowed;
  for (unsigned processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &set)) allowed.push_back(processor);
  }
  return allowed;
}

std::vector<unsigned> siblings_of(unsigned processor) {
  // A list such as "0,4" or "0-1".
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(processor) +
                     "/topology/thread_siblings_list");
  std::vector<unsigned> siblings;
  unsigned first = 0;
  while (file >> first) {
    unsigned last = first;
    if (file.peek() == '-') file.ignore() >> last;
    for (; first <= last; ++first) siblings.push_back(first);
    if (file.peek() == ',') file.ignore();
  }
  return siblings.empty() ? std::vector{processor} : siblings;
}

bool run_on(std::span<const unsigned> processors) {
  if (processors.empty()) return true;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned processor : processors) CPU_SET(processor, &set);
  // Refused, the thread runs where the scheduler likes, which is no worse than not asking.
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

std::chrono::nanoseconds thread_cpu_time() {
  timespec used{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace netduel::os
