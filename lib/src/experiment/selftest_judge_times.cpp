#include <cmath>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/selftest_judge.hpp"
#include "experiment/selftest_words.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// The stamps at either end of 0.6 s may be off by a millisecond and a half.
constexpr double most_pacing_error = 0.005;
/// A schedule begins anywhere in its first interval, and ends so.
constexpr double most_miscounted = 1.5;
/// The first and the last packet of a second may be late by a few milliseconds.
constexpr double most_rate_error = 0.01;
/// Over a link's delay: two stacks and a thread that has to wake up, 0.1 ms on an idle machine.
constexpr std::chrono::nanoseconds most_delay_error = 1ms;
/// The clocks of two processors may differ by a little.
constexpr std::chrono::nanoseconds clock_error = 10us;
/// A machine that reads this late does other things.
constexpr std::chrono::nanoseconds idle_read = 5ms;
/// The kernel begins to stamp when the first socket asks, and not at once.
constexpr double unstamped_at_first = 0.05;
/// Of 500 that were due; the middle of fewer says little.
constexpr std::uint64_t fewest_arrivals = 50;

std::string skips_in_words(const Pace& pace) {
  return fmt::format("{} messages were skipped, as the sender had no processor", pace.skipped);
}

/// Why a sender can't be held to its schedule; empty when it can.
std::string stalls_in_words(const Pace& pace, std::chrono::nanoseconds longest) {
  if (pace.skipped > 0) return skips_in_words(pace);
  if (pace.latest > longest) {
    return fmt::format("messages left up to {} late", in_words(pace.latest));
  }
  return {};
}

/// With its sign, so that nobody has to guess which one is larger.
std::string in_percent(double ratio) {
  return fmt::format("{:+.3f} %", 100 * ratio);
}

std::chrono::nanoseconds share_of(std::chrono::nanoseconds span, double ratio) {
  return std::chrono::nanoseconds(std::llround(ratio * static_cast<double>(span.count())));
}

/// Why a bottleneck was off by that much without being wrong; empty when nothing explains it.
std::string excuse(const LabRateEvidence& seen, double error) {
  if (seen.lost_in_host > 0) return lost_here_in_words(seen.lost_in_host);
  // While nothing comes the queue may run empty, and the bottleneck idle, but no longer than that.
  const auto skipped = static_cast<double>(seen.pace.skipped);
  const double idle_at_most = skipped / (skipped + static_cast<double>(seen.sent));
  if (seen.pace.skipped > 0 && error < 0 && idle_at_most + most_rate_error > -error) {
    return skips_in_words(seen.pace);
  }
  return strain_in_words(seen.strain, share_of(seen.span, most_rate_error / 2));
}

Report figures_of(const Pace& pace) {
  Report figures;
  figures.add("skipped", pace.skipped);
  figures.add("send_lateness_p50_seconds", seconds(pace.late_p50), "s");
  figures.add("send_lateness_p99_seconds", seconds(pace.late_p99), "s");
  figures.add("send_lateness_max_seconds", seconds(pace.latest), "s");
  return figures;
}

Judgement too_few(std::uint64_t arrivals, const std::string& detail, Report figures) {
  return too_busy(fmt::format("{} messages arrived", arrivals), detail, std::move(figures));
}

void add(const LabStrain& strain, Report& figures) {
  figures.add("missed_frames", strain.missed_frames);
  figures.add("left_latest_seconds", seconds(strain.latest), "s");
}

}  // namespace

Judgement judge(const StampEvidence& seen) {
  Report figures;
  figures.add("stamped_by_kernel", seen.by_kernel);
  figures.add("stamped_by_application", seen.by_application);
  figures.add("stamp_to_read_p50_seconds", seconds(seen.p50), "s");
  figures.add("stamp_to_read_p99_seconds", seconds(seen.p99), "s");
  figures.add("before_sent", seen.before_sent);
  figures.add("after_read", seen.after_read);
  const std::uint64_t all = seen.by_kernel + seen.by_application;
  const std::string detail = fmt::format(
      "The kernel stamped {} of {} arrivals; they were read {} (p50) and {} (p99) after that.",
      seen.by_kernel, all, in_words(seen.p50), in_words(seen.p99));
  if (all < fewest_arrivals) return too_few(all, detail, std::move(figures));
  if (was_set(seen.clock_step)) {
    return not_verified(set_in_words(seen.clock_step), detail, std::move(figures));
  }
  if (seen.before_sent + seen.after_read > 0) {
    return failed(fmt::format("{} arrivals were stamped before they were sent, and {} after they "
                              "were read.",
                              seen.before_sent, seen.after_read),
                  std::move(figures));
  }
  if (seen.by_kernel == 0) {
    return not_verified("this system doesn't stamp arrivals: their times are those of reading them",
                        detail, std::move(figures));
  }
  if (static_cast<double>(seen.by_application) > unstamped_at_first * static_cast<double>(all)) {
    return failed(detail, std::move(figures));
  }
  // Reading takes time, so a stamp that equals it is none of the kernel's.
  if (seen.p50 <= 0ns) return failed(detail, std::move(figures));
  if (seen.p50 > idle_read) {
    return too_busy(fmt::format("half of the arrivals waited {} to be read", in_words(seen.p50)),
                    detail, std::move(figures));
  }
  return verified(detail, std::move(figures));
}

Judgement judge(const PacingEvidence& seen) {
  Report figures = figures_of(seen.pace);
  figures.add("asked_bits_per_second", seen.asked_bits_per_second, "bit/s");
  figures.add_optional("achieved_bits_per_second", seen.achieved_bits_per_second, "bit/s");
  figures.add("sent", seen.sent);
  figures.add("due", seen.due);
  figures.add("accounted", seen.accounted);
  // However busy the machine is.
  if (std::abs(seen.due - static_cast<double>(seen.accounted)) > most_miscounted) {
    return failed(fmt::format("{:.0f} messages were due, and {} were sent, refused or skipped.",
                              seen.due, seen.accounted),
                  std::move(figures));
  }
  if (!seen.achieved_bits_per_second) {
    return too_busy("too few messages came to tell a rate",
                    fmt::format("{} messages were sent.", seen.sent), std::move(figures));
  }
  const double error = *seen.achieved_bits_per_second / seen.asked_bits_per_second - 1;
  figures.add("error_ratio", error);
  const std::string detail = fmt::format(
      "By the arrivals of {} messages the rate was off by {}; {} were skipped, and 99 % left at "
      "most {} late.",
      seen.sent, in_percent(error), seen.pace.skipped, in_words(seen.pace.late_p99));
  if (was_set(seen.pace.clock_step)) {
    return not_verified(set_in_words(seen.pace.clock_step), detail, std::move(figures));
  }
  if (std::abs(error) <= most_pacing_error) return verified(detail, std::move(figures));
  const std::string stalls = stalls_in_words(seen.pace, share_of(seen.span, most_pacing_error / 2));
  if (!stalls.empty()) return too_busy(stalls, detail, std::move(figures));
  return if_it_repeats(failed(detail, std::move(figures)));
}

Judgement judge(const LabRateEvidence& seen) {
  Report figures = figures_of(seen.pace);
  add(seen.strain, figures);
  figures.add("asked_bits_per_second", seen.rate_bits_per_second, "bit/s");
  figures.add_optional("delivered_bits_per_second", seen.delivered_bits_per_second, "bit/s");
  figures.add("dropped_by_queue", seen.dropped_by_queue);
  if (!seen.delivered_bits_per_second || seen.dropped_by_queue == 0) {
    return too_busy("the bottleneck was not offered more than its rate",
                    fmt::format("It dropped {} packets.", seen.dropped_by_queue),
                    std::move(figures));
  }
  const double error = *seen.delivered_bits_per_second / seen.rate_bits_per_second - 1;
  figures.add("error_ratio", error);
  const std::string detail =
      fmt::format("IP octets came out at a rate that was off by {}, and {} packets were dropped.",
                  in_percent(error), seen.dropped_by_queue);
  if (was_set(seen.pace.clock_step)) {
    return not_verified(set_in_words(seen.pace.clock_step), detail, std::move(figures));
  }
  if (std::abs(error) <= most_rate_error) return verified(detail, std::move(figures));
  if (const std::string why = excuse(seen, error); !why.empty()) {
    return too_busy(why, detail, std::move(figures));
  }
  return if_it_repeats(failed(detail, std::move(figures)));
}

Judgement judge(const LabDelayEvidence& seen) {
  Report figures = figures_of(seen.pace);
  add(seen.strain, figures);
  figures.add("asked_seconds", seconds(seen.asked), "s");
  figures.add("delay_min_seconds", seconds(seen.least), "s");
  figures.add("delay_p50_seconds", seconds(seen.p50), "s");
  figures.add("delay_p99_seconds", seconds(seen.p99), "s");
  const std::string detail = fmt::format(
      "{} messages took {} at least, {} (p50) and {} (p99) over a link of {}, from due to the "
      "kernel's stamp.",
      seen.arrivals, in_words(seen.least), in_words(seen.p50), in_words(seen.p99),
      in_words(seen.asked));
  if (was_set(seen.pace.clock_step)) {
    return not_verified(set_in_words(seen.pace.clock_step), detail, std::move(figures));
  }
  if (seen.arrivals > 0 && seen.least < seen.asked - clock_error) {
    return failed(detail, std::move(figures));
  }
  if (seen.arrivals < fewest_arrivals) return too_few(seen.arrivals, detail, std::move(figures));
  if (seen.p50 - seen.pace.late_p50 <= seen.asked + most_delay_error) {
    return verified(detail, std::move(figures));
  }
  const std::string strain = strain_in_words(seen.strain, most_delay_error);
  if (!strain.empty()) return too_busy(strain, detail, std::move(figures));
  return if_it_repeats(failed(detail, std::move(figures)));
}

}  // namespace netduel
