#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "session/group_sender.hpp"
#include "wire/group_messages.hpp"

namespace netduel {

/// What is known of a stream's receivers by their reports, and how often they may send these
/// (docs/multicast.md). Anyone can send a datagram to the sender, so what comes is believed only as
/// far as it fits the stream and all that the same receiver said before. Pure: times are those
/// since the stream began, and negative before.
class ReceiverRegister {
 public:
  using Time = std::chrono::nanoseconds;

  /// More are not believed: memory is bounded, and the table is for people.
  static constexpr std::size_t most_receivers = 4096;
  /// Feedback of all kinds, both ways, by the octets of the stream (RFC 3550, section 6.2), and the
  /// part of it that reports take while the stream goes on.
  static constexpr double largest_share = 0.05;
  static constexpr double share_of_reports = 0.015;
  /// A receiver's mean interval is no shorter, however few there are.
  static constexpr Time shortest_interval = std::chrono::milliseconds(500);
  /// Of a receiver: beyond that every second one is left out, again and again.
  static constexpr std::size_t most_points = 2048;

  ReceiverRegister(std::uint64_t stream, IpVersion version);

  /// One datagram. `sent_at_most`: how many messages may have left by now. Returns what is to be
  /// answered to its source.
  std::optional<group::Acknowledgement> take(Bytes datagram, const Endpoint& source, Time now,
                                             std::uint64_t sent_at_most);
  /// An acknowledgement has left.
  void count_acknowledgement();
  /// Who has been silent for too long has vanished. Call it from time to time.
  void look_at(Time now);

  /// What is known of a stream that will end: its IP octets in all, and how long it goes on.
  struct Whole {
    double octets = 0;
    Time left{};
  };
  /// What a stream of so many IP octets a second allows each receiver to send now. Of one that will
  /// end as much is kept back as the last reports take.
  std::uint32_t octets_per_second(double stream_octets_per_second,
                                  std::optional<Whole> whole = std::nullopt) const;
  /// How many were heard of, for the announcement: those that left or vanished don't report.
  std::uint32_t reporting() const;
  /// Grown by half since the last `announced`: all receivers have to know soon.
  bool has_grown() const;
  /// Receivers are told so many and such a rate now.
  void announced(std::uint32_t receivers, std::uint32_t octets_per_second);

  /// The stream is over. What each receiver may still say, and how fast, goes into its closing.
  struct Allowance {
    std::uint32_t octets = 0;
    std::uint32_t octets_per_second = 0;
    /// All that is allowed can have been said by then.
    Time takes{};
  };
  Allowance close(std::uint64_t sent, std::uint64_t stream_octets, Time now);
  /// Whether some receiver still has something to say, as far as can be known.
  bool waits_for_someone(Time now) const;
  /// Nothing more will come: who did not say the last word has vanished.
  void finish();

  const std::vector<ReceiverRecord>& receivers() const { return records_; }
  const FeedbackCounts& counts() const { return counts_; }

 private:
  /// Refills with time; takes one for each datagram.
  struct Bucket {
    double left = 0;
    Time filled{};
    bool take(double wanted, double a_second, double most, Time now);
  };
  struct Details {
    std::uint16_t parts = 0;
    std::map<std::uint16_t, group::LossDetail> by_part;
    std::uint64_t octets = 0;
    bool put_together = false;
  };
  /// What is beside a record of the same index.
  struct Memory {
    Bucket reports;
    Bucket details;
    Details loss;
    std::size_t points_apart = 1;
    std::size_t points_left_out = 0;
  };

  std::optional<group::Acknowledgement> take_report(const group::ReceptionReport& report,
                                                    std::size_t octets, const Endpoint& source,
                                                    Time now, std::uint64_t sent_at_most);
  std::optional<group::Acknowledgement> take_detail(const group::LossDetail& detail,
                                                    std::size_t octets, const Endpoint& source,
                                                    Time now);
  bool fits_the_stream(const group::ReceptionReport& report, std::uint64_t sent_at_most) const;
  std::optional<std::size_t> add(const group::ReceptionReport& report, const Endpoint& source,
                                 Time now);
  void remember(std::size_t index, const group::ReceptionReport& report, Time now);
  void put_together(std::size_t index);
  double most_detail_octets() const;
  double last_words_octets() const;
  Time longest_silence(std::size_t octets) const;
  std::size_t ip_octets(std::size_t payload_octets) const;

  std::uint64_t stream_;
  IpVersion version_;
  std::vector<ReceiverRecord> records_;
  std::vector<Memory> memories_;
  std::map<std::uint64_t, std::size_t> index_of_;
  Bucket newcomers_;
  FeedbackCounts counts_;
  std::uint32_t announced_receivers_ = 0;
  std::uint32_t announced_octets_per_second_ = 0;
  std::optional<std::uint64_t> sent_;
  Allowance allowance_;
  bool may_have_detail_ = false;
};

}  // namespace netduel
