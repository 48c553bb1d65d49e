#include "netduel/measure/drop_gaps.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace netduel {

void DropGaps::observe_drops(Placement placement, std::uint32_t queue_drops) {
  carried_drops_ += newly_dropped(queue_drops);
  // What was dropped before a late or repeated arrival lies after the largest number seen, so it
  // belongs to the gap that the next larger number closes.
  if (placement.order == Order::in_order) attribute(0, carried_drops_);
  if (placement.order == Order::gap) attribute(placement.distance, carried_drops_);
}

void DropGaps::close(std::uint64_t missing_at_the_end, std::optional<std::uint64_t> final_drops) {
  if (final_drops) {
    carried_drops_ += newly_dropped(static_cast<std::uint32_t>(*final_drops));
    attribute(missing_at_the_end, carried_drops_);
  } else {
    unwatched_ += missing_at_the_end;
    attribute(0, carried_drops_);
  }
}

/// The counter wraps at 2^32. Kernels that count per processor may show it out of order by a few:
/// what seems to go back (as RFC 1982 compares numbers) adds nothing.
std::uint64_t DropGaps::newly_dropped(std::uint32_t queue_drops) {
  const std::uint32_t rise = queue_drops - last_queue_drops_;
  if (rise >= std::uint32_t{1} << 31) return 0;
  last_queue_drops_ = queue_drops;
  drops_ += rise;
  return rise;
}

/// Each drop that belongs to a gap held at least one of its messages; more drops than messages
/// cannot all be of it.
void DropGaps::attribute(std::uint64_t missing, std::uint64_t drops) {
  const std::uint64_t fitting = std::min(missing, drops);
  if (fitting > 0) add(missing, fitting);
  drops_outside_gaps_ += drops - fitting;
  carried_drops_ = 0;
}

void DropGaps::add(std::uint64_t missing, std::uint64_t drops) {
  const std::uint64_t times = std::gcd(missing, drops);
  const Kind kind{missing / times, drops / times, times};
  const auto at =
      std::ranges::lower_bound(gaps_, std::tie(kind.missing, kind.drops), {},
                               [](const Kind& one) { return std::tie(one.missing, one.drops); });
  if (at != gaps_.end() && at->missing == kind.missing && at->drops == kind.drops) {
    at->times += times;
  } else if (gaps_.size() < kinds_kept) {
    gaps_.insert(at, kind);
  } else {
    overflow_missing_ += missing;
    overflow_drops_ += drops;
  }
}

Bounds DropGaps::messages_dropped(SuperPacketSize size) const {
  const std::uint64_t largest = std::max({1U, size.smallest, size.largest});
  const std::uint64_t smallest = std::max(1U, size.smallest);
  // No gap has more drops than messages, so each drop of the overflow stands for one at least.
  Bounds dropped{overflow_drops_, std::min(overflow_missing_, overflow_drops_ * largest)};
  for (const auto& [missing, drops, times] : gaps_) {
    dropped.low += times * std::min(missing, drops * smallest);
    dropped.high += times * std::min(missing, drops * largest);
  }
  dropped.high += unwatched_;
  return dropped;
}

}  // namespace netduel
