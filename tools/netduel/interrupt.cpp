#include "interrupt.hpp"

#include <chrono>
#include <csignal>
#include <ctime>

#include <pthread.h>
#include <unistd.h>

namespace netduel::tool {
namespace {

/// timeout(1) signals its child and then the child's whole group, and a terminal may do so too:
/// what comes this soon after the first is the same request.
constexpr auto one_request = std::chrono::seconds(1);

sigset_t watched() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

Interrupt::Interrupt() : watched_(watched()) {
  // Blocked here, and so in every thread made from here on: only the watcher takes them.
  pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
  thread_ = std::jthread([this](std::stop_token end) { watch(std::move(end)); });
}

Interrupt::~Interrupt() {
  thread_.request_stop();
  thread_.join();
  pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
}

void Interrupt::watch(std::stop_token end) {
  std::chrono::steady_clock::time_point first;
  const timespec turn{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (!end.stop_requested()) {
    const int caught = sigtimedwait(&watched_, nullptr, &turn);
    if (caught <= 0) continue;
    const auto now = std::chrono::steady_clock::now();
    if (signal_ != 0) {
      if (now - first > one_request) _exit(128 + caught);
      continue;
    }
    first = now;
    signal_ = caught;
    source_.request_stop();
  }
}

}  // namespace netduel::tool
