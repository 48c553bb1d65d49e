#include <array>
#include <random>
#include <utility>
#include <vector>

#include "session/carrier.hpp"
#include "transport/bulk.hpp"

namespace netduel {
namespace {

/// Not zeros: a link that compresses would carry them faster than real data.
std::vector<std::byte> noise(std::size_t octets) {
  std::mt19937_64 random(octets);
  std::vector<std::byte> content(octets);
  for (std::byte& octet : content) octet = static_cast<std::byte>(random() & 0xff);
  return content;
}

/// Looks at no message, but sends as many of that length.
class BulkOutlet final : public Outlet {
 public:
  BulkOutlet(std::shared_ptr<TcpConnection> connection, std::size_t message_octets)
      : connection_(std::move(connection)),
        payload_(noise(message_octets)),
        message_octets_(message_octets) {}

  void prepare() override {}
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override {
    SendResult result;
    // The rest of a message that was cut has been counted.
    if (sent_of_message_ > 0 && !send_rest(deadline, result.refused)) {
      result.refused_messages = result.refused ? batch.size() : 0;
      return result;
    }
    while (result.accepted < batch.size()) {
      const bool whole = send_rest(deadline, result.refused);
      if (!result.refused && (whole || sent_of_message_ > 0)) ++result.accepted;
      if (!whole) break;
    }
    if (result.refused) result.refused_messages = batch.size() - result.accepted;
    return result;
  }
  bool finish(Deadline deadline) override {
    std::error_code refused;
    if (sent_of_message_ > 0 && !send_rest(deadline, refused) && !refused) return false;
    return connection_->finish(deadline);
  }
  Endpoint local() const override { return connection_->local(); }
  NativeHandle native_handle() const override { return connection_->native_handle(); }
  SocketCounters counters() const override { return connection_->counters(); }
  std::optional<TcpInfo> tcp_info() const override { return connection_->info(); }

 private:
  /// What is missing of the message that has begun; true when it is whole.
  bool send_rest(Deadline deadline, std::error_code& refused) {
    const BulkSent sent = send_constant(*connection_, payload_, sent_of_message_,
                                        message_octets_ - sent_of_message_, deadline);
    sent_of_message_ += sent.accepted_octets;
    refused = sent.refused;
    if (sent_of_message_ < message_octets_) return false;
    sent_of_message_ = 0;
    return true;
  }

  std::shared_ptr<TcpConnection> connection_;
  os::ConstantPayload payload_;
  std::size_t message_octets_;
  std::size_t sent_of_message_ = 0;
};

/// Tells how many octets came; those it shows are not they.
class BulkInlet final : public Inlet {
 public:
  explicit BulkInlet(std::shared_ptr<TcpConnection> connection)
      : connection_(std::move(connection)), unseen_(most_octets) {}

  Endpoint local() const override { return connection_->local(); }
  NativeHandle native_handle() const override { return connection_->native_handle(); }
  ReceiveResult receive(const Endpoint& source, Deadline deadline) override {
    const Discarded discarded = discard(*connection_, most_octets, deadline);
    if (discarded.octets == 0) {
      return {.messages = {}, .end = discarded.end, .error = discarded.error};
    }
    const WallTime now = wall_now();
    message_[0] = {.payload = Bytes(unseen_).first(discarded.octets),
                   .source = source,
                   .arrived = now,
                   .read_at = now};
    return {.messages = message_, .end = End::open, .error = {}};
  }
  SocketCounters counters() const override { return connection_->counters(); }

 private:
  static constexpr std::size_t most_octets = std::size_t{1} << 20;

  std::shared_ptr<TcpConnection> connection_;
  std::vector<std::byte> unseen_;
  std::array<Received, 1> message_;
};

}  // namespace

std::unique_ptr<Outlet> bulk_outlet_over(std::shared_ptr<TcpConnection> connection,
                                         std::size_t message_octets) {
  return std::make_unique<BulkOutlet>(std::move(connection), message_octets);
}

std::unique_ptr<Inlet> bulk_inlet_over(std::shared_ptr<TcpConnection> connection) {
  return std::make_unique<BulkInlet>(std::move(connection));
}

}  // namespace netduel
