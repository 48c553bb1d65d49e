#include "lab/lab.hpp"

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lab/lab_host.hpp"
#include "lab/pump.hpp"
#include "lab/trust.hpp"
#include "os/veth.hpp"

namespace netduel {
namespace {

constexpr auto side_of_a = "to-a";
constexpr auto side_of_b = "to-b";

bool has_marks(const LabSpec& spec) {
  bool marks = spec.a_to_b.mark || spec.b_to_a.mark;
  for (const Change& change : spec.changes) marks = marks || change.becomes.mark;
  return marks;
}

/// Whether the host has IPv6 too.
bool set_up_host(const os::NetworkNamespace& network, std::uint8_t host, const LabSpec& spec) {
  const std::uint8_t other = host == 1 ? 2 : 1;
  const bool asks =
      spec.a_to_b.includes_neighbour_discovery || spec.b_to_a.includes_neighbour_discovery;
  const auto add = [&](IpVersion version) {
    if (!lab_host::add_address(version, host)) return false;
    // The answer to ARP comes on another processor than the sender's and lets go there what waited
    // for it, while the sender goes on: packets would come to the link out of order.
    if (!asks) lab_host::add_neighbour(version, other);
    return true;
  };
  return os::in_network(network, [&] {
    add(IpVersion::v4);
    const bool has_ipv6 = add(IpVersion::v6);
    if (!os::packet_rings_take_udp_super_packets()) {
      os::forgo_udp_segmentation(lab_host::interface);
    }
    if (has_marks(spec)) (void)os::enable_ecn();
    os::await_carrier(lab_host::interface);
    return has_ipv6;
  });
}

}  // namespace

struct Lab::Parts {
  explicit Parts(const LabSpec& spec)
      : wire(os::NetworkNamespace::create()),
        a(os::NetworkNamespace::create()),
        b(os::NetworkNamespace::create()),
        pump(make_pump(spec)) {
    const bool a_has_ipv6 = set_up_host(a, 1, spec);
    has_ipv6 = set_up_host(b, 2, spec) && a_has_ipv6;
    os::in_network(wire, [] {
      os::await_carrier(side_of_a);
      os::await_carrier(side_of_b);
    });
  }

  std::unique_ptr<Pump> make_pump(const LabSpec& spec) {
    std::optional<Capture> capture;
    if (spec.capture_file) capture.emplace(*spec.capture_file, std::vector<std::string>{"a", "b"});
    return os::in_network(wire, [&] {
      os::make_veth(side_of_a, lab_host::interface, a, lab_host::mac(1), spec.mtu_octets);
      os::make_veth(side_of_b, lab_host::interface, b, lab_host::mac(2), spec.mtu_octets);
      os::configure(side_of_a, {});
      os::configure(side_of_b, {});
      return std::make_unique<Pump>(spec, os::PacketRing::open(side_of_a),
                                    os::PacketRing::open(side_of_b), std::move(capture));
    });
  }

  void judge(Truth& truth) const;

  os::NetworkNamespace wire;
  os::NetworkNamespace a;
  os::NetworkNamespace b;
  std::unique_ptr<Pump> pump;
  bool has_ipv6 = false;
  std::jthread thread;
};

/// Adds what the interfaces dropped, and whether the figures can be trusted.
void Lab::Parts::judge(Truth& truth) const {
  const auto drops = [](const os::NetworkNamespace& network, const char* interface) {
    return os::in_network(network, [&] { return os::interface_send_drops(interface); });
  };
  truth.a_to_b.missed_by_the_lab += drops(a, lab_host::interface) + drops(wire, side_of_b);
  truth.b_to_a.missed_by_the_lab += drops(b, lab_host::interface) + drops(wire, side_of_a);
  truth.trustworthy = is_trustworthy(truth.a_to_b, "a to b", truth.why);
  truth.trustworthy = is_trustworthy(truth.b_to_a, "b to a", truth.why) && truth.trustworthy;
}

Lab::Lab(const LabSpec& spec) : parts_(std::make_unique<Parts>(spec)) {}
Lab::~Lab() = default;

const os::NetworkNamespace& Lab::a() const {
  return parts_->a;
}

const os::NetworkNamespace& Lab::b() const {
  return parts_->b;
}

bool Lab::has(IpVersion version) const {
  return version == IpVersion::v4 || parts_->has_ipv6;
}

Endpoint Lab::address_of_a(IpVersion version) {
  return lab_host::address(version, 1);
}

Endpoint Lab::address_of_b(IpVersion version) {
  return lab_host::address(version, 2);
}

void Lab::start(std::optional<unsigned> processor) {
  parts_->thread = std::jthread([this, processor](std::stop_token stop) {
    lab_host::prepare_pumping_thread(processor);
    while (!stop.stop_requested()) parts_->pump->run_turn();
  });
}

void Lab::restart_script() {
  parts_->pump->restart_script();
}

Truth Lab::truth() const {
  Truth truth = parts_->pump->truth();
  parts_->judge(truth);
  return truth;
}

std::chrono::nanoseconds Lab::queueing_time(Direction direction) const {
  return parts_->pump->queueing_time(direction);
}

Truth Lab::stop() {
  parts_->thread = {};
  Truth truth = this->truth();
  if (!parts_->pump->close_capture()) {
    truth.trustworthy = false;
    truth.why.push_back({"capture_incomplete", "the capture could not be written whole"});
  }
  return truth;
}

}  // namespace netduel
