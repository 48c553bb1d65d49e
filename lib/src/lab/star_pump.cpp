#include "lab/star_pump.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "lab/lab_host.hpp"
#include "wire/octets.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

/// Hosts may have interfaces of their own making; more than these are sent to all.
constexpr std::size_t most_stations = 4096;
constexpr std::size_t mac_octets = 6;

std::uint64_t mac_at(Bytes frame, std::size_t at) {
  return std::uint64_t{get_u16(frame, at)} << 32 | get_u32(frame, at + 2);
}

/// The lowest bit of the first octet (IEEE 802).
bool is_group_mac(Bytes frame) {
  return (get_u8(frame, 0) & 1) != 0;
}

/// Whether only those get it who want its group. Who asks for a neighbour is heard by all, as that
/// one may not have reported yet. Who asks for routers, or whether an address is taken, as each
/// host does when it comes up, is not: a link of many hosts would carry much of that.
bool is_for_members(const PacketHeaders& headers) {
  if (!headers.ip_version || !headers.destination.is_multicast()) return false;
  if (!headers.is_neighbour_discovery || headers.source.is_unspecified()) return true;
  static const Endpoint all_routers =
      Endpoint::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 0);
  return headers.destination == all_routers;
}

Way::Shown shown(std::size_t port, bool up) {
  const auto place = static_cast<std::uint32_t>(port);
  if (up) return {StarSpec::name_of(port) + " up", place, std::nullopt, place};
  return {StarSpec::name_of(port) + " down", std::nullopt, place, place};
}

}  // namespace

struct StarPump::Port {
  /// What comes up the port's link.
  class Switch final : public Way::Exit {
   public:
    Switch(StarPump& pump, std::size_t port) : pump_(pump), port_(port) {}
    void take(Passing& frame, Time at) override { pump_.pass_on(port_, frame, at); }

   private:
    StarPump& pump_;
    std::size_t port_;
  };

  Port(StarPump& pump, std::size_t number, os::PacketRing from)
      : ring(std::move(from)),
        to_switch(pump, number),
        to_host(ring),
        up(pump.spec_.link_of(number), Direction::a_to_b, flows, pump.books_, to_switch,
           shown(number, true), true),
        down(pump.spec_.link_of(number), Direction::b_to_a, flows, pump.books_, to_host,
             shown(number, false), true) {}

  os::PacketRing ring;
  FlowTable flows;
  Switch to_switch;
  RingExit to_host;
  Way up;
  Way down;
  bool has_taken = false;
};

StarPump::StarPump(const StarSpec& spec, std::vector<os::PacketRing> rings,
                   std::optional<Capture> capture)
    : spec_(spec), books_(std::move(capture)), snooping_(rings.size()) {
  for (os::PacketRing& ring : rings) {
    // The hosts' own stations are known from the start: what is for one that has said nothing yet
    // would go to all others, too, and be a flow of theirs, which shifts the fates of their next.
    const os::Mac mac = lab_host::mac(static_cast<std::uint8_t>(ports_.size() + 1));
    stations_[mac_at(std::as_bytes(std::span(mac)), 0)] = ports_.size();
    ports_.push_back(std::make_unique<Port>(*this, ports_.size(), std::move(ring)));
    waiter_.add(ports_.back()->ring);
  }
}

StarPump::~StarPump() = default;

void StarPump::run_turn() {
  bool busy = false;
  std::optional<Time> next;
  {
    const std::lock_guard lock(mutex_);
    books_.read_clocks();
    Time now = monotonic_now();
    for (auto& port : ports_) {
      port->has_taken = take_from(port->ring, port->up, books_, now);
      busy = port->has_taken || busy;
    }
    now = monotonic_now();
    for (auto& port : ports_) busy = port->up.give(now) || busy;
    // What lies in the rings need not wait for what comes out of other links.
    flush();
    for (auto& port : ports_) {
      if (port->has_taken) port->ring.release();
    }
    now = monotonic_now();
    const auto consider = [&next](const Way& way) {
      const auto event = way.next_event();
      if (event) next = std::min(next.value_or(*event), *event);
    };
    for (auto& port : ports_) {
      busy = port->down.give(now) || busy;
      consider(port->up);
      consider(port->down);
    }
    flush();
  }
  if (busy) return;
  const Time pause = next ? *next - monotonic_now() : Time(std::chrono::seconds(1));
  if (pause.count() > 0) waiter_.wait(pause);
}

void StarPump::flush() {
  for (auto& port : ports_) port->to_host.flush();
}

/// The switch: to the port of a known station, to those who want a group, else to all others.
void StarPump::pass_on(std::size_t from, Passing& frame, Time at) {
  const PacketHeaders& headers = frame.headers;
  if (stations_.size() < most_stations) stations_[mac_at(frame.frame, mac_octets)] = from;
  const bool to_group = is_group_mac(frame.frame);
  if (!to_group) {
    const auto station = stations_.find(mac_at(frame.frame, 0));
    if (station != stations_.end()) {
      if (station->second != from) give_to(station->second, frame, at);
      return;
    }
  }
  const bool is_report = snooping_.observe(from, frame.frame, headers);
  const bool of_group = to_group && is_for_members(headers);
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    if (port == from) continue;
    if (is_report && !snooping_.is_router(port)) continue;
    if (of_group && !snooping_.wants(port, headers.source, headers.destination)) continue;
    give_to(port, frame, at);
  }
}

void StarPump::give_to(std::size_t port, Passing& frame, Time at) {
  ports_[port]->down.enter(frame, at);
}

void StarPump::restart_script() {
  const std::lock_guard lock(mutex_);
  const Time now = monotonic_now();
  for (auto& port : ports_) {
    port->up.restart_script(now);
    port->down.restart_script(now);
  }
}

StarTruth StarPump::truth() {
  const std::lock_guard lock(mutex_);
  StarTruth truth;
  truth.spec = spec_;
  for (auto& port : ports_) {
    PortTruth& of = truth.ports.emplace_back();
    of.up = port->up.truth();
    of.up.missed_by_the_lab = port->ring.missed();
    of.down = port->down.truth();
    of.down.missed_by_the_lab = port->to_host.refused();
  }
  truth.duration = monotonic_now() - books_.started;
  return truth;
}

bool StarPump::close_capture() {
  const std::lock_guard lock(mutex_);
  return !books_.capture || books_.capture->close();
}

}  // namespace netduel
