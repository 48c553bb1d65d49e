#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/time.hpp"

namespace netduel::group {

// What is said beside the messages of a stream to many receivers (docs/multicast.md), as there is
// no control connection. A sender has two sockets: one for the messages, and one from which it
// announces and closes the stream and to which the receivers' reports come, each in a datagram of
// its own. All numbers are in network byte order; the first eight octets are `magic`, the last four
// the CRC32C of all before them. Pure.

/// Nothing that a probe begins with but by chance: its check would have to be "nd".
inline constexpr char magic[] = {'n', 'd', 'g', 'r', 'o', 'u', 'p', '1'};

/// What a datagram carries at most, so that none is ever cut on the way.
inline constexpr std::size_t largest_octets = 1200;

/// Sent before, between and after the messages of a stream, again and again: a receiver may come at
/// any time.
struct Announcement {
  /// Random, so that only who hears the group can answer.
  std::uint64_t stream = 0;
  /// Where the messages come from: this port, and the address that this came from.
  std::uint16_t data_port = 0;
  std::uint32_t message_octets = 0;
  /// Messages are filled as wire/integrity has it, with this seed.
  bool verified = false;
  std::uint64_t pattern_seed = 0;
  /// 0: as fast as they go.
  double messages_per_second = 0;
  /// How long messages are due; 0: until someone ends it.
  std::chrono::nanoseconds time{};
  /// When the first one is due, by the sender's clock.
  WallTime begins = {};
  /// All numbers below have left.
  std::uint64_t sent = 0;
  /// False: pure one-way.
  bool wants_reports = true;
  /// What each receiver's reports may take, IP headers included.
  std::uint32_t feedback_octets_per_second = 0;
  /// How many receivers the sender has heard of.
  std::uint32_t receivers = 0;

  friend bool operator==(const Announcement&, const Announcement&) = default;
};

/// The true totals, told several times once the last message has left.
struct Closing {
  std::uint64_t stream = 0;
  std::uint16_t data_port = 0;
  std::uint64_t skipped = 0;
  std::uint64_t offered = 0;
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;  ///< messages, numbered from 0
  /// From the first message's due time to the return of the last send.
  std::chrono::nanoseconds sending{};
  /// How many octets of report and loss detail each receiver may still send, IP headers included,
  /// and how fast.
  std::uint32_t final_octets = 0;
  std::uint32_t feedback_octets_per_second = 0;
  bool interrupted = false;

  friend bool operator==(const Closing&, const Closing&) = default;
};

/// In the manner of RTCP's receiver report (RFC 3550, section 6.4.2), with totals since the
/// receiver came: a lost report loses nothing.
struct ReceptionReport {
  std::uint64_t stream = 0;
  std::uint64_t receiver = 0;  ///< random
  std::uint32_t number = 0;    ///< 1, 2, ...
  /// No later one will tell more.
  bool final = false;
  /// The receiver ends before the stream does.
  bool leaves = false;
  /// How many the stream holds is known from its closing, so loss at its end is told.
  bool knows_the_end = false;
  /// For people: a host's name, at most `longest_name` octets.
  std::string name = {};
  /// Numbers from here on count; it had not joined before.
  std::uint64_t counted_from = 0;
  std::uint64_t next_expected = 0;  ///< one more than the largest that came
  std::uint64_t unique = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::uint64_t stale = 0;
  std::uint64_t foreign = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t truncated = 0;
  /// Dropped in the receiver's socket buffer, at least and at most; absent where it can't tell.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> lost_in_host = {};
  /// From joining to the first message; absent when none has come or it joined before the stream
  /// began.
  std::optional<std::chrono::nanoseconds> join_latency = {};
  /// RFC 3550, section 6.4.1.
  std::optional<std::chrono::nanoseconds> jitter = {};
  /// 99 % of the delays less the smallest (RFC 5481, section 4.2).
  std::optional<std::chrono::nanoseconds> delay_variation_p99 = {};
  /// What was left of the TTL or hop limit of messages.
  std::optional<std::uint8_t> hop_limit = {};
  /// Since it joined.
  std::chrono::nanoseconds joined_for{};

  friend bool operator==(const ReceptionReport&, const ReceptionReport&) = default;
};
inline constexpr std::size_t longest_name = 32;

/// Numbers from `first` to the one before `end`.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  friend bool operator==(const Run&, const Run&) = default;
};

/// Which messages of a range never came, in the manner of RTCP's Loss RLE report block (RFC 3611,
/// section 4.1). Sent after the final report, in parts.
struct LossDetail {
  std::uint64_t stream = 0;
  std::uint64_t receiver = 0;
  std::uint16_t part = 0;  ///< 0, 1, ...
  std::uint16_t parts = 0;
  Run range;
  /// In order and apart, within the range.
  std::vector<Run> missing = {};

  friend bool operator==(const LossDetail&, const LossDetail&) = default;
};

/// Tells a receiver that a report or a part of its loss detail has come: it need not be repeated.
struct Acknowledgement {
  std::uint64_t stream = 0;
  std::uint64_t receiver = 0;
  enum class Of : std::uint8_t { report = 1, detail = 2 };
  Of of = Of::report;
  std::uint32_t number = 0;  ///< of the report, or of the part

  friend bool operator==(const Acknowledgement&, const Acknowledgement&) = default;
};

std::vector<std::byte> encode(const Announcement& announcement);
std::vector<std::byte> encode(const Closing& closing);
/// The name is cut where it is too long.
std::vector<std::byte> encode(const ReceptionReport& report);
/// At most `largest_octets` of it are used: how many of `missing` fit is `runs_that_fit`.
std::vector<std::byte> encode(const LossDetail& detail);
std::vector<std::byte> encode(const Acknowledgement& acknowledgement);

/// How many of the runs, from the first, a part that begins at `from` has room for.
std::size_t runs_that_fit(std::span<const Run> missing, std::uint64_t from);

/// Octets of an encoded report with a name of so many.
std::size_t report_octets(std::size_t name_octets);

// nullopt for anything else, anything that was changed on the way, and what contradicts itself.

/// Whether a datagram begins as all of these do.
bool is_group_message(Bytes datagram);
std::optional<Announcement> decode_announcement(Bytes datagram);
std::optional<Closing> decode_closing(Bytes datagram);
std::optional<ReceptionReport> decode_report(Bytes datagram);
std::optional<LossDetail> decode_detail(Bytes datagram);
std::optional<Acknowledgement> decode_acknowledgement(Bytes datagram);

}  // namespace netduel::group
