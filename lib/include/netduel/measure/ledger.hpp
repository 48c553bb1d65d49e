#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/base/report.hpp"
#include "netduel/measure/drop_gaps.hpp"

namespace netduel {

/// What the sending end counted, in messages. `super_packets` tells what one drop in the receiver's
/// socket can have held: with the receiving host's own UDP_GRO between two hosts that is not what
/// the sender handed over, but 1 to the most that the receiver's kernel joins.
struct SenderCounts {
  /// Due, but never offered to the transport: this end stalled for too long, or the run ended
  /// first.
  std::uint64_t skipped = 0;
  std::uint64_t offered = 0;
  /// Turned away by the local stack: a full queueing discipline, no route, a rejected datagram.
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;
  SuperPacketSize super_packets{};
};

/// What the receiving end counted, in messages.
struct ReceiverCounts {
  std::uint64_t unique = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::uint64_t stale = 0;
  /// From another source, or not a message of this stream.
  std::uint64_t foreign = 0;
  /// From the right source, with content that this stream can't have sent.
  std::uint64_t corrupted = 0;
  std::uint64_t truncated = 0;
  /// One more than the largest sequence number seen, counted from the stream's first number (so
  /// that it never exceeds what was sent, wherever numbering starts); 0 when nothing came.
  std::uint64_t next_expected = 0;
  DropGaps drop_gaps{};
  /// Whether the platform counts the socket's drops at all.
  bool drops_known = false;
};

/// How much the receiving host's counters rose during the trial; absent where unreadable. They are
/// the whole network namespace's, so they bound what one socket lost and don't equal it.
struct HostCounters {
  /// RcvbufErrors + MemErrors, of this IP version.
  std::optional<std::uint64_t> receive_buffer_errors{};
  /// UDP's InCsumErrors of this IP version, or TCP's.
  std::optional<std::uint64_t> checksum_errors{};
  /// Dropped before the protocol saw them.
  std::optional<std::uint64_t> softnet_drops{};
};

/// What else has a say in how a ledger closes.
struct LedgerContext {
  HostCounters host{};
  /// Both ends in this host: nothing can be lost elsewhere.
  bool loopback = false;
  /// The transport guarantees delivery, order and no duplicates (TCP, RFC 9293 section 3.4).
  bool guaranteed_by_service = false;
  /// The run was cut before the stream had been read to its end.
  bool cut = false;
  /// So many of the socket's drops may have been others' datagrams, and no messages of this stream.
  std::uint64_t others_dropped_at_most = 0;
  static constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
};

/// One statement about the ledger that could have turned out false.
struct Check {
  std::string name{};
  bool passed = true;
  std::string detail{};
};

/// Where every message that was offered ended up:
/// offered = refused + sent, sent = delivered + lost_in_host + lost_elsewhere; of a service that
/// guarantees, sent = delivered + corrupted + unacknowledged.
/// Counts are of unique messages. Absent fields are guaranteed by the service, not measured zeros.
struct NETDUEL_EXPORT Ledger {
  std::uint64_t skipped = 0;
  std::uint64_t offered = 0;
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::optional<Bounds> lost_in_host{};
  std::optional<Bounds> lost_elsewhere{};
  std::optional<std::uint64_t> reordered{};
  std::optional<std::uint64_t> duplicates{};
  std::uint64_t foreign = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t truncated = 0;
  /// Accepted by a guaranteeing transport but not read by the receiver when the run was cut.
  std::uint64_t unacknowledged = 0;
  bool guaranteed_by_service = false;
  std::vector<Check> checks{};

  /// Whether both sums hold, as far as the bounds tell, and every check passed.
  bool balanced() const;
};

/// The one place that closes a ledger, from what the two ends counted. Pure.
NETDUEL_EXPORT Ledger close_ledger(const SenderCounts& sender, const ReceiverCounts& receiver,
                                   const LedgerContext& context);

/// What an emulated link says it did to the messages of one stream, each of which was one packet.
struct LinkFigures {
  /// Lost, dropped as its queue was full, dropped as it was down; copies of duplicates included.
  std::uint64_t dropped = 0;
  /// Of these, what may have been copies only.
  std::uint64_t dropped_copies_at_most = 0;
  /// Delivered, but perhaps with a wrong checksum; still in the link; lost by the emulation itself.
  std::uint64_t undelivered_at_most = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t corrupted = 0;
};

/// Adds the checks of a ledger against the truth of the link that its messages crossed. Those that
/// could not be decided are left out: counts of duplicates and reordering where some message may
/// have been lost behind the link's accounts.
NETDUEL_EXPORT void check_against_link(Ledger& ledger, const LinkFigures& link);

/// The sum over trials; a check passes when it passed in each, and its detail is the first
/// failure's.
NETDUEL_EXPORT Ledger sum(std::span<const Ledger> ledgers);

/// Rows: `ledger.{skipped,offered,refused,sent,delivered,lost_in_host.{low,high},
/// lost_elsewhere.{low,high},reordered,duplicates,foreign,corrupted,truncated,unacknowledged,
/// guaranteed_by_service,checks[n].{name,passed,detail}}`. What the service guarantees is absent as
/// one row (`lost_in_host`), and `unacknowledged` is absent where it doesn't; `checks` is an empty
/// list when there are none.
NETDUEL_EXPORT void describe(const Ledger& ledger, Report& report);

}  // namespace netduel
