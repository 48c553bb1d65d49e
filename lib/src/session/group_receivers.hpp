#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "measure/missing_runs.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/measure/ledger.hpp"
#include "session/ends.hpp"
#include "session/live_counters.hpp"
#include "session/message_format.hpp"
#include "session/place.hpp"
#include "wire/group_messages.hpp"

namespace netduel {

/// What all receivers of a call have in common.
struct GroupReceiveSpec {
  /// A group, a broadcast address, or an own or unspecified address, for unicast; with a port.
  Endpoint group;
  /// To join on; the system's choice when empty.
  std::string interface;
  /// Source-specific: nothing from others (RFC 4607).
  std::optional<Endpoint> source;
  bool reports = true;
  MessageFormat format = MessageFormat::probe;
  std::optional<std::size_t> window_octets;
  /// How long after a closing, or the last arrival behind it, a message may still come (Tmax).
  std::chrono::nanoseconds drain = std::chrono::milliseconds(250);
  /// Ends after this time whatever comes; absent: when every stream that was heard is over.
  std::optional<std::chrono::nanoseconds> time;
  /// Does not end before so many streams have been heard and are over. Of several receivers one is
  /// enough: the others are waited for a little longer.
  std::size_t streams = 1;
};

/// Where one receiver runs, and its name for people (at most group::longest_name octets).
struct ReceiverPlace {
  Place place;
  std::string name;
};

/// What one receiver got of one sender's stream.
struct ReceivedStream {
  /// 0 when it was never announced.
  std::uint64_t stream = 0;
  Endpoint source;
  std::optional<group::Announcement> announcement;
  std::optional<group::Closing> closing;
  /// As of a trial, its numbers counted from `counted_from` on.
  ReceiverReport report;
  std::uint64_t counted_from = 0;
  /// The receiver had joined before the first message was sent.
  bool joined_before_the_stream = false;
  std::optional<std::chrono::nanoseconds> join_latency;
  std::optional<std::uint8_t> hop_limit;
  MissingRuns missing;
  /// Of messages numbered from `counted_from` on. Where no closing came its `sent` is what must
  /// have been sent at least, and losses are lower bounds.
  Ledger ledger;
  bool is_closed() const { return closing.has_value(); }
};

struct GroupReception {
  std::uint64_t id = 0;
  std::string name;
  Endpoint local;
  std::vector<ReceivedStream> streams;  ///< in the order in which they were heard
  /// Datagrams of no stream.
  std::uint64_t foreign = 0;
  std::uint64_t reports_sent = 0;
  std::optional<std::string> failure;
  bool interrupted = false;
};

struct GroupReceptionProgress {
  struct Stream {
    Endpoint source;
    bool closed = false;
    LiveFigures figures;
  };
  struct Receiver {
    std::string name;
    std::vector<Stream> streams;
  };
  std::vector<Receiver> receivers;
  std::chrono::nanoseconds since_joined{};
  /// Nothing at all was heard so far.
  bool nothing_heard = true;
  /// No datagram of any stream was heard so far, though others may have come.
  bool no_stream_heard = true;
  /// What was left of the TTL or hop limit of the newest datagram that came to any of them.
  std::optional<std::uint8_t> hop_limit;
};

/// Receivers of a group, each with a socket of its own, that share a few threads.
class GroupReceivers {
 public:
  /// Opens the sockets and joins, each in its place's network. Throws std::system_error that names
  /// the attempt.
  GroupReceivers(GroupReceiveSpec spec, std::vector<ReceiverPlace> places);
  ~GroupReceivers();
  GroupReceivers(const GroupReceivers&) = delete;
  GroupReceivers& operator=(const GroupReceivers&) = delete;

  /// Returns when the spec says so, or on a stop; then still with all figures, and a last report to
  /// the senders. Once. Receiving itself begins with the constructor, in the socket buffers.
  std::vector<GroupReception> run(std::stop_token stop);
  /// From any thread.
  GroupReceptionProgress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel
