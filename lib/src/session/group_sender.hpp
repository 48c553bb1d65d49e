#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "measure/missing_runs.hpp"
#include "netduel/base/endpoint.hpp"
#include "session/ends.hpp"
#include "session/live_counters.hpp"
#include "session/place.hpp"
#include "session/plan.hpp"
#include "wire/group_messages.hpp"

namespace netduel {

/// One stream to many receivers: to a group, a broadcast address, or some unicast addresses.
struct GroupSendSpec {
  /// Its `receiver` is not looked at.
  Plan plan = {};
  /// Ends after so many messages, or after the plan's time, whichever is first.
  std::optional<std::uint64_t> messages = {};
  /// One group or broadcast address, or unicast addresses that each get every message; with ports.
  std::vector<Endpoint> to = {};
  /// That multicast leaves through; the system's choice when empty.
  std::string interface = {};
  /// TTL or hop limit of multicast; the system's (1) when absent.
  std::optional<std::uint8_t> hop_limit = {};
  /// Whether this host's own members get it.
  std::optional<bool> loopback = {};
  /// Announce and close the stream. Without, as with iperf2's format, nobody reports either.
  bool announces = true;
  bool reports = true;
  /// How long the stream is announced before its first message is due.
  std::chrono::nanoseconds lead = std::chrono::milliseconds(500);
};

/// A plan of this time, or longer, goes on until a stop.
inline constexpr std::chrono::nanoseconds endless_stream = std::chrono::hours(24);

/// What the sender knows of one receiver, from its reports.
struct ReceiverRecord {
  std::uint64_t id = 0;
  /// Where its reports come from.
  Endpoint address;
  /// The newest.
  group::ReceptionReport report = {};
  /// When the first and the newest came, since the stream began; may be negative.
  std::chrono::nanoseconds first_heard{};
  std::chrono::nanoseconds last_heard{};
  /// Its final report is there.
  bool finished = false;
  /// It had not joined when the stream began.
  bool came_late = false;
  /// It said that it leaves before the end.
  bool left = false;
  /// It has said nothing for several of its intervals, or never said the last word.
  bool vanished = false;
  /// What each report said, in order: how its figures grew.
  struct Point {
    std::chrono::nanoseconds heard{};
    std::uint64_t next_expected = 0;
    std::uint64_t unique = 0;
  };
  std::vector<Point> history = {};
  /// From its loss detail, as far as all of its parts came.
  bool has_detail = false;
  std::vector<MissingRuns::Run> missing = {};
  std::uint64_t detail_from = 0;
  std::uint64_t detail_to = 0;
};

/// Feedback of all receivers, and what was done with it.
struct FeedbackCounts {
  std::uint64_t reports = 0;       ///< believed
  std::uint64_t details = 0;       ///< parts of loss detail, believed
  std::uint64_t acknowledged = 0;  ///< acknowledgements sent
  /// IP octets of all of the above, both ways.
  std::uint64_t octets = 0;
  /// IP octets of the stream's messages.
  std::uint64_t stream_octets = 0;
  // Not believed, each counted once:
  std::uint64_t foreign = 0;        ///< no report at all, or damaged
  std::uint64_t other_stream = 0;   ///< of a stream that isn't this one
  std::uint64_t contradictory = 0;  ///< more than was sent, going back, from another's address
  std::uint64_t too_many = 0;       ///< faster than a receiver may, or of a receiver too many
  std::uint64_t repeated = 0;       ///< known already
};

/// How a stream went.
struct GroupSending {
  std::uint64_t stream = 0;  ///< 0 when it was never announced
  Endpoint source;           ///< of its messages, as the way to the first destination has it
  Endpoint control;          ///< of announcements
  SenderReport sender;
  /// IP octets of announcements and closings.
  std::uint64_t announcement_octets = 0;
  /// Messages that one of several destinations did not get, as the local stack refused them.
  struct Refusals {
    Endpoint to;
    std::uint64_t refused = 0;
  };
  std::vector<Refusals> refusals;
  std::vector<ReceiverRecord> receivers;  ///< in the order in which they were first heard
  FeedbackCounts feedback;
  /// The stream's time as far as it came.
  std::chrono::nanoseconds sent_for{};
  bool interrupted = false;
};

/// Where a stream stands.
struct GroupProgress {
  enum class Phase : std::uint8_t { announcing, sending, closing, over };
  Phase phase = Phase::announcing;
  std::chrono::nanoseconds elapsed{};  ///< since the first message was due
  LiveFigures sent;
  std::vector<ReceiverRecord> receivers;  ///< without their history
  FeedbackCounts feedback;
};

/// Sends one stream and listens to its receivers. Messages leave from a thread of their own.
class GroupSender {
 public:
  explicit GroupSender(GroupSendSpec spec, Place place = {});
  ~GroupSender();
  GroupSender(const GroupSender&) = delete;
  GroupSender& operator=(const GroupSender&) = delete;

  /// Opens both sockets, in the place's network. Throws std::system_error that names the attempt.
  void open();
  /// Announces, sends, closes, and gathers final reports; once, after `open`. A stop ends the
  /// stream early, and it is closed all the same.
  GroupSending run(std::stop_token stop);
  /// From any thread, between `open` and the end.
  GroupProgress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel
