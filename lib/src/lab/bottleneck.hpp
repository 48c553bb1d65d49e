#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include "lab/link.hpp"

namespace netduel {

/// A packet, or a copy of one, on its way through a link.
struct InLink {
  LinkPacket packet;
  std::chrono::nanoseconds entered{};
  std::chrono::nanoseconds jitter{};
  std::optional<std::uint64_t> flip;
  std::optional<std::uint64_t> swap;
  bool has_twin = false;  ///< one of two copies
  bool second = false;    ///< the copy that was made
  bool was_held = false;
  bool marked = false;
};

/// A drop-tail queue before a transmitter of some rate, with exact times. Pure.
class Bottleneck {
 public:
  /// Without a rate nothing waits.
  void set(const Impairment& impairment, std::chrono::nanoseconds now);
  bool has_rate() const { return rate_ > 0; }

  /// False when there is no room; else it waits, marked when the queue was long enough.
  bool enter(InLink&& packet, std::chrono::nanoseconds now);
  /// When the first packet will have been sent.
  std::optional<std::chrono::nanoseconds> next() const;
  /// The first packet, whose time has come, or all when there is no rate any more.
  InLink take();
  /// When all that waits will have been sent; absent when nothing waits.
  std::optional<std::chrono::nanoseconds> empties_at() const;
  bool empty() const { return waiting_.empty(); }
  Link::QueueState state() const { return {waiting_.size(), octets_}; }

 private:
  bool exceeds(const QueueLength& limit, std::uint64_t packets, std::uint64_t octets) const;

  std::deque<InLink> waiting_;
  std::uint64_t octets_ = 0;
  double rate_ = 0;  // bits per nanosecond
  QueueLength limit_;
  std::optional<QueueLength> mark_;
  /// Of the first packet: bits left to send at a time, in nanoseconds.
  double bits_left_ = 0;
  double since_ = 0;
};

/// The room before an impairment's bottleneck, by default or as set.
QueueLength queue_limit(const Impairment& impairment);

/// How long a packet waits in a full queue; the impairment has a bottleneck.
std::chrono::nanoseconds longest_wait(const Impairment& impairment);

}  // namespace netduel
