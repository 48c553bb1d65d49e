#include "session/receiver_register.hpp"

#include <algorithm>
#include <cmath>

#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

using Time = ReceiverRegister::Time;
using namespace std::chrono_literals;

// A receiver's interval is random, 0.5 to 1.5 of the mean (RFC 3550, section 6.3.1), so that four
// reports a second are the most. Twice that, and a handful at once after a stall, are believed.
constexpr double most_reports_a_second = 8;
constexpr double most_reports_at_once = 16;
/// A part of the loss detail, or the last report, is sent again when its acknowledgement is lost.
constexpr double tries_of_a_part = 4;
/// All may come at once, and soon others.
constexpr double most_newcomers_at_once = 1024;
constexpr double newcomers_a_second = 512;

// Three intervals without a report may be bad luck on a bad path, more are not.
constexpr double intervals_until_vanished = 4;
constexpr double longest_of_mean_interval = 1.5;
constexpr auto shortest_until_vanished = 3s;
/// After the last that a receiver said it may still have detail to send.
constexpr auto longest_until_detail = 1s;

/// What the last words of all take at least, and at most as long as their rate is bearable.
constexpr auto shortest_last_words = 20ms;
constexpr auto longest_last_words = 3s;
constexpr double last_words_octets_per_second = 2e6;
/// Of the share: what is sent again where something is lost.
constexpr double kept_for_repeats = 0.1;
constexpr double most_final_octets = 4 << 20;
/// Of a part with a run or two.
constexpr std::size_t shortest_detail = 64;

double in_seconds(Time time) {
  return std::chrono::duration<double>(time).count();
}

const std::size_t acknowledgement_octets = encode(group::Acknowledgement{}).size();

/// It is repeated until it is acknowledged.
bool is_last(const group::ReceptionReport& report) {
  return report.final || report.leaves;
}

/// What can only grow has not shrunk.
bool goes_on(const group::ReceptionReport& before, const group::ReceptionReport& after) {
  // A message that was overtaken may be the first of all, until there is one.
  const bool counts_alike = after.counted_from == before.counted_from ||
                            (before.unique == 0 && after.counted_from < before.counted_from);
  return counts_alike && !is_last(before) && after.next_expected >= before.next_expected &&
         after.unique >= before.unique && after.duplicates >= before.duplicates &&
         after.reordered >= before.reordered && after.stale >= before.stale &&
         after.corrupted >= before.corrupted && after.truncated >= before.truncated &&
         after.foreign >= before.foreign && after.joined_for >= before.joined_for &&
         after.knows_the_end >= before.knows_the_end;
}

/// Of the numbers below `end`. What counts from behind that has lost nothing yet.
std::uint64_t lost(const group::ReceptionReport& report, std::uint64_t end) {
  return end - std::min(end, report.counted_from + report.unique);
}

}  // namespace

bool ReceiverRegister::Bucket::take(double wanted, double a_second, double most, Time now) {
  left = std::min(most, left + a_second * in_seconds(std::max(Time{}, now - filled)));
  filled = std::max(filled, now);
  if (left < wanted) return false;
  left -= wanted;
  return true;
}

ReceiverRegister::ReceiverRegister(std::uint64_t stream, IpVersion version)
    : stream_(stream), version_(version), newcomers_{.left = most_newcomers_at_once} {}

std::size_t ReceiverRegister::ip_octets(std::size_t payload_octets) const {
  return payload_octets + udp_header_octets +
         (version_ == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets);
}

std::optional<group::Acknowledgement> ReceiverRegister::take(Bytes datagram, const Endpoint& source,
                                                             Time now, std::uint64_t sent_at_most) {
  const std::size_t octets = ip_octets(datagram.size());
  const auto report = group::decode_report(datagram);
  const auto detail = report ? std::nullopt : group::decode_detail(datagram);
  if (!report && !detail) {
    ++counts_.foreign;
    return std::nullopt;
  }
  if ((report ? report->stream : detail->stream) != stream_) {
    ++counts_.other_stream;
    return std::nullopt;
  }
  return report ? take_report(*report, octets, source, now, sent_at_most)
                : take_detail(*detail, octets, source, now);
}

void ReceiverRegister::count_acknowledgement() {
  ++counts_.acknowledged;
  counts_.octets += ip_octets(acknowledgement_octets);
}

std::optional<group::Acknowledgement> ReceiverRegister::take_report(
    const group::ReceptionReport& report, std::size_t octets, const Endpoint& source, Time now,
    std::uint64_t sent_at_most) {
  const auto known = index_of_.find(report.receiver);
  std::optional<std::size_t> index;
  if (known != index_of_.end()) {
    index = known->second;
    // By its own address first: what others send in its name must not use up what it may send.
    if (records_[*index].address != source) {
      ++counts_.contradictory;
      return std::nullopt;
    }
    if (!memories_[*index].reports.take(1, most_reports_a_second, most_reports_at_once, now)) {
      ++counts_.too_many;
      return std::nullopt;
    }
  }
  if (!fits_the_stream(report, sent_at_most)) {
    ++counts_.contradictory;
    return std::nullopt;
  }
  const group::Acknowledgement answer{.stream = stream_,
                                      .receiver = report.receiver,
                                      .of = group::Acknowledgement::Of::report,
                                      .number = report.number};
  if (index && report.number <= records_[*index].report.number) {
    const group::ReceptionReport& before = records_[*index].report;
    if (report.number == before.number && report != before) {
      ++counts_.contradictory;
      return std::nullopt;
    }
    ++counts_.repeated;
    counts_.octets += octets;
    return report == before && is_last(report) ? std::optional(answer) : std::nullopt;
  }
  if (index && !goes_on(records_[*index].report, report)) {
    ++counts_.contradictory;
    return std::nullopt;
  }
  if (!index) index = add(report, source, now);
  if (!index) {
    ++counts_.too_many;
    return std::nullopt;
  }
  remember(*index, report, now);
  ++counts_.reports;
  counts_.octets += octets;
  return is_last(report) ? std::optional(answer) : std::nullopt;
}

/// As far as the stream has come.
bool ReceiverRegister::fits_the_stream(const group::ReceptionReport& report,
                                       std::uint64_t sent_at_most) const {
  const std::uint64_t end = sent_.value_or(sent_at_most);
  if (report.next_expected > end || report.counted_from > end) return false;
  return sent_ || !report.knows_the_end;
}

std::optional<std::size_t> ReceiverRegister::add(const group::ReceptionReport& report,
                                                 const Endpoint& source, Time now) {
  if (records_.size() == most_receivers) return std::nullopt;
  if (!newcomers_.take(1, newcomers_a_second, most_newcomers_at_once, now)) return std::nullopt;
  const std::size_t index = records_.size();
  index_of_.emplace(report.receiver, index);
  records_.push_back({.id = report.receiver,
                      .address = source,
                      .report = {},
                      .first_heard = now,
                      .last_heard = now,
                      .history = {},
                      .missing = {}});
  Memory memory;
  memory.reports = {.left = most_reports_at_once - 1, .filled = now};
  memory.details = {.left = tries_of_a_part * most_detail_octets(), .filled = now};
  memories_.push_back(std::move(memory));
  return index;
}

void ReceiverRegister::remember(std::size_t index, const group::ReceptionReport& report, Time now) {
  ReceiverRecord& record = records_[index];
  record.report = report;
  record.last_heard = now;
  record.vanished = false;
  record.finished = report.final;
  record.left = report.leaves;
  record.came_late = report.counted_from > 0;
  Memory& memory = memories_[index];
  if (is_last(report)) put_together(index);
  if (++memory.points_left_out < memory.points_apart && !is_last(report)) return;
  memory.points_left_out = 0;
  record.history.push_back(
      {.heard = now, .next_expected = report.next_expected, .unique = report.unique});
  if (record.history.size() < most_points) return;
  std::size_t kept = 0;
  for (std::size_t i = 1; i < record.history.size(); i += 2) {
    record.history[kept++] = record.history[i];
  }
  record.history.resize(kept);
  memory.points_apart *= 2;
}

std::optional<group::Acknowledgement> ReceiverRegister::take_detail(const group::LossDetail& detail,
                                                                    std::size_t octets,
                                                                    const Endpoint& source,
                                                                    Time now) {
  const auto known = index_of_.find(detail.receiver);
  // Its last report comes first, and is sent until it is acknowledged: then this comes again.
  if (known == index_of_.end() || records_[known->second].address != source || !sent_ ||
      detail.range.end > *sent_) {
    ++counts_.contradictory;
    return std::nullopt;
  }
  const std::size_t index = known->second;
  Memory& memory = memories_[index];
  const double allowed = most_detail_octets();
  if (!memory.details.take(static_cast<double>(octets), allowed, tries_of_a_part * allowed, now)) {
    ++counts_.too_many;
    return std::nullopt;
  }
  const group::Acknowledgement answer{.stream = stream_,
                                      .receiver = detail.receiver,
                                      .of = group::Acknowledgement::Of::detail,
                                      .number = detail.part};
  Details& loss = memory.loss;
  const auto same = loss.by_part.find(detail.part);
  if (same != loss.by_part.end() && same->second == detail) {
    ++counts_.repeated;
    counts_.octets += octets;
    return answer;
  }
  if (same != loss.by_part.end() || (loss.parts != 0 && loss.parts != detail.parts) ||
      loss.put_together) {
    ++counts_.contradictory;
    return std::nullopt;
  }
  // Memory stays bounded, whatever is sent.
  if (loss.octets + octets > static_cast<std::uint64_t>(2 * allowed)) {
    ++counts_.too_many;
    return std::nullopt;
  }
  loss.octets += octets;
  loss.parts = detail.parts;
  loss.by_part.emplace(detail.part, detail);
  records_[index].last_heard = now;
  ++counts_.details;
  counts_.octets += octets;
  put_together(index);
  return answer;
}

/// Once all parts and the last report are there.
void ReceiverRegister::put_together(std::size_t index) {
  ReceiverRecord& record = records_[index];
  Details& loss = memories_[index].loss;
  if (loss.put_together || loss.parts == 0 || loss.by_part.size() < loss.parts ||
      !is_last(record.report)) {
    return;
  }
  loss.put_together = true;
  std::vector<MissingRuns::Run> missing;
  const std::uint64_t from = loss.by_part.begin()->second.range.first;
  std::uint64_t to = from;
  std::uint64_t sum = 0;
  for (const auto& [part, detail] : loss.by_part) {
    if (detail.range.first != to) {
      ++counts_.contradictory;
      return;
    }
    for (const group::Run& run : detail.missing) {
      sum += run.end - run.first;
      missing.push_back({run.first, run.end});
    }
    to = detail.range.end;
  }
  // The detail and the count that the same receiver gave have to agree.
  const std::uint64_t end = record.report.knows_the_end ? *sent_ : record.report.next_expected;
  const std::uint64_t all = lost(record.report, end);
  const bool agrees =
      from == record.report.counted_from && to <= end && (to == end ? sum == all : sum <= all);
  if (!agrees) {
    ++counts_.contradictory;
    return;
  }
  record.has_detail = true;
  record.missing = std::move(missing);
  record.detail_from = from;
  record.detail_to = to;
}

/// A part more than it was told, as a part is not cut.
double ReceiverRegister::most_detail_octets() const {
  return static_cast<double>(allowance_.octets) + static_cast<double>(ip_octets(0)) +
         static_cast<double>(group::largest_octets);
}

ReceiverRegister::Time ReceiverRegister::longest_silence(std::size_t octets) const {
  double mean = in_seconds(shortest_interval);
  if (announced_octets_per_second_ > 0) {
    mean = std::max(mean, static_cast<double>(octets) / announced_octets_per_second_);
  }
  const std::chrono::duration<double> longest(mean * longest_of_mean_interval *
                                              intervals_until_vanished);
  return std::max<Time>(shortest_until_vanished, std::chrono::duration_cast<Time>(longest));
}

void ReceiverRegister::look_at(Time now) {
  for (ReceiverRecord& record : records_) {
    if (record.finished || record.left) continue;
    const std::size_t octets = ip_octets(group::report_octets(record.report.name.size()));
    record.vanished = now - record.last_heard > longest_silence(octets);
  }
}

std::uint32_t ReceiverRegister::reporting() const {
  return static_cast<std::uint32_t>(std::ranges::count_if(
      records_, [](const ReceiverRecord& one) { return !one.left && !one.vanished; }));
}

/// A last report, and its acknowledgement.
double ReceiverRegister::last_words_octets() const {
  return static_cast<double>(ip_octets(group::report_octets(group::longest_name)) +
                             ip_octets(acknowledgement_octets));
}

std::uint32_t ReceiverRegister::octets_per_second(double stream_octets_per_second,
                                                  std::optional<Whole> whole) const {
  const double receivers = std::max<double>(1, reporting());
  double all = share_of_reports * stream_octets_per_second;
  if (whole && whole->left > Time{}) {
    const double room = largest_share * (1 - kept_for_repeats) * whole->octets -
                        static_cast<double>(counts_.octets) - receivers * last_words_octets();
    all = std::min(all, std::max(0.0, room) / in_seconds(whole->left));
  }
  return static_cast<std::uint32_t>(std::clamp(all / receivers, 1.0, 4e9));
}

bool ReceiverRegister::has_grown() const {
  return reporting() > announced_receivers_ + announced_receivers_ / 2;
}

void ReceiverRegister::announced(std::uint32_t receivers, std::uint32_t octets_per_second) {
  announced_receivers_ = receivers;
  announced_octets_per_second_ = octets_per_second;
}

ReceiverRegister::Allowance ReceiverRegister::close(std::uint64_t sent, std::uint64_t stream_octets,
                                                    Time now) {
  sent_ = sent;
  counts_.stream_octets = stream_octets;
  const double receivers = std::max<double>(1, reporting());
  const auto answer = static_cast<double>(ip_octets(acknowledgement_octets));
  const auto last_report =
      static_cast<double>(ip_octets(group::report_octets(group::longest_name)));
  const double whole = largest_share * (1 - kept_for_repeats) * static_cast<double>(stream_octets) -
                       static_cast<double>(counts_.octets);
  const double each = std::max(0.0, whole / receivers);
  // Each full part is answered, as the report is.
  double detail = std::clamp(each - last_report - answer, 0.0, most_final_octets);
  detail -= answer * std::ceil(detail / static_cast<double>(group::largest_octets));
  const double octets = last_report + std::max(0.0, detail);
  const double takes = std::clamp(octets * receivers / last_words_octets_per_second,
                                  in_seconds(shortest_last_words), in_seconds(longest_last_words));
  allowance_ = {.octets = static_cast<std::uint32_t>(octets),
                .octets_per_second = static_cast<std::uint32_t>(octets / takes),
                .takes = std::chrono::duration_cast<Time>(std::chrono::duration<double>(takes))};
  may_have_detail_ = octets > last_report + static_cast<double>(ip_octets(shortest_detail));
  for (Memory& memory : memories_) {
    memory.details = {.left = tries_of_a_part * most_detail_octets(), .filled = now};
  }
  return allowance_;
}

bool ReceiverRegister::waits_for_someone(Time now) const {
  return std::ranges::any_of(records_, [&](const ReceiverRecord& one) {
    if (one.left || one.vanished) return false;
    if (!one.finished) return true;
    const std::uint64_t end = one.report.knows_the_end && sent_ ? *sent_ : one.report.next_expected;
    return may_have_detail_ && lost(one.report, end) > 0 && !one.has_detail &&
           now - one.last_heard < longest_until_detail + allowance_.takes;
  });
}

void ReceiverRegister::finish() {
  for (std::size_t i = 0; i < records_.size(); ++i) {
    ReceiverRecord& one = records_[i];
    one.vanished = !one.finished && !one.left;
    memories_[i].loss = {};
  }
}

}  // namespace netduel
