#include "session/group_feedback.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/seconds.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// However few receivers there are.
constexpr std::chrono::nanoseconds shortest_interval = 500ms;
/// And however many: a sender that announces next to nothing still hears of its receivers.
constexpr std::chrono::nanoseconds longest_interval = 1h;
/// The last words of all receivers are spread over no more.
constexpr std::chrono::nanoseconds longest_spread = 3s;
/// So that what several receivers of a host send doesn't come in one burst.
constexpr std::chrono::nanoseconds shortest_spread = 5ms;
/// Of each datagram of the last word: then nobody is there to answer.
constexpr int most_tries = 4;
/// From each try to the next, which is that much later again.
constexpr std::chrono::nanoseconds patience = 250ms;
/// A part's number has 16 bits, and no sender lets a receiver use up that many.
constexpr std::size_t most_parts = 1024;

std::chrono::nanoseconds time_for(double octets, double octets_per_second) {
  const double limit = seconds(longest_interval);
  if (octets_per_second <= 0) return longest_interval;
  const double needed = std::min(octets / octets_per_second, limit);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(needed));
}

}  // namespace

GroupFeedback::GroupFeedback(const Reporter& reporter, const Endpoint& to, Deadline now)
    : reporter_(reporter),
      to_(to),
      random_(reporter.seed),
      last_(now),
      factor_(random_between(0.5, 1.5)) {}

double GroupFeedback::random_between(double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random_);
}

std::size_t GroupFeedback::ip_octets(std::size_t payload_octets) const {
  const bool v4 = to_.version() == IpVersion::v4;
  return (v4 ? ipv4_header_octets : ipv6_header_octets) + udp_header_octets + payload_octets;
}

/// By what the sender announced last (timer reconsideration, RFC 3550, section 6.3.6). It knows of
/// fewer receivers than there are until it has heard them all: those of this process know better.
std::chrono::nanoseconds GroupFeedback::interval(const GroupStream& stream) const {
  const auto& announced = stream.announcement();
  if (!announced) return longest_interval;
  const double known = std::max<double>(1, announced->receivers);
  const double here = static_cast<double>(std::max<std::size_t>(1, reporter_.companions));
  const double rate = announced->feedback_octets_per_second * std::min(1.0, known / here);
  const auto octets = static_cast<double>(ip_octets(group::report_octets(reporter_.name.size())));
  return std::max(shortest_interval, time_for(octets, rate));
}

Deadline GroupFeedback::due(const GroupStream& stream) const {
  if (!concluding_) {
    const auto wait = std::chrono::duration<double, std::nano>(interval(stream)) * factor_;
    return last_ + std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
  }
  Deadline due = Deadline::max();
  for (const Parcel& parcel : parcels_) {
    if (!parcel.over) due = std::min(due, parcel.due);
  }
  return due;
}

std::vector<std::byte> GroupFeedback::next(const GroupStream& stream,
                                           const GroupStream::Context& context, Deadline now) {
  if (due(stream) > now) return {};
  if (!concluding_) {
    last_ = now;
    factor_ = random_between(0.5, 1.5);
    ++sent_;
    return encode(report_of(stream, context, now));
  }
  for (Parcel& parcel : parcels_) {
    if (parcel.over || parcel.due > now) continue;
    // Who leaves waits for an answer to the first try and to the second.
    if (parcel.tries == (leaves_ ? 2 : most_tries)) {
      parcel.over = true;
      continue;
    }
    ++parcel.tries;
    if (parcel.of == group::Acknowledgement::Of::report) ++sent_;
    const auto wait = std::chrono::duration<double, std::nano>(patience) * parcel.tries *
                      random_between(0.9, 1.3);
    parcel.due = now + std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
    return parcel.octets;
  }
  return {};
}

group::ReceptionReport GroupFeedback::report_of(const GroupStream& stream,
                                                const GroupStream::Context& context, Deadline now) {
  group::ReceptionReport report = stream.reception(context, now);
  report.receiver = reporter_.id;
  report.number = ++number_;
  report.name = reporter_.name;
  report.leaves = leaves_;
  report.final = concluding_;
  return report;
}

/// What the sender leaves to each of its receivers is spent on a report and on as much detail as
/// fits, at a random time within what the announced rate allows.
void GroupFeedback::conclude(const GroupStream& stream, const GroupStream::Context& context,
                             bool leaves, Deadline now) {
  if (concluding_) return;
  concluding_ = true;
  leaves_ = leaves;
  const group::ReceptionReport report = report_of(stream, context, now);
  parcels_.push_back({.octets = encode(report),
                      .of = group::Acknowledgement::Of::report,
                      .number = report.number,
                      .due = now});
  const auto& closing = stream.closing();
  if (!closing) return;
  const std::size_t report_octets = ip_octets(parcels_.front().octets.size());
  if (closing->final_octets > report_octets) {
    add_details(stream, closing->final_octets - report_octets);
  }
  const double rate = closing->feedback_octets_per_second;
  double octets = 0;
  for (const Parcel& parcel : parcels_)
    octets += static_cast<double>(ip_octets(parcel.octets.size()));
  const std::chrono::nanoseconds all =
      std::clamp(time_for(octets, rate), shortest_spread, longest_spread);
  const double nanoseconds_for_an_octet = static_cast<double>(all.count()) / octets;
  // The report comes at any time of its own share, and each part its own share later.
  double at = random_between(0, 1) * static_cast<double>(report_octets);
  for (Parcel& parcel : parcels_) {
    parcel.due =
        now + std::chrono::nanoseconds(static_cast<std::int64_t>(at * nanoseconds_for_an_octet));
    at += static_cast<double>(ip_octets(parcel.octets.size()));
  }
}

void GroupFeedback::add_details(const GroupStream& stream, std::size_t budget) {
  const MissingRuns& missing = stream.missing();
  std::vector<group::Run> runs;
  runs.reserve(missing.runs().size());
  for (const auto& run : missing.runs()) runs.push_back({run.first, run.end});
  const std::uint64_t end = std::min(stream.end(), missing.complete_to());
  std::uint64_t from = stream.counted_from();
  std::span<const group::Run> left = runs;
  std::vector<group::LossDetail> parts;
  do {
    group::LossDetail part;
    part.stream = stream.id();
    part.receiver = reporter_.id;
    part.part = static_cast<std::uint16_t>(parts.size());
    // Where the budget ends before the runs do, the part ends earlier.
    for (std::size_t fit = group::runs_that_fit(left, from);; fit /= 2) {
      const auto here = left.first(fit);
      part.missing.assign(here.begin(), here.end());
      // What comes behind the last run, too, up to the next.
      part.range = {from, fit == left.size() ? end : left[fit].first};
      if (ip_octets(encode(part).size()) <= budget || fit == 0) break;
    }
    const std::size_t octets = ip_octets(encode(part).size());
    if (octets > budget || (part.missing.empty() && !left.empty())) break;
    budget -= octets;
    left = left.subspan(part.missing.size());
    from = part.range.end;
    parts.push_back(std::move(part));
  } while (!left.empty() && parts.size() < most_parts);
  for (group::LossDetail& part : parts) {
    part.parts = static_cast<std::uint16_t>(parts.size());
    parcels_.push_back({.octets = encode(part),
                        .of = group::Acknowledgement::Of::detail,
                        .number = part.part,
                        .due = {}});
  }
}

void GroupFeedback::acknowledge(const group::Acknowledgement& acknowledgement) {
  for (Parcel& parcel : parcels_) {
    if (parcel.of == acknowledgement.of && parcel.number == acknowledgement.number) {
      parcel.over = true;
    }
  }
}

bool GroupFeedback::finished() const {
  return concluding_ && std::ranges::all_of(parcels_, &Parcel::over);
}

}  // namespace netduel
