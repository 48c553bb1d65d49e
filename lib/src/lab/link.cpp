#include "lab/link.hpp"

#include <algorithm>
#include <cassert>
#include <unordered_set>
#include <utility>

#include "lab/bottleneck.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

/// Back until enough later packets of its flow have passed, or its time is over.
struct Held {
  std::vector<InLink> copies;
  std::uint32_t remaining = 0;
  Time deadline{};
};

struct UnderWay {
  InLink packet;
  Time due{};
  std::uint64_t serial = 0;
};

struct LeavesLater {
  bool operator()(const UnderWay& a, const UnderWay& b) const {
    return a.due != b.due ? a.due > b.due : a.serial > b.serial;
  }
};

struct FlowState {
  Channel channel;
  /// In the order of entering, so that the first has the first deadline.
  std::deque<Held*> held;
  /// RFC 4737's NextExp.
  std::uint64_t next_expected = 0;
  /// Numbers of which one copy has left or was dropped, while the other is still in the link.
  std::unordered_set<std::uint64_t> one_left;
  std::unordered_set<std::uint64_t> one_dropped;
};

}  // namespace

struct Link::State {
  State(const LabSpec& spec, Direction of)
      : start(spec.of(of)), now(start), seed(spec.seed), direction(of) {
    for (const Change& change : spec.changes) {
      if (change.direction == of) script.push_back(change);
    }
    bottleneck.set(now, {});
  }

  /// Everything that happens of itself until `time`, but for packets leaving.
  void run_until(Time time) {
    while (const auto event = next_inner_event()) {
      if (*event > time) return;
      happen(*event);
    }
  }

  std::optional<Time> next_change() const {
    if (!script_start || changed == script.size()) return std::nullopt;
    return *script_start + script[changed].at;
  }

  std::optional<Time> next_inner_event() {
    while (!held.empty() && held.front().copies.empty()) held.pop_front();
    std::optional<Time> next = bottleneck.next();
    const auto consider = [&next](Time time) { next = next ? std::min(*next, time) : time; };
    if (!held.empty()) consider(held.front().deadline);
    if (const auto change = next_change()) consider(*change);
    return next;
  }

  void happen(Time time) {
    if (const auto change = next_change(); change && *change <= time) {
      become(script[changed++].becomes, time);
    } else if (!held.empty() && held.front().deadline <= time) {
      Held& first = held.front();
      auto& of_flow = flow(first.copies.front().packet.flow_index).held;
      assert(of_flow.front() == &first);
      of_flow.pop_front();
      let_go(first, time);
    } else {
      set_out(bottleneck.take(), time);
    }
  }

  void become(const Impairment& next, Time time) {
    now = next;
    bottleneck.set(now, time);
    while (!bottleneck.has_rate() && !bottleneck.empty()) set_out(bottleneck.take(), time);
  }

  FlowState& flow(std::size_t index) {
    if (index >= flows.size()) flows.resize(index + 1);
    return flows[index];
  }

  void let_go(Held& one, Time time) {
    for (InLink& copy : std::exchange(one.copies, {})) pass(std::move(copy), time);
  }

  /// A packet that was not held back has gone past those of its flow that are.
  void count_past(FlowState& of, Time time) {
    if (of.held.empty()) return;
    std::vector<Held*> free;
    std::erase_if(of.held, [&](Held* one) {
      if (--one->remaining > 0) return false;
      free.push_back(one);
      return true;
    });
    for (Held* one : free) let_go(*one, time);
  }

  /// Before the bottleneck; false when it was dropped there.
  bool pass(InLink&& packet, Time time) {
    if (!bottleneck.has_rate()) {
      set_out(std::move(packet), time);
      return true;
    }
    if (bottleneck.enter(std::move(packet), time)) return true;
    // Not taken, it was not moved from.
    drop(packet);  // NOLINT(bugprone-use-after-move)
    return false;
  }

  void drop(const InLink& packet) {
    inside -= packet.packet.packets;
    if (packet.has_twin) {
      FlowState& of = flow(packet.packet.flow_index);
      // The other one is alone now, whether it has left or not.
      if (of.one_left.erase(packet.packet.name.number) == 0 &&
          !of.one_dropped.insert(packet.packet.name.number).second) {
        of.one_dropped.erase(packet.packet.name.number);
      }
    }
    if (packet.second || packet.was_held) {
      late_drops.push_back({packet.packet, packet.entered, packet.second});
    }
  }

  /// Behind the bottleneck: only the delay is left.
  void set_out(InLink&& packet, Time time) {
    Time due = time + std::max(Time{}, now.delay + packet.jitter);
    if (!now.jitter_reorders) due = std::max(due, last_due);
    last_due = std::max(last_due, due);
    under_way.push({std::move(packet), due, serial++});
  }

  Leaving leave(UnderWay&& one) {
    InLink& packet = one.packet;
    FlowState& of = flow(packet.packet.flow_index);
    const std::uint64_t number = packet.packet.name.number;
    inside -= packet.packet.packets;
    Leaving leaving;
    leaving.entered = packet.entered;
    leaving.due = one.due;
    leaving.marked = packet.marked;
    leaving.flip = packet.flip;
    leaving.swap = packet.swap;
    if (packet.has_twin && of.one_dropped.erase(number) == 0) {
      leaving.copy = of.one_left.erase(number) > 0;
      if (!leaving.copy) of.one_left.insert(number);
    }
    if (!leaving.copy) {
      leaving.reordered = number < of.next_expected;
      of.next_expected = std::max(of.next_expected, number + packet.packet.packets);
    }
    leaving.packet = std::move(packet.packet);
    return leaving;
  }

  Impairment start;
  Impairment now;
  std::uint64_t seed;
  Direction direction;
  std::vector<Change> script;
  std::size_t changed = 0;
  std::optional<Time> script_start;
  std::vector<FlowState> flows;
  std::deque<Held> held;
  Bottleneck bottleneck;
  std::priority_queue<UnderWay, std::vector<UnderWay>, LeavesLater> under_way;
  Time last_due{};
  std::uint64_t serial = 0;
  std::uint64_t inside = 0;
  std::vector<LateDrop> late_drops;
};

Link::Link(const LabSpec& spec, Direction direction)
    : state_(std::make_unique<State>(spec, direction)) {}
Link::~Link() = default;
Link::Link(Link&&) noexcept = default;

void Link::restart_script(Time now) {
  state_->run_until(now);
  state_->changed = 0;
  state_->script_start = now;
  state_->become(state_->start, now);
}

Entered Link::enter(LinkPacket packet, Time now) {
  State& state = *state_;
  state.run_until(now);
  Entered entered;
  if (state.now.down) {
    entered.dropped = Dropped::down;
    return entered;
  }
  FlowState& of = state.flow(packet.flow_index);
  entered.fate = fate_of(state.now, state.seed, state.direction, packet.name, of.channel);
  const Fate& fate = entered.fate;
  if (fate.lost) {
    entered.dropped = Dropped::loss;
    return entered;
  }
  InLink one;
  one.packet = std::move(packet);
  one.entered = now;
  one.jitter = fate.jitter;
  one.flip = fate.flip;
  one.swap = fate.swap;
  one.has_twin = fate.duplicated;
  one.was_held = fate.held_back;
  state.inside += std::uint64_t{one.packet.packets} * (fate.duplicated ? 2U : 1U);
  std::optional<InLink> copy;
  if (fate.duplicated) {
    copy = one;
    copy->second = true;
  }
  if (fate.held_back) {
    state.held.push_back({{}, state.now.reorder_by, now + longest_hold});
    Held& held = state.held.back();
    held.copies.push_back(std::move(one));
    if (copy) held.copies.push_back(std::move(*copy));
    of.held.push_back(&held);
    return entered;
  }
  if (!state.pass(std::move(one), now)) entered.dropped = Dropped::queue;
  if (copy) (void)state.pass(std::move(*copy), now);
  state.count_past(of, now);
  return entered;
}

std::vector<Leaving> Link::advance(Time now) {
  State& state = *state_;
  state.run_until(now);
  std::vector<Leaving> leaving;
  while (!state.under_way.empty() && state.under_way.top().due <= now) {
    // top() is const, yet it goes in the next line.
    UnderWay one = std::move(const_cast<UnderWay&>(state.under_way.top()));
    state.under_way.pop();
    leaving.push_back(state.leave(std::move(one)));
  }
  return leaving;
}

std::optional<Time> Link::next_event() const {
  auto next = state_->next_inner_event();
  if (state_->under_way.empty()) return next;
  const Time due = state_->under_way.top().due;
  return next ? std::min(*next, due) : due;
}

std::vector<Link::LateDrop> Link::take_late_drops() {
  return std::exchange(state_->late_drops, {});
}

Link::QueueState Link::queue() const {
  return state_->bottleneck.state();
}

Time Link::queueing_time(Time now) const {
  const auto empty = state_->bottleneck.empties_at();
  return empty ? std::max(Time{}, *empty - now) : Time{};
}

std::uint64_t Link::inside() const {
  return state_->inside;
}

bool Link::is_down() const {
  return state_->now.down;
}

}  // namespace netduel
