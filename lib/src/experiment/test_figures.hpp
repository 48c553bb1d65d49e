#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "session/test_record.hpp"

namespace netduel {

// What is known of the streams of a test from both ends' words. Pure. `stream` is an index of
// `record.streams`.

/// Both ends of a stream when it was over; absent where nobody has told.
struct TestFigures {
  bool sends = false;  ///< this end
  std::optional<std::uint64_t> sent_octets;
  std::optional<std::uint64_t> received_octets;
  double sender_seconds = 0;
  double receiver_seconds = 0;
  /// TCP's segments sent again, without those of the omitted time where this end sent.
  std::optional<std::uint64_t> retransmits;
  // Of UDP, without the omitted time as far as the ends can tell it apart.
  std::optional<std::uint64_t> sent_packets;
  /// Those that came and those that were lost.
  std::optional<std::uint64_t> packets;
  std::optional<std::uint64_t> lost;
  std::optional<std::uint64_t> out_of_order;
  std::optional<double> jitter_seconds;
};
TestFigures figures_of(const TestRecord& record, std::size_t stream);

/// The full report of that end, ours or a netduel peer's; nullptr where there is none. Valid as
/// long as the record.
const SenderReport* sender_report(const TestRecord& record, std::size_t stream);
const ReceiverReport* receiver_report(const TestRecord& record, std::size_t stream);

/// Whether the peer is netduel, as far as it has been told.
bool is_peer_netduel(const TestRecord& record);
/// Whether a stream goes from the client to the server.
bool is_from_client(const TestRecord& record, std::size_t stream);

/// The streams that iperf3 sums up together: in a test of both directions those from the client are
/// the first and the others the reverse. One of them may be empty.
struct Directions {
  std::vector<std::size_t> first;
  std::vector<std::size_t> reverse;
};
Directions directions(const TestRecord& record);

}  // namespace netduel
