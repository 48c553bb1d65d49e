#include "lab/lab.hpp"

#include <array>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "lab/pump.hpp"
#include "netduel/base/units.hpp"
#include "os/thread.hpp"
#include "os/veth.hpp"

namespace netduel {
namespace {

constexpr auto host_interface = "eth0";
constexpr auto side_of_a = "to-a";
constexpr auto side_of_b = "to-b";
constexpr unsigned prefix_bits_v4 = 24;
constexpr unsigned prefix_bits_v6 = 64;
/// Shares of packets that left late: what is worth a word, and what makes a path another one. Of
/// few packets, one that is late is no sign of a busy machine.
constexpr double some_late = 0.01;
constexpr double too_many_very_late = 0.1;
constexpr std::uint64_t fewest_late = 10;

/// From RFC 1918's and, for IPv6, RFC 4193's private space (the global ID spells "netdu").
Endpoint address(IpVersion version, std::uint8_t host) {
  if (version == IpVersion::v4) return Endpoint::v4({10, 77, 0, host}, 0);
  return Endpoint::v6({0xfd, 0x6e, 0x65, 0x74, 0x64, 0x75, 0, 0, 0, 0, 0, 0, 0, 0, 0, host}, 0);
}

bool has_marks(const LabSpec& spec) {
  bool marks = spec.a_to_b.mark || spec.b_to_a.mark;
  for (const Change& change : spec.changes) marks = marks || change.becomes.mark;
  return marks;
}

bool is_more_than(std::uint64_t late, double share, const DirectionTruth& way) {
  return late >= fewest_late &&
         static_cast<double>(late) > share * static_cast<double>(way.all.forwarded);
}

/// Locally administered.
os::Mac mac(std::uint8_t host) {
  return {0x02, 0x6e, 0x65, 0x74, 0x64, host};
}

/// Whether the host has IPv6 too.
bool set_up_host(const os::NetworkNamespace& network, std::uint8_t host, const LabSpec& spec) {
  const std::uint8_t other = host == 1 ? 2 : 1;
  const bool asks =
      spec.a_to_b.includes_neighbour_discovery || spec.b_to_a.includes_neighbour_discovery;
  const auto add = [&](IpVersion version, unsigned prefix_bits) {
    os::configure(host_interface, {{address(version, host), prefix_bits}});
    // The answer to ARP comes on another processor than the sender's and lets go there what waited
    // for it, while the sender goes on: packets would come to the link out of order.
    if (!asks) os::add_neighbour(host_interface, address(version, other), mac(other));
  };
  return os::in_network(network, [&] {
    add(IpVersion::v4, prefix_bits_v4);
    bool has_ipv6 = true;
    try {
      add(IpVersion::v6, prefix_bits_v6);
    } catch (const std::system_error&) {
      // A system without IPv6, or an MTU that is too small for it (RFC 8200, section 5).
      has_ipv6 = false;
    }
    if (!os::packet_rings_take_udp_super_packets()) os::forgo_udp_segmentation(host_interface);
    if (has_marks(spec)) (void)os::enable_ecn();
    os::await_carrier(host_interface);
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
    if (spec.capture_file) capture.emplace(*spec.capture_file);
    return os::in_network(wire, [&] {
      os::make_veth(side_of_a, host_interface, a, mac(1), spec.mtu_octets);
      os::make_veth(side_of_b, host_interface, b, mac(2), spec.mtu_octets);
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
  truth.a_to_b.missed_by_the_lab += drops(a, host_interface) + drops(wire, side_of_b);
  truth.b_to_a.missed_by_the_lab += drops(b, host_interface) + drops(wire, side_of_a);
  for (const Direction direction : {Direction::a_to_b, Direction::b_to_a}) {
    const DirectionTruth& way = truth.of(direction);
    const auto note = [&](const char* id, const std::string& text) {
      const char* const name = direction == Direction::a_to_b ? "a to b" : "b to a";
      truth.why.push_back({id, fmt::format("{}: {}", name, text)});
    };
    if (way.missed_by_the_lab > 0) {
      truth.trustworthy = false;
      note("lab_dropped_frames",
           fmt::format("{} frames were dropped by the lab itself and not by the link, as this "
                       "machine was too busy for it; a lower rate helps",
                       format_count(way.missed_by_the_lab)));
    }
    if (is_more_than(way.left_very_late, too_many_very_late, way)) truth.trustworthy = false;
    if (is_more_than(way.left_late, some_late, way)) {
      note("lab_was_late",
           fmt::format("{} of the packets left the link more than 1 ms late ({} at most), as this "
                       "machine was busy; a lower rate or an idle machine helps",
                       format_ratio(static_cast<double>(way.left_late) /
                                    static_cast<double>(way.all.forwarded)),
                       format_duration(std::chrono::duration<double>(way.latest).count())));
    }
    if (way.all.arrived_out_of_order.value_or(0) > 0) {
      note(
          "host_reordered_tcp",
          fmt::format("{} TCP segments came to the link out of order already: the virtual "
                      "Ethernet of the host did that, as it does when TCP saturates two processors",
                      format_count(*way.all.arrived_out_of_order)));
    }
  }
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
  return address(version, 1);
}

Endpoint Lab::address_of_b(IpVersion version) {
  return address(version, 2);
}

void Lab::start(std::optional<unsigned> processor) {
  parts_->thread = std::jthread([this, processor](std::stop_token stop) {
    os::prepare_data_thread("netduel-lab");
    os::prefer_short_turns();
    os::leave_signals_to_others();
    // On one processor only, else veth would hand packets over in another order.
    const auto allowed = os::allowed_processors();
    const unsigned any = allowed.empty() ? 0 : allowed.front();
    os::run_on(std::array{processor.value_or(any)});
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
