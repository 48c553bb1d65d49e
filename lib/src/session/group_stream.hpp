#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "measure/missing_runs.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "session/arrival_book.hpp"
#include "session/group_receivers.hpp"
#include "wire/group_messages.hpp"

namespace netduel {

/// What one receiver makes of one sender's stream: what was said of it, and what came of it. Reads
/// no clock. Not thread-safe.
class GroupStream {
 public:
  /// Of a receiver that joined at `joined`, whose socket had dropped `queue_drops` datagrams when
  /// it first heard of the stream.
  GroupStream(const Endpoint& source, MessageFormat format, Deadline joined,
              std::uint32_t queue_drops);

  /// Each is told by whom, and when it was read. False: not believed, as it contradicts what is
  /// known.
  bool announce(const group::Announcement& announcement, const Endpoint& from, Deadline now);
  bool close(const group::Closing& closing, const Endpoint& from, Deadline now);
  /// A datagram from the source that is none of these. False: nothing that a stream consists of.
  bool observe(const Received& received, Deadline now);

  /// Whether another stream may begin at the same source: this one is over, or the same control
  /// socket says so.
  bool gives_way_to(const Endpoint& control, Deadline now) const;

  /// When nothing more is expected of it, as things stand; the past when that is so already.
  Deadline over_at(std::chrono::nanoseconds drain) const;

  const Endpoint& source() const { return source_; }
  std::uint64_t id() const;
  const std::optional<group::Announcement>& announcement() const { return announcement_; }
  /// In a format whose last message says that it is: how many messages there were, and no more.
  const std::optional<group::Closing>& closing() const { return closing_; }
  /// Where its announcements come from, and reports go to.
  const std::optional<Endpoint>& control() const { return control_; }
  LiveFigures figures() const;
  bool joined_before() const { return first_sent_ == std::uint64_t{0}; }

  /// What its socket can tell of drops.
  struct Context {
    SocketCounters socket{};
    HostCounters host{};
    /// The socket serves other streams too.
    bool shares_its_socket = false;
    /// Datagrams of no stream that came by this socket.
    std::uint64_t foreign = 0;
    std::chrono::nanoseconds receiving{};
  };
  /// No message of it is looked at any more: what is told of it from then on, to its sender and to
  /// its user, is the same.
  void settle(const Context& context);
  bool settled() const { return settled_.has_value(); }
  /// Totals so far, all but who reports and the report's number. `unsettled` is of no matter once
  /// it is settled.
  group::ReceptionReport reception(const Context& unsettled, Deadline now) const;
  /// Which messages never came, of those that count; after `settle`.
  const MissingRuns& missing() const { return *missing_; }
  /// What it came to; once, after `settle`, and nothing but `id` and `source` after that.
  ReceivedStream finish();
  std::uint64_t counted_from() const;
  /// One more than the last number that counts, as far as is known.
  std::uint64_t end() const;

 private:
  bool contradicts(const group::Announcement& announcement, const Endpoint& from) const;
  bool has_room_for(std::uint64_t number) const;
  bool has_other_length(std::size_t octets) const;
  void end_with(std::uint64_t messages, Deadline now);
  void begin(std::uint64_t number);
  std::unique_ptr<ArrivalBook> made_book() const;
  void note_heard(Deadline now);
  std::uint64_t control_datagrams_unheard_at_most() const;
  Ledger ledger(const ReceiverCounts& counts, std::uint64_t messages, const Context& context) const;
  ReceiverReport closed(ReceiverReport report, const Context& context) const;

  Endpoint source_;
  MessageFormat format_;
  Deadline joined_;
  std::uint32_t drops_before_;
  std::optional<Endpoint> control_;
  std::optional<group::Announcement> announcement_;
  std::optional<group::Closing> closing_;
  /// `sent` of the first announcement, where that came before any message.
  std::optional<std::uint64_t> first_sent_;
  /// Heard since the first message.
  std::uint64_t control_datagrams_ = 0;
  std::optional<Deadline> first_heard_;
  Deadline last_heard_{};
  Deadline first_message_{};
  Deadline last_message_{};
  Deadline closed_at_{};
  /// From the first message on; it takes most of the memory.
  std::unique_ptr<ArrivalBook> book_;
  /// Made when the stream is announced: to make many at the first message would take so long that
  /// the next ones found no room in socket buffers.
  std::unique_ptr<ArrivalBook> prepared_;
  std::unique_ptr<MissingRuns> missing_;
  std::size_t message_octets_ = 0;
  std::uint64_t counted_from_ = 0;
  std::optional<std::uint8_t> hop_limit_;
  std::optional<Context> settled_;
};

}  // namespace netduel
