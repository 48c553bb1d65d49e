#include "session/group_outlet.hpp"

#include <chrono>
#include <utility>

namespace netduel {
namespace {

/// What the first address took the others get at once; a send buffer that stays full for so long
/// has lost it.
constexpr auto longest_wait = std::chrono::milliseconds(100);

}  // namespace

GroupOutlet::GroupOutlet(std::shared_ptr<UdpSocket> socket, std::vector<Endpoint> to)
    : socket_(std::move(socket)), to_(std::move(to)) {
  for (const Endpoint& one : to_) refusals_.push_back({.to = one});
}

/// Nothing is sent, but the socket looks at the paths, so the first message need not wait for that.
void GroupOutlet::prepare() {
  for (const Endpoint& to : to_) (void)socket_->send_to({}, to, Deadline::min());
}

SendResult GroupOutlet::send(std::span<const Bytes> batch, Deadline deadline) {
  left_at_most_.store(taken_ + batch.size(), std::memory_order_relaxed);
  const SendResult result = to_.size() == 1 ? socket_->send_to(batch, to_.front(), deadline)
                                            : send_to_all(batch, deadline);
  taken_ += result.accepted;
  if (to_.size() == 1) refusals_.front().refused += result.refused_messages;
  return result;
}

SendResult GroupOutlet::send_to_all(std::span<const Bytes> batch, Deadline deadline) {
  const SendResult first = socket_->send_to(batch, to_.front(), deadline);
  refusals_.front().refused += first.refused_messages;
  const std::size_t tried = first.accepted + first.refused_messages;
  std::size_t accepted = first.accepted;
  for (std::size_t i = 1; i < to_.size(); ++i) accepted += send_whole(batch.first(tried), i);
  if (tried > 0 && accepted == 0) {
    return {.accepted = 0, .refused_messages = tried, .refused = first.refused};
  }
  return {.accepted = tried, .refused_messages = 0, .refused = {}};
}

/// Returns how many were accepted.
std::size_t GroupOutlet::send_whole(std::span<const Bytes> batch, std::size_t destination) {
  const Deadline deadline = std::chrono::steady_clock::now() + longest_wait;
  std::size_t accepted = 0;
  while (!batch.empty()) {
    const SendResult result = socket_->send_to(batch, to_[destination], deadline);
    accepted += result.accepted;
    const std::size_t settled =
        result.refused ? result.accepted + result.refused_messages : batch.size();
    refusals_[destination].refused += settled - result.accepted;
    batch = batch.subspan(settled);
  }
  return accepted;
}

}  // namespace netduel
