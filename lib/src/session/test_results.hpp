#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "session/ends.hpp"

namespace netduel {

/// One stream in iperf3's results. Counts of datagrams include those sent in the omitted time.
struct PeerStream {
  int id = 0;
  /// Without those of the omitted time.
  std::uint64_t octets = 0;
  /// Absent (-1 on the wire) where the peer can't tell.
  std::optional<std::uint64_t> retransmits;
  double jitter_seconds = 0;
  std::int64_t lost = 0;
  /// The last number that was sent; of a receiver the highest that came.
  std::uint64_t packets = 0;
  std::optional<std::int64_t> omitted_lost;
  std::optional<std::uint64_t> omitted_packets;
  std::optional<double> start_seconds;
  std::optional<double> end_seconds;
};

/// What netduel tells netduel of a stream: all that its end knows.
struct NetduelStream {
  int id = 0;
  std::optional<SenderReport> sender;
  std::optional<ReceiverReport> receiver;
};

/// What one side tells the other when a test has ended. A plain value.
struct TestResults {
  /// Percent of one processor while the test ran.
  double cpu_total = 0;
  double cpu_user = 0;
  double cpu_system = 0;
  /// Whether this side sends and counts retransmissions; absent (-1) when it doesn't send.
  std::optional<bool> sender_has_retransmits;
  std::string congestion_used;
  /// From the server, when it was asked for: its own words, or its JSON document.
  std::optional<std::string> server_output_text;
  std::optional<std::string> server_output_json;
  std::vector<PeerStream> streams;
  /// Empty where the peer isn't netduel.
  std::vector<NetduelStream> netduel;
};

/// What a side has sent on a stream when it stopped: exact, over the reliable way.
struct Seal {
  int id = 0;
  std::uint64_t messages = 0;
  /// Before the measured ones.
  std::uint64_t omitted_messages = 0;
  std::uint64_t octets = 0;
};

}  // namespace netduel
