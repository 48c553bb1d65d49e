#include "os/event_queue.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <sys/epoll.h>

#include "os/owned_handle.hpp"
#include "os/remaining_time.hpp"
#include "os/wait.hpp"

namespace netduel::os {
namespace {

/// How many handles one wait tells of. The rest keep their places: the kernel moves those it has
/// told of to the end of its list, so that every ready handle gets its turn.
constexpr std::size_t most_events = 256;
using Events = std::array<epoll_event, most_events>;

OwnedHandle open_queue() {
  const NativeHandle handle = epoll_create1(EPOLL_CLOEXEC);
  if (handle < 0) throw_last_error("open a set of sockets to wait for");
  return OwnedHandle(handle);
}

}  // namespace

struct EventQueue::State {
  OwnedHandle queue = open_queue();
  std::vector<Ready> ready;
  /// The kernel waits to the nanosecond by itself (epoll_pwait2, Linux 5.11).
  bool waits_precisely = true;
};

EventQueue::EventQueue() : state_(std::make_unique<State>()) {
  state_->ready.reserve(most_events);
}
EventQueue::~EventQueue() = default;

void EventQueue::set(NativeHandle handle, Interest interest, std::uint64_t key) {
  epoll_event event{};
  if (interest != Interest::writable) event.events |= EPOLLIN;
  if (interest != Interest::readable) event.events |= EPOLLOUT;
  event.data.u64 = key;
  if (epoll_ctl(state_->queue.get(), EPOLL_CTL_ADD, handle, &event) == 0) return;
  if (errno == EEXIST && epoll_ctl(state_->queue.get(), EPOLL_CTL_MOD, handle, &event) == 0) return;
  throw_last_error("wait for handle " + std::to_string(handle));
}

void EventQueue::remove(NativeHandle handle) {
  if (epoll_ctl(state_->queue.get(), EPOLL_CTL_DEL, handle, nullptr) == 0) return;
  if (errno != ENOENT && errno != EBADF) {
    throw_last_error("stop waiting for handle " + std::to_string(handle));
  }
}

std::span<const Ready> EventQueue::wait(Deadline deadline) {
  Events events;
  int count = -1;
  do {
    if (state_->waits_precisely) {
      const timespec left = remaining_time(deadline);
      count = epoll_pwait2(state_->queue.get(), events.data(), most_events, &left, nullptr);
      // Some sandboxes answer EPERM to calls that they have not heard of.
      if (count < 0 && (errno == ENOSYS || errno == EPERM)) state_->waits_precisely = false;
    }
    if (!state_->waits_precisely) {
      // The set is itself a handle, and waiting for one is precise everywhere.
      wait_readable(state_->queue.get(), deadline);
      count = epoll_wait(state_->queue.get(), events.data(), most_events, 0);
    }
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw_last_error("wait for sockets");

  state_->ready.clear();
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count))) {
    const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    state_->ready.push_back({.key = event.data.u64,
                             .readable = failed || (event.events & EPOLLIN) != 0,
                             .writable = failed || (event.events & EPOLLOUT) != 0});
  }
  return state_->ready;
}

}  // namespace netduel::os
