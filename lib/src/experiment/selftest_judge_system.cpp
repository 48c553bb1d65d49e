#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/selftest_judge.hpp"
#include "experiment/selftest_words.hpp"

namespace netduel {
namespace {

/// Finer than what any figure here is told by.
constexpr std::chrono::nanoseconds coarse = std::chrono::microseconds(1);

}  // namespace

Judgement judge(const OffloadEvidence& seen) {
  Report figures;
  figures.add("messages", seen.messages);
  figures.add("sent_together", seen.sent_together);
  figures.add("joined", seen.joined);
  figures.add("joined_unasked", seen.joined_unasked);
  figures.add("intact", seen.intact);
  figures.add("intact_unasked", seen.intact_unasked);
  const std::string detail = fmt::format(
      "Of {} messages {} left as one packet, {} came as one to a socket that asks for it, {} to "
      "one that doesn't, and each was whole.",
      seen.messages, seen.sent_together, seen.joined, seen.joined_unasked);
  if (!seen.has_segmentation || !seen.has_joining) {
    return not_verified(fmt::format("this system has no {} (Linux has it since {})",
                                    seen.has_segmentation ? "UDP_GRO" : "UDP_SEGMENT",
                                    seen.has_segmentation ? "5.0" : "4.18"),
                        fmt::format("{} of {} messages came whole.", seen.intact, seen.messages),
                        std::move(figures));
  }
  if (seen.came == 0 && seen.came_unasked == 0) {
    return not_verified("nothing came over loopback, which may be down (ip link set lo up)",
                        "No message came.", std::move(figures));
  }
  if (const std::uint64_t least = std::min(seen.came, seen.came_unasked); least < seen.messages) {
    return too_busy(fmt::format("{} of {} messages came over loopback", least, seen.messages),
                    "Nothing can be said of those that are missing.", std::move(figures));
  }
  if (seen.intact != seen.messages || seen.intact_unasked != seen.messages) {
    return failed(fmt::format("{} of {} messages came whole with offload, and {} without.",
                              seen.intact, seen.messages, seen.intact_unasked),
                  std::move(figures));
  }
  const bool found = seen.sent_together > 1 && seen.joined > 1 && seen.joined_unasked <= 1;
  return found ? verified(detail, std::move(figures)) : failed(detail, std::move(figures));
}

Judgement judge(const ClockEvidence& seen) {
  Report figures;
  figures.add_optional("resolution_seconds", seconds(seen.resolution), "s");
  figures.add("readings", seen.readings);
  figures.add("backwards", seen.backwards);
  figures.add_optional("backwards_across_processors", seen.backwards_across);
  figures.add("wall_clock_step_seconds", seconds(seen.step), "s");
  const std::string detail = fmt::format(
      "The clock{} tells {} apart, went back in {} of {} readings, and the wall clock moved by {} "
      "against the monotonic one in {}.",
      seen.source ? fmt::format(" ({})", *seen.source) : "",
      seen.resolution ? in_words(*seen.resolution) : "no two moments",
      seen.backwards + seen.backwards_across.value_or(0), seen.readings, in_words(seen.step),
      in_words(seen.over));
  if (seen.backwards + seen.backwards_across.value_or(0) > 0) {
    return failed(detail, std::move(figures));
  }
  if (was_set(seen.step)) {
    return not_verified(set_in_words(seen.step), detail, std::move(figures));
  }
  if (!seen.resolution || *seen.resolution > coarse) return failed(detail, std::move(figures));
  return verified(detail, std::move(figures));
}

}  // namespace netduel
