#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "netduel/base/message.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "netduel/wire/probe.hpp"
#include "session/ends.hpp"
#include "session/live_counters.hpp"
#include "wire/integrity.hpp"

namespace netduel {

/// What a receiver writes down of the messages of one stream: it looks at their content, places and
/// meters them. Whose messages they are, and that they have the stream's length, is its owner's to
/// see to. Not thread-safe.
class ArrivalBook {
 public:
  struct Options {
    /// The send times are netduel's, so one that no trial can have tells of damage.
    bool checks_times = true;
    /// Messages are filled as wire/integrity has it, with this seed.
    bool verify = false;
    std::uint64_t pattern_seed = 0;
    /// Numbers further back than that are stale.
    std::uint64_t window_span = SequenceWindow::default_span;
    std::size_t logged_arrivals = 0;
  };
  explicit ArrivalBook(const Options& options);

  /// A message with this header, whose number among those that count is `number`. `queue_drops`:
  /// of the socket, since the stream's beginning. nullopt when its content can't be what was sent:
  /// it is counted as corrupted then.
  std::optional<Placement> observe(const Received& received, const Probe& header,
                                   std::uint64_t number, std::uint32_t queue_drops);
  /// Of the stream's source, but none of its messages as it was sent.
  void count_corrupted(Bytes payload);

  /// From now on: it was not known before that messages can be verified.
  void verify(std::uint64_t pattern_seed);

  /// One more than the largest number that came.
  std::uint64_t next_expected() const { return window_.next_expected(); }
  std::uint64_t arrivals() const {
    return report_.stamped_by_kernel + report_.stamped_by_application;
  }
  LiveFigures figures() const;

  /// So far, and for what the owner counts itself.
  ReceiverReport& report() { return report_; }
  const ReceiverReport& report() const { return report_; }
  /// Fills in, in a report that was this book's, what follows from how many messages the stream
  /// holds and from what its socket counted.
  void close(ReceiverReport& report, std::uint64_t final_count,
             std::optional<std::uint64_t> queue_drops) const;

 private:
  bool is_timely(std::chrono::nanoseconds delay);
  void count_corrupted(Damage damage);

  Options options_;
  std::optional<std::chrono::nanoseconds> usual_delay_;
  ContentCheck content_;
  SequenceWindow window_;
  ReceiverReport report_;
};

}  // namespace netduel
