#include "interrupt.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

#include <pthread.h>
#include <unistd.h>

namespace netduel::tool {
namespace {

sigset_t watched() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  // Blocked here, and so in every thread made from here on: only the watcher takes them.
  const sigset_t signals = watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::jthread([this](std::stop_token end) { watch(std::move(end)); });
}

Interrupt::~Interrupt() {
  thread_.request_stop();
  thread_.join();
  const sigset_t signals = watched();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void Interrupt::watch(std::stop_token end) {
  const sigset_t signals = watched();
  const timespec turn{.tv_sec = 0, .tv_nsec = 50'000'000};
  while (!end.stop_requested()) {
    const int caught = sigtimedwait(&signals, nullptr, &turn);
    if (caught <= 0) continue;
    if (signal_ != 0) _exit(128 + caught);
    signal_ = caught;
    source_.request_stop();
  }
}

}  // namespace netduel::tool
