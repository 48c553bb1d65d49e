#include <cerrno>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <poll.h>

#include "os/event_queue.hpp"
#include "os/remaining_time.hpp"
#include "os/socket.hpp"

namespace netduel::os {

/// The three lists have one entry for each handle, in the same places. poll() reads all of them at
/// each wait, which is the price of asking nothing but POSIX.
struct EventQueue::State {
  std::vector<pollfd> watched;
  std::vector<std::uint64_t> keys;
  std::unordered_map<NativeHandle, std::size_t> places;
  std::vector<Ready> ready;
};

EventQueue::EventQueue() : state_(std::make_unique<State>()) {}
EventQueue::~EventQueue() = default;

void EventQueue::set(NativeHandle handle, Interest interest, std::uint64_t key) {
  // poll() passes over what is no handle, so it has to be found out here.
  if (fcntl(handle, F_GETFD) < 0) throw_last_error("wait for handle " + std::to_string(handle));
  short events = 0;
  if (interest != Interest::writable) events = POLLIN;
  if (interest != Interest::readable) events = static_cast<short>(events | POLLOUT);
  const auto [entry, added] = state_->places.try_emplace(handle, state_->watched.size());
  if (added) {
    state_->watched.push_back({.fd = handle, .events = events, .revents = 0});
    state_->keys.push_back(key);
  } else {
    state_->watched[entry->second].events = events;
    state_->keys[entry->second] = key;
  }
}

void EventQueue::remove(NativeHandle handle) {
  const auto entry = state_->places.find(handle);
  if (entry == state_->places.end()) return;
  // The last one takes the free place.
  const std::size_t place = entry->second;
  state_->watched[place] = state_->watched.back();
  state_->keys[place] = state_->keys.back();
  state_->places[state_->watched[place].fd] = place;
  state_->watched.pop_back();
  state_->keys.pop_back();
  state_->places.erase(handle);
}

std::span<const Ready> EventQueue::wait(Deadline deadline) {
  auto& watched = state_->watched;
  int count = -1;
  do {
    const timespec left = remaining_time(deadline);
    count = ppoll(watched.data(), static_cast<nfds_t>(watched.size()), &left, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw_last_error("wait for sockets");

  state_->ready.clear();
  for (std::size_t place = 0; place < watched.size() && count > 0; ++place) {
    const int events = watched[place].revents;
    if (events == 0) continue;
    --count;
    const bool failed = (events & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    state_->ready.push_back({.key = state_->keys[place],
                             .readable = failed || (events & POLLIN) != 0,
                             .writable = failed || (events & POLLOUT) != 0});
  }
  return state_->ready;
}

}  // namespace netduel::os
