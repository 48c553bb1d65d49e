#include "lab/pump.hpp"

#include <algorithm>
#include <utility>

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

Way::Shown shown(Direction direction) {
  if (direction == Direction::a_to_b) return {"a to b", 0, 1, 0};
  return {"b to a", 1, 0, 1};
}

}  // namespace

Pump::End::End(const LabSpec& spec, Direction direction, FlowTable& flows, LabBooks& books,
               os::PacketRing& from, os::PacketRing& to)
    : ring(from), exit(to), way(spec, direction, flows, books, exit, shown(direction)) {}

Pump::Pump(const LabSpec& spec, os::PacketRing side_of_a, os::PacketRing side_of_b,
           std::optional<Capture> capture)
    : spec_(spec),
      sides_{std::move(side_of_a), std::move(side_of_b)},
      books_(std::move(capture)),
      ends_{End(spec, Direction::a_to_b, flows_, books_, sides_[0], sides_[1]),
            End(spec, Direction::b_to_a, flows_, books_, sides_[1], sides_[0])} {
  for (const os::PacketRing& side : sides_) waiter_.add(side);
}

void Pump::run_turn() {
  bool busy = false;
  std::optional<Time> next;
  {
    const std::lock_guard lock(mutex_);
    books_.read_clocks();
    const Time now = monotonic_now();
    for (End& end : ends_) {
      if (!take_from(end.ring, end.way, books_, now)) continue;
      busy = true;
      end.exit.flush();
      end.ring.release();
    }
    for (End& end : ends_) {
      busy = end.way.give(monotonic_now()) || busy;
      end.exit.flush();
      const auto event = end.way.next_event();
      if (event) next = std::min(next.value_or(*event), *event);
    }
  }
  if (busy) return;
  const Time pause = next ? *next - monotonic_now() : Time(std::chrono::seconds(1));
  if (pause.count() > 0) waiter_.wait(pause);
}

void Pump::restart_script() {
  const std::lock_guard lock(mutex_);
  for (End& end : ends_) end.way.restart_script(monotonic_now());
}

DirectionTruth Pump::truth_of(End& end) {
  DirectionTruth truth = end.way.truth();
  truth.missed_by_the_lab = end.exit.refused() + end.ring.missed();
  return truth;
}

Truth Pump::truth() {
  const std::lock_guard lock(mutex_);
  Truth truth;
  truth.spec = spec_;
  truth.a_to_b = truth_of(end(Direction::a_to_b));
  truth.b_to_a = truth_of(end(Direction::b_to_a));
  truth.duration = monotonic_now() - books_.started;
  return truth;
}

std::chrono::nanoseconds Pump::queueing_time(Direction direction) {
  const std::lock_guard lock(mutex_);
  return end(direction).way.queueing_time(monotonic_now());
}

bool Pump::close_capture() {
  const std::lock_guard lock(mutex_);
  return !books_.capture || books_.capture->close();
}

}  // namespace netduel
