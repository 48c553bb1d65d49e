#include "lab/star.hpp"

#include <algorithm>
#include <bit>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "lab/lab_host.hpp"
#include "lab/star_pump.hpp"
#include "lab/trust.hpp"
#include "os/veth.hpp"

namespace netduel {
namespace {

constexpr std::size_t port_of_a = 0;

std::string side_of(std::size_t port) {
  return "to-" + StarSpec::name_of(port);
}

std::uint8_t number_of(std::size_t port) {
  return static_cast<std::uint8_t>(port + 1);
}

/// The rings of all hosts but a, who sends most, share what four hosts would have: 280 MB.
std::size_t slots_of(std::size_t port, std::size_t ports) {
  constexpr std::size_t shared = 4 * os::PacketRing::most_slots;
  if (port == port_of_a) return os::PacketRing::most_slots;
  return std::min(os::PacketRing::most_slots, std::bit_floor(shared / (ports - 1)));
}

template <class Predicate>
bool any_impairment(const StarSpec& spec, Predicate predicate) {
  return std::ranges::any_of(spec.ports, [&](const StarSpec::Port& port) {
    return predicate(port.up) || predicate(port.down) ||
           std::ranges::any_of(port.changes,
                               [&](const Change& change) { return predicate(change.becomes); });
  });
}

/// Static neighbours between a and all others, as in a lab of two hosts; the others ask each other
/// where they must, as n hosts would need n^2.
void add_neighbours(IpVersion version, std::size_t port, std::size_t ports) {
  if (port != port_of_a) {
    lab_host::add_neighbour(version, number_of(port_of_a));
    return;
  }
  for (std::size_t other = 1; other < ports; ++other) {
    lab_host::add_neighbour(version, number_of(other));
  }
}

/// Calls that stay in other networks, one after the other, on one thread.
template <class Call>
void elsewhere(Call call) {
  std::async(std::launch::async, call).get();
}

std::vector<os::NetworkNamespace> make_networks(std::size_t count) {
  std::vector<os::NetworkNamespace> networks;
  for (std::size_t n = 0; n < count; ++n) networks.push_back(os::NetworkNamespace::create());
  return networks;
}

/// One line for each kind of note, however many ports it is about.
std::vector<TruthNote> gathered(const std::vector<TruthNote>& notes) {
  std::vector<TruthNote> first;
  std::vector<std::size_t> more;
  for (const TruthNote& note : notes) {
    const auto same = std::ranges::find(first, note.id, &TruthNote::id);
    if (same == first.end()) {
      first.push_back(note);
      more.push_back(0);
    } else {
      ++more[static_cast<std::size_t>(same - first.begin())];
    }
  }
  for (std::size_t n = 0; n < first.size(); ++n) {
    if (more[n] > 0) first[n].text += fmt::format("; so did {} more ways of links", more[n]);
  }
  return first;
}

}  // namespace

struct StarLab::Parts {
  explicit Parts(const StarSpec& spec)
      : wire(os::NetworkNamespace::create()),
        hosts(make_networks(spec.ports.size())),
        pump(make_pump(spec)) {
    elsewhere([&] { set_up_hosts(spec); });
  }

  std::unique_ptr<StarPump> make_pump(const StarSpec& spec) const {
    std::optional<Capture> capture;
    if (spec.capture_file) {
      std::vector<std::string> names;
      for (std::size_t port = 0; port < hosts.size(); ++port) {
        names.push_back(StarSpec::name_of(port));
      }
      capture.emplace(*spec.capture_file, names);
    }
    return os::in_network(wire, [&] {
      std::vector<os::PacketRing> rings;
      for (std::size_t port = 0; port < hosts.size(); ++port) {
        const std::string side = side_of(port);
        os::make_veth(side, lab_host::interface, hosts[port], lab_host::mac(number_of(port)),
                      spec.mtu_octets);
        os::configure(side, {});
        rings.push_back(os::PacketRing::open(side, slots_of(port, hosts.size())));
      }
      return std::make_unique<StarPump>(spec, std::move(rings), std::move(capture));
    });
  }

  void set_up_hosts(const StarSpec& spec) {
    const bool asks = any_impairment(
        spec, [](const Impairment& one) { return one.includes_neighbour_discovery; });
    const bool marks =
        any_impairment(spec, [](const Impairment& one) { return one.mark.has_value(); });
    has_ipv6 = true;
    for (std::size_t port = 0; port < hosts.size(); ++port) {
      hosts[port].enter();
      lab_host::add_address(IpVersion::v4, number_of(port));
      has_ipv6 = lab_host::add_address(IpVersion::v6, number_of(port)) && has_ipv6;
      if (!os::packet_rings_take_udp_super_packets()) {
        os::forgo_udp_segmentation(lab_host::interface);
      }
      if (marks) (void)os::enable_ecn();
      if (asks) continue;
      add_neighbours(IpVersion::v4, port, hosts.size());
      if (has_ipv6) add_neighbours(IpVersion::v6, port, hosts.size());
    }
    // At the end, as the kernel sees to all of them meanwhile.
    for (const os::NetworkNamespace& host : hosts) {
      host.enter();
      os::await_carrier(lab_host::interface);
    }
    wire.enter();
    for (std::size_t port = 0; port < hosts.size(); ++port) os::await_carrier(side_of(port));
  }

  /// Adds what the interfaces dropped, and whether the figures can be trusted.
  void judge(StarTruth& truth) const {
    elsewhere([&] {
      for (std::size_t port = 0; port < hosts.size(); ++port) {
        hosts[port].enter();
        truth.ports[port].up.missed_by_the_lab += os::interface_send_drops(lab_host::interface);
      }
      wire.enter();
      for (std::size_t port = 0; port < hosts.size(); ++port) {
        truth.ports[port].down.missed_by_the_lab += os::interface_send_drops(side_of(port));
      }
    });
    std::vector<TruthNote> notes;
    for (std::size_t port = 0; port < hosts.size(); ++port) {
      const PortTruth& of = truth.ports[port];
      for (const bool up : {true, false}) {
        const std::string name = StarSpec::name_of(port) + (up ? " up" : " down");
        if (!is_trustworthy(up ? of.up : of.down, name, notes)) truth.trustworthy = false;
      }
    }
    truth.why = gathered(notes);
  }

  os::NetworkNamespace wire;
  std::vector<os::NetworkNamespace> hosts;
  std::unique_ptr<StarPump> pump;
  bool has_ipv6 = false;
  std::jthread thread;
};

StarLab::StarLab(const StarSpec& spec) : parts_(std::make_unique<Parts>(spec)) {}
StarLab::~StarLab() = default;

std::size_t StarLab::hosts() const {
  return parts_->hosts.size();
}

const os::NetworkNamespace& StarLab::host(std::size_t port) const {
  return parts_->hosts[port];
}

bool StarLab::has(IpVersion version) const {
  return version == IpVersion::v4 || parts_->has_ipv6;
}

Endpoint StarLab::address_of(std::size_t port, IpVersion version) {
  return lab_host::address(version, number_of(port));
}

void StarLab::start(std::optional<unsigned> processor) {
  parts_->thread = std::jthread([this, processor](std::stop_token stop) {
    lab_host::prepare_pumping_thread(processor);
    while (!stop.stop_requested()) parts_->pump->run_turn();
  });
}

void StarLab::restart_script() {
  parts_->pump->restart_script();
}

StarTruth StarLab::truth() const {
  StarTruth truth = parts_->pump->truth();
  parts_->judge(truth);
  return truth;
}

StarTruth StarLab::stop() {
  parts_->thread = {};
  StarTruth truth = this->truth();
  if (!parts_->pump->close_capture()) {
    truth.trustworthy = false;
    truth.why.push_back({"capture_incomplete", "the capture could not be written whole"});
  }
  return truth;
}

}  // namespace netduel
