#include "wire/group_messages.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <type_traits>

#include "wire/integrity.hpp"

namespace netduel::group {
namespace {

enum class Kind : std::uint8_t {
  announcement = 1,
  closing = 2,
  report = 3,
  detail = 4,
  acknowledgement = 5
};

/// No network carries as many.
constexpr double most_a_second = 1e12;
constexpr std::uint8_t absent = 0;
constexpr std::uint8_t present = 1;

class Writer {
 public:
  explicit Writer(Kind kind) {
    for (const char letter : magic) octets_.push_back(static_cast<std::byte>(letter));
    put(static_cast<std::uint8_t>(kind));
  }

  template <class Number>
  void put(Number number) {
    static_assert(std::is_unsigned_v<Number>);
    for (std::size_t i = sizeof(Number); i-- > 0;) {
      octets_.push_back(static_cast<std::byte>(number >> (8 * i) & 0xff));
    }
  }
  void put(bool yes) { put(static_cast<std::uint8_t>(yes)); }
  void put(double number) { put(std::bit_cast<std::uint64_t>(number)); }
  void put(std::chrono::nanoseconds time) { put(static_cast<std::uint64_t>(time.count())); }
  /// LEB128: seven bits an octet, the lowest first.
  void put_short(std::uint64_t number) {
    while (number >= 0x80) {
      put(static_cast<std::uint8_t>(number | 0x80));
      number >>= 7;
    }
    put(static_cast<std::uint8_t>(number));
  }
  /// Small ones of either sign are short (zigzag).
  void put_short(std::chrono::nanoseconds time) {
    const std::int64_t count = time.count();
    put_short(static_cast<std::uint64_t>(count) << 1 ^ static_cast<std::uint64_t>(count >> 63));
  }
  void put_short(const std::optional<std::chrono::nanoseconds>& time) {
    put(time ? present : absent);
    if (time) put_short(*time);
  }
  void put(std::string_view text) {
    put(static_cast<std::uint8_t>(text.size()));
    for (const char letter : text) octets_.push_back(static_cast<std::byte>(letter));
  }

  std::vector<std::byte> finish() {
    put(crc32c(octets_));
    return std::move(octets_);
  }

 private:
  std::vector<std::byte> octets_;
};

/// What is not there reads as 0, and spoils the whole.
class Reader {
 public:
  Reader(Bytes datagram, Kind kind) {
    if (!is_group_message(datagram) || datagram.size() > largest_octets) return;
    left_ = datagram.first(datagram.size() - crc_octets);
    const Bytes covered = left_;
    left_ = left_.subspan(sizeof magic);
    good_ = take<std::uint8_t>() == static_cast<std::uint8_t>(kind);
    Bytes crc = datagram.last(crc_octets);
    std::swap(left_, crc);
    good_ = take<std::uint32_t>() == crc32c(covered) && good_;
    left_ = crc;
  }

  template <class Number>
  Number take() {
    static_assert(std::is_unsigned_v<Number>);
    if (left_.size() < sizeof(Number)) {
      good_ = false;
      return 0;
    }
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
      number = static_cast<Number>(static_cast<std::uint64_t>(number) << 8 |
                                   std::to_integer<std::uint8_t>(left_[i]));
    }
    left_ = left_.subspan(sizeof(Number));
    return number;
  }
  template <class Number>
  void take(Number& into) {
    into = take<Number>();
  }
  void take(bool& into) {
    const auto octet = take<std::uint8_t>();
    good_ = good_ && octet <= 1;
    into = octet == 1;
  }
  void take(double& into) { into = std::bit_cast<double>(take<std::uint64_t>()); }
  void take(std::chrono::nanoseconds& into) {
    into = std::chrono::nanoseconds(static_cast<std::int64_t>(take<std::uint64_t>()));
  }
  std::uint64_t take_short() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto octet = take<std::uint8_t>();
      number |= std::uint64_t{octet & 0x7fU} << shift;
      if (octet < 0x80) {
        // Bits beyond the 64th.
        if (shift == 63 && octet > 1) good_ = false;
        return number;
      }
    }
    good_ = false;
    return 0;
  }
  void take_short(std::uint64_t& into) { into = take_short(); }
  void take_short(std::chrono::nanoseconds& into) {
    const std::uint64_t zigzag = take_short();
    into = std::chrono::nanoseconds(static_cast<std::int64_t>(zigzag >> 1 ^ -(zigzag & 1)));
  }
  void take_short(std::optional<std::chrono::nanoseconds>& into) {
    bool there = false;
    take(there);
    if (there) take_short(into.emplace());
  }
  void take(std::string& into) {
    const std::size_t octets = take<std::uint8_t>();
    if (octets > left_.size()) {
      good_ = false;
      return;
    }
    into.resize(octets);
    std::transform(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(octets), into.begin(),
                   [](std::byte octet) { return static_cast<char>(octet); });
    left_ = left_.subspan(octets);
  }

  void require(bool holds) { good_ = good_ && holds; }
  bool good() const { return good_; }
  /// All was there, was right, and nothing is left over.
  bool finished() const { return good_ && left_.empty(); }

 private:
  Bytes left_;
  bool good_ = false;
};

template <class Message>
std::optional<Message> if_finished(const Reader& reader, Message message) {
  return reader.finished() ? std::optional(std::move(message)) : std::nullopt;
}

std::size_t short_octets(std::uint64_t number) {
  return std::max<std::size_t>(1, (static_cast<std::size_t>(std::bit_width(number)) + 6) / 7);
}

constexpr std::size_t detail_octets_without_runs =
    sizeof magic + 1 + 8 + 8 + 2 + 2 + 8 + 8 + 2 + crc_octets;

}  // namespace

std::vector<std::byte> encode(const Announcement& announcement) {
  Writer to(Kind::announcement);
  to.put(announcement.stream);
  to.put(announcement.data_port);
  to.put(announcement.message_octets);
  to.put(announcement.verified);
  to.put(announcement.pattern_seed);
  to.put(announcement.messages_per_second);
  to.put(announcement.time);
  to.put(announcement.begins.time_since_epoch());
  to.put(announcement.sent);
  to.put(announcement.wants_reports);
  to.put(announcement.feedback_octets_per_second);
  to.put(announcement.receivers);
  return to.finish();
}

std::optional<Announcement> decode_announcement(Bytes datagram) {
  Reader from(datagram, Kind::announcement);
  Announcement read;
  from.take(read.stream);
  from.take(read.data_port);
  from.take(read.message_octets);
  from.take(read.verified);
  from.take(read.pattern_seed);
  from.take(read.messages_per_second);
  from.take(read.time);
  std::chrono::nanoseconds begins{};
  from.take(begins);
  read.begins = WallTime(begins);
  from.take(read.sent);
  from.take(read.wants_reports);
  from.take(read.feedback_octets_per_second);
  from.take(read.receivers);
  from.require(read.messages_per_second >= 0 && read.messages_per_second <= most_a_second);
  from.require(read.time.count() >= 0);
  from.require(read.message_octets >= Probe::octets && read.data_port != 0);
  return if_finished(from, read);
}

std::vector<std::byte> encode(const Closing& closing) {
  Writer to(Kind::closing);
  to.put(closing.stream);
  to.put(closing.data_port);
  to.put(closing.skipped);
  to.put(closing.offered);
  to.put(closing.refused);
  to.put(closing.sent);
  to.put(closing.sending);
  to.put(closing.final_octets);
  to.put(closing.feedback_octets_per_second);
  to.put(closing.interrupted);
  return to.finish();
}

std::optional<Closing> decode_closing(Bytes datagram) {
  Reader from(datagram, Kind::closing);
  Closing read;
  from.take(read.stream);
  from.take(read.data_port);
  from.take(read.skipped);
  from.take(read.offered);
  from.take(read.refused);
  from.take(read.sent);
  from.take(read.sending);
  from.take(read.final_octets);
  from.take(read.feedback_octets_per_second);
  from.take(read.interrupted);
  from.require(read.refused <= read.offered && read.sent == read.offered - read.refused);
  from.require(read.data_port != 0);
  return if_finished(from, read);
}

std::vector<std::byte> encode(const ReceptionReport& report) {
  Writer to(Kind::report);
  to.put(report.stream);
  to.put(report.receiver);
  to.put_short(report.number);
  to.put(report.final);
  to.put(report.leaves);
  to.put(report.knows_the_end);
  to.put(std::string_view(report.name).substr(0, longest_name));
  for (const std::uint64_t count :
       {report.counted_from, report.next_expected, report.unique, report.duplicates,
        report.reordered, report.stale, report.foreign, report.corrupted, report.truncated}) {
    to.put_short(count);
  }
  to.put(report.lost_in_host ? present : absent);
  if (report.lost_in_host) {
    to.put_short(report.lost_in_host->first);
    to.put_short(report.lost_in_host->second);
  }
  to.put_short(report.join_latency);
  to.put_short(report.jitter);
  to.put_short(report.delay_variation_p99);
  to.put(report.hop_limit ? present : absent);
  if (report.hop_limit) to.put(*report.hop_limit);
  to.put_short(report.joined_for);
  return to.finish();
}

std::size_t report_octets(std::size_t name_octets) {
  // Of a stream as long as most are at most.
  static const ReceptionReport usual{
      .number = 100,
      .counted_from = 1,
      .next_expected = 2'000'000,
      .unique = 2'000'000,
      .duplicates = 100,
      .reordered = 100,
      .stale = 1,
      .foreign = 1,
      .corrupted = 1,
      .truncated = 1,
      .lost_in_host = std::pair<std::uint64_t, std::uint64_t>(10'000, 10'000),
      .join_latency = std::chrono::milliseconds(10),
      .jitter = std::chrono::milliseconds(10),
      .delay_variation_p99 = std::chrono::milliseconds(10),
      .hop_limit = 1,
      .joined_for = std::chrono::minutes(1)};
  static const std::size_t without_name = encode(usual).size();
  return without_name + std::min(name_octets, longest_name);
}

std::optional<ReceptionReport> decode_report(Bytes datagram) {
  Reader from(datagram, Kind::report);
  ReceptionReport read;
  from.take(read.stream);
  from.take(read.receiver);
  const std::uint64_t number = from.take_short();
  from.require(number > 0 && number <= UINT32_MAX);
  read.number = static_cast<std::uint32_t>(number);
  from.take(read.final);
  from.take(read.leaves);
  from.take(read.knows_the_end);
  from.take(read.name);
  for (std::uint64_t* count :
       {&read.counted_from, &read.next_expected, &read.unique, &read.duplicates, &read.reordered,
        &read.stale, &read.foreign, &read.corrupted, &read.truncated}) {
    from.take_short(*count);
  }
  bool there = false;
  from.take(there);
  if (there) {
    auto& bounds = read.lost_in_host.emplace();
    from.take_short(bounds.first);
    from.take_short(bounds.second);
    from.require(bounds.first <= bounds.second);
  }
  from.take_short(read.join_latency);
  from.take_short(read.jitter);
  from.take_short(read.delay_variation_p99);
  from.take(there);
  if (there) from.take(read.hop_limit.emplace());
  from.take_short(read.joined_for);
  from.require(read.name.size() <= longest_name && read.joined_for.count() >= 0);
  from.require(read.counted_from <= read.next_expected || read.unique == 0);
  from.require(read.unique == 0 || read.unique <= read.next_expected - read.counted_from);
  return if_finished(from, std::move(read));
}

std::size_t runs_that_fit(std::span<const Run> missing, std::uint64_t from) {
  std::size_t octets = detail_octets_without_runs;
  std::size_t fit = 0;
  for (const Run& run : missing) {
    octets += short_octets(run.first - from) + short_octets(run.end - run.first);
    if (octets > largest_octets) break;
    from = run.end;
    ++fit;
  }
  return fit;
}

std::vector<std::byte> encode(const LossDetail& detail) {
  assert(runs_that_fit(detail.missing, detail.range.first) == detail.missing.size());
  Writer to(Kind::detail);
  to.put(detail.stream);
  to.put(detail.receiver);
  to.put(detail.part);
  to.put(detail.parts);
  to.put(detail.range.first);
  to.put(detail.range.end);
  to.put(static_cast<std::uint16_t>(detail.missing.size()));
  std::uint64_t at = detail.range.first;
  for (const Run& run : detail.missing) {
    to.put_short(run.first - at);
    to.put_short(run.end - run.first);
    at = run.end;
  }
  return to.finish();
}

std::optional<LossDetail> decode_detail(Bytes datagram) {
  Reader from(datagram, Kind::detail);
  LossDetail read;
  from.take(read.stream);
  from.take(read.receiver);
  from.take(read.part);
  from.take(read.parts);
  from.take(read.range.first);
  from.take(read.range.end);
  from.require(read.part < read.parts && read.range.first <= read.range.end);
  const std::size_t runs = from.take<std::uint16_t>();
  std::uint64_t at = read.range.first;
  for (std::size_t i = 0; i < runs && from.good(); ++i) {
    const std::uint64_t gap = from.take_short();
    const std::uint64_t length = from.take_short();
    from.require(gap <= read.range.end - at && length > 0 && (gap > 0 || i == 0));
    if (!from.good()) break;
    from.require(length <= read.range.end - at - gap);
    if (!from.good()) break;
    read.missing.push_back({at + gap, at + gap + length});
    at += gap + length;
  }
  return if_finished(from, std::move(read));
}

std::vector<std::byte> encode(const Acknowledgement& acknowledgement) {
  Writer to(Kind::acknowledgement);
  to.put(acknowledgement.stream);
  to.put(acknowledgement.receiver);
  to.put(static_cast<std::uint8_t>(acknowledgement.of));
  to.put(acknowledgement.number);
  return to.finish();
}

std::optional<Acknowledgement> decode_acknowledgement(Bytes datagram) {
  Reader from(datagram, Kind::acknowledgement);
  Acknowledgement read;
  from.take(read.stream);
  from.take(read.receiver);
  const auto of = from.take<std::uint8_t>();
  from.require(of == 1 || of == 2);
  read.of = static_cast<Acknowledgement::Of>(of);
  from.take(read.number);
  return if_finished(from, read);
}

bool is_group_message(Bytes datagram) {
  return datagram.size() > sizeof magic + crc_octets &&
         std::memcmp(datagram.data(), magic, sizeof magic) == 0;
}

}  // namespace netduel::group
