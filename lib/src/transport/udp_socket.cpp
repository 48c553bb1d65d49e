#include "netduel/transport/udp_socket.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "os/ip_options.hpp"
#include "os/multicast.hpp"
#include "transport/udp_socket_over.hpp"

namespace netduel {
namespace {

/// What a socket has joined, so that a membership which would change another is refused: a source
/// joined beside any source makes Linux drop all others without a word.
class Memberships {
 public:
  void join(NativeHandle handle, IpVersion version, const MulticastMembership& membership) {
    const Joined wanted = joined(membership);
    const std::scoped_lock lock(mutex_);
    const auto other = std::ranges::find_if(all_, [&](const Joined& one) {
      return one.is_of_one_group(wanted) && one.source.has_value() != wanted.source.has_value();
    });
    if (other != all_.end()) {
      throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                              "join group " + membership.group.address_to_string() +
                                  (other->source ? ": joined from one source already"
                                                 : ": joined from any source already") +
                                  "; leave that first");
    }
    os::join(handle, version, membership);
    all_.push_back(wanted);
  }

  void leave(NativeHandle handle, IpVersion version, const MulticastMembership& membership) {
    const Joined unwanted = joined(membership);
    const std::scoped_lock lock(mutex_);
    os::leave(handle, version, membership);
    std::erase_if(all_, [&](const Joined& one) {
      return one.is_of_one_group(unwanted) && (!unwanted.source || one.source == unwanted.source);
    });
  }

 private:
  struct Joined {
    Endpoint group;  ///< without its zone
    std::uint32_t interface;
    std::optional<Endpoint> source;  ///< without its port
    bool is_of_one_group(const Joined& other) const {
      return group == other.group && interface == other.interface;
    }
  };
  static Joined joined(const MulticastMembership& membership) {
    const Endpoint& group = membership.group;
    const Endpoint plain = group.version() == IpVersion::v6
                               ? Endpoint::v6(group.address_octets(), 0)
                               : group.with_port(0);
    Joined joined{plain, os::interface_of(membership), std::nullopt};
    if (membership.source) joined.source = membership.source->with_port(0);
    return joined;
  }

  std::mutex mutex_;
  std::vector<Joined> all_;
};

}  // namespace

struct UdpSocket::State {
  explicit State(std::unique_ptr<DatagramIo> engine)
      : io(std::move(engine)), version(io->local().version()) {}

  std::unique_ptr<DatagramIo> io;
  IpVersion version;
  Memberships memberships;
};

UdpSocket UdpSocket::open(const Endpoint& local, const UdpOptions& options) {
  return open_over(open_datagram_io(local, options));
}

UdpSocket open_over(std::unique_ptr<DatagramIo> io) {
  return UdpSocket(std::make_unique<UdpSocket::State>(std::move(io)));
}

UdpSocket::UdpSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

SendResult UdpSocket::send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline) {
  if (to.version() != state_->version && !batch.empty()) {
    return {.accepted = 0,
            .refused_messages = 1,
            .refused = std::make_error_code(std::errc::address_family_not_supported)};
  }
  return state_->io->send_to(batch, to, deadline);
}

ReceiveResult UdpSocket::receive(Deadline deadline) {
  return state_->io->receive(deadline);
}

void UdpSocket::join(const MulticastMembership& membership) {
  state_->memberships.join(native_handle(), state_->version, membership);
}

void UdpSocket::leave(const MulticastMembership& membership) {
  state_->memberships.leave(native_handle(), state_->version, membership);
}

std::optional<std::size_t> UdpSocket::path_mtu_octets(const Endpoint& to) {
  return os::path_mtu_octets(to);
}

Endpoint UdpSocket::local() const {
  return state_->io->local();
}

SocketCounters UdpSocket::counters() const {
  return state_->io->counters();
}

NativeHandle UdpSocket::native_handle() const {
  return state_->io->native_handle();
}

}  // namespace netduel
