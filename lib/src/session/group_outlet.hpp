#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "session/carrier.hpp"
#include "session/group_sender.hpp"

namespace netduel {

/// One socket from which every message goes to a group, or to some addresses one after the other.
/// Where one of several refuses a message that others took, its number is used all the same: for
/// whoever is there it is lost, and counted as refused for that address.
class GroupOutlet final : public Outlet {
 public:
  GroupOutlet(std::shared_ptr<UdpSocket> socket, std::vector<Endpoint> to);

  void prepare() override;
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override;
  bool finish(Deadline) override { return true; }
  Endpoint local() const override { return socket_->local(); }
  NativeHandle native_handle() const override { return socket_->native_handle(); }
  SocketCounters counters() const override { return socket_->counters(); }
  std::optional<TcpInfo> tcp_info() const override { return std::nullopt; }

  /// Messages with this number and above have not left. Any thread may ask.
  std::uint64_t left_at_most() const { return left_at_most_.load(std::memory_order_relaxed); }
  /// Of each address, in the order given.
  const std::vector<GroupSending::Refusals>& refusals() const { return refusals_; }

 private:
  SendResult send_to_all(std::span<const Bytes> batch, Deadline deadline);
  std::size_t send_whole(std::span<const Bytes> batch, std::size_t destination);

  std::shared_ptr<UdpSocket> socket_;
  std::vector<Endpoint> to_;
  std::vector<GroupSending::Refusals> refusals_;
  std::uint64_t taken_ = 0;
  std::atomic<std::uint64_t> left_at_most_{0};
};

}  // namespace netduel
