#include "netduel/transport/wait_set.hpp"

#include "os/event_queue.hpp"

namespace netduel {

struct WaitSet::State {
  os::EventQueue queue;
};

WaitSet::WaitSet() : state_(std::make_unique<State>()) {}
WaitSet::WaitSet(WaitSet&&) noexcept = default;
WaitSet& WaitSet::operator=(WaitSet&&) noexcept = default;
WaitSet::~WaitSet() = default;

void WaitSet::set(NativeHandle handle, Interest interest, std::uint64_t key) {
  state_->queue.set(handle, interest, key);
}

void WaitSet::remove(NativeHandle handle) {
  state_->queue.remove(handle);
}

std::span<const Ready> WaitSet::wait(Deadline deadline) {
  return state_->queue.wait(deadline);
}

}  // namespace netduel
