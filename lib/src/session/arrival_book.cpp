#include "session/arrival_book.hpp"

#include <chrono>

namespace netduel {
namespace {

/// A number this far ahead of all others, or a send time this far from the clock, is no loss or
/// delay that a trial can have: the content is damaged.
constexpr std::uint64_t furthest_jump = std::uint64_t{1} << 32;
constexpr auto furthest_time = std::chrono::minutes(10);

}  // namespace

ArrivalBook::ArrivalBook(const Options& options)
    : options_(options), content_(options.pattern_seed), window_(0, options.window_span) {
  if (options.verify) report_.integrity.emplace();
}

std::optional<Placement> ArrivalBook::observe(const Received& received, const Probe& header,
                                              std::uint64_t number, std::uint32_t queue_drops) {
  if (options_.verify) {
    if (const auto damage = content_.damage_to(received.payload)) {
      count_corrupted(*damage);
      return std::nullopt;
    }
  }
  if (!is_timely(received.read_at - header.sent) ||
      number >= window_.next_expected() + furthest_jump) {
    count_corrupted(Damage::other);
    return std::nullopt;
  }
  if (report_.integrity) ++report_.integrity->verified;
  const Arrival arrival{.sequence = number,
                        .octets = static_cast<std::uint32_t>(received.payload.size()),
                        .sent = header.sent,
                        .arrived = received.arrived,
                        .read_at = received.read_at};
  const Placement placement = window_.place(number);
  report_.octets += arrival.octets;
  report_.meter.observe(arrival, placement);
  report_.counts.drop_gaps.observe(placement, queue_drops);
  if (report_.arrivals.size() < options_.logged_arrivals) {
    report_.arrivals.push_back(arrival);
  } else {
    report_.has_all_arrivals = false;
  }
  ++(received.stamped_by == StampedBy::kernel ? report_.stamped_by_kernel
                                              : report_.stamped_by_application);
  return placement;
}

void ArrivalBook::verify(std::uint64_t pattern_seed) {
  options_.verify = true;
  content_ = ContentCheck(pattern_seed);
  report_.integrity.emplace();
}

void ArrivalBook::count_corrupted(Bytes payload) {
  count_corrupted(options_.verify ? content_.damage_to(payload).value_or(Damage::other)
                                  : Damage::other);
}

void ArrivalBook::count_corrupted(Damage damage) {
  ++report_.counts.corrupted;
  if (!report_.integrity) return;
  switch (damage) {
    case Damage::bits_flipped:
      ++report_.integrity->bits_flipped;
      break;
    case Damage::words_swapped:
      ++report_.integrity->words_swapped;
      break;
    case Damage::other:
      ++report_.integrity->other;
      break;
  }
}

/// Where nobody could compare them the other end's clock may be anywhere, but stays there.
bool ArrivalBook::is_timely(std::chrono::nanoseconds delay) {
  if (!options_.checks_times) return true;
  if (!usual_delay_) usual_delay_ = std::chrono::abs(delay) < furthest_time ? delay.zero() : delay;
  return std::chrono::abs(delay - *usual_delay_) < furthest_time;
}

LiveFigures ArrivalBook::figures() const {
  const auto& meter = report_.meter;
  LiveFigures now{.octets = report_.octets,
                  .messages = meter.get<Loss>().unique(),
                  .lost = meter.get<Loss>().lost_at_least(),
                  .reordered = meter.get<Reordering>().reordered(),
                  .duplicates = meter.get<Duplication>().duplicates()};
  if (const auto jitter = meter.get<DelayVariation>().jitter_rfc3550()) {
    now.jitter = std::chrono::duration_cast<std::chrono::nanoseconds>(*jitter);
  }
  return now;
}

void ArrivalBook::close(ReceiverReport& report, std::uint64_t final_count,
                        std::optional<std::uint64_t> queue_drops) const {
  report.stream_messages = final_count;
  report.meter.finish(final_count);
  ReceiverCounts& counts = report.counts;
  counts.unique = report.meter.get<Loss>().unique();
  counts.stale = report.meter.get<Loss>().stale();
  counts.reordered = report.meter.get<Reordering>().reordered();
  counts.duplicates = report.meter.get<Duplication>().duplicates();
  counts.next_expected = window_.next_expected();
  counts.drops_known = queue_drops.has_value();
  const std::uint64_t seen_to = window_.next_expected();
  counts.drop_gaps.close(final_count > seen_to ? final_count - seen_to : 0, queue_drops);
}

}  // namespace netduel
