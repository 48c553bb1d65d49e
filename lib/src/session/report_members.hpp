#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "session/ends.hpp"
#include "session/meter_members.hpp"

// What reports hold besides the meter, as in meter_members.hpp. For report_archive.cpp alone.

namespace netduel {

/// An arrival as numbers: by how much its sequence number and `sent` differ from those of the one
/// before, its octets, and how much later than `sent` it arrived, and than that was read.
/// Differences have few digits.
inline constexpr std::size_t numbers_of_an_arrival = 5;

/// Differences are taken modulo 2^64, which none can overflow.
inline std::int64_t difference(std::uint64_t to, std::uint64_t from) {
  return static_cast<std::int64_t>(to - from);
}

inline std::uint64_t bits(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

inline std::vector<std::int64_t> pack(const std::vector<Arrival>& arrivals) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(numbers_of_an_arrival * arrivals.size());
  Arrival before;
  for (const Arrival& one : arrivals) {
    numbers.insert(numbers.end(), {difference(one.sequence, before.sequence), one.octets,
                                   difference(bits(one.sent), bits(before.sent)),
                                   difference(bits(one.arrived), bits(one.sent)),
                                   difference(bits(one.read_at), bits(one.arrived))});
    before = one;
  }
  return numbers;
}

/// False when no arrivals can have given these numbers.
inline bool unpack(std::span<const std::int64_t> numbers, std::vector<Arrival>& arrivals) {
  if (numbers.size() % numbers_of_an_arrival != 0) return false;
  arrivals.reserve(numbers.size() / numbers_of_an_arrival);
  const auto behind = [](WallTime time, std::int64_t by) {
    const std::uint64_t sum = bits(time) + static_cast<std::uint64_t>(by);
    return WallTime{std::chrono::nanoseconds{static_cast<std::int64_t>(sum)}};
  };
  Arrival one;
  for (; !numbers.empty(); numbers = numbers.subspan(numbers_of_an_arrival)) {
    one.sequence += static_cast<std::uint64_t>(numbers[0]);
    if (!std::in_range<std::uint32_t>(numbers[1])) return false;
    one.octets = static_cast<std::uint32_t>(numbers[1]);
    one.sent = behind(one.sent, numbers[2]);
    one.arrived = behind(one.sent, numbers[3]);
    one.read_at = behind(one.arrived, numbers[4]);
    if (!is_moment(one.sent) || !is_moment(one.arrived) || !is_moment(one.read_at)) return false;
    arrivals.push_back(one);
  }
  return true;
}

/// All that a report is made of.
struct ReportArchive : MeterArchive {
  using MeterArchive::list;

  template <class Archive>
  static void list(Archive& archive, Of<Archive, SuperPacketSize>& size) {
    auto& [smallest, largest] = size;
    archive("smallest", smallest);
    archive("largest", largest);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_together, {smallest, largest}), "largest", "is too large");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, SenderCounts>& counts) {
    auto& [skipped, offered, refused, sent, super_packets] = counts;
    archive("skipped", skipped);
    archive("offered", offered);
    archive("refused", refused);
    archive("sent", sent);
    archive("super_packets", super_packets);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_messages, {skipped, offered, refused, sent}), "offered",
                      "and other counts are too large");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, ReceiverCounts>& counts) {
    auto& [unique, duplicates, reordered, stale, foreign, corrupted, truncated, next_expected,
           drop_gaps, drops_known] = counts;
    archive("unique", unique);
    archive("duplicates", duplicates);
    archive("reordered", reordered);
    archive("stale", stale);
    archive("foreign", foreign);
    archive("corrupted", corrupted);
    archive("truncated", truncated);
    archive("next_expected", next_expected);
    archive("drop_gaps", drop_gaps);
    archive("drops_known", drops_known);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_messages, {unique, duplicates, reordered, stale, foreign,
                                                 corrupted, truncated}),
                      "unique", "and other counts are too large");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, HostCounters>& host) {
    auto& [receive_buffer_errors, checksum_errors, softnet_drops] = host;
    archive("receive_buffer_errors", receive_buffer_errors);
    archive("checksum_errors", checksum_errors);
    archive("softnet_drops", softnet_drops);
    if constexpr (Archive::reading) {
      archive.require(
          all_within(most_messages, {receive_buffer_errors.value_or(0), checksum_errors.value_or(0),
                                     softnet_drops.value_or(0)}),
          "receive_buffer_errors", "and other counts are too large");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, IntegrityCounts>& integrity) {
    auto& [verified, bits_flipped, words_swapped, other] = integrity;
    archive("verified", verified);
    archive("bits_flipped", bits_flipped);
    archive("words_swapped", words_swapped);
    archive("other", other);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_messages, {verified, bits_flipped, words_swapped, other}),
                      "verified", "and other counts are too large");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, BufferSize>& buffer) {
    auto& [asked_octets, granted_octets, cut] = buffer;
    archive("asked_octets", asked_octets);
    archive("granted_octets", granted_octets);
    archive("cut", cut);
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, SocketCounters>& socket) {
    auto& [receive_buffer, send_buffer, receive_queue_drops, icmp_errors, segmentation_offload,
           receive_offload, smallest_messages, largest_messages, largest_octets] = socket;
    archive("receive_buffer", receive_buffer);
    archive("send_buffer", send_buffer);
    archive("receive_queue_drops", receive_queue_drops);
    archive("icmp_errors", icmp_errors);
    archive("segmentation_offload", segmentation_offload);
    archive("receive_offload", receive_offload);
    archive("smallest_super_packet_messages", smallest_messages);
    archive("largest_super_packet_messages", largest_messages);
    archive("largest_super_packet_octets", largest_octets);
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, TcpInfo>& info) {
    auto& [congestion, timestamps, send_mss_octets, path_mtu_octets, smoothed_rtt, minimum_rtt,
           rtt_variation, congestion_window_octets, send_window_octets, reordering_events,
           retransmitted_segments, octets_sent, octets_retransmitted, octets_acknowledged, busy,
           receive_window_limited, send_buffer_limited] = info;
    archive("congestion", congestion);
    archive("timestamps", timestamps);
    archive("send_mss_octets", send_mss_octets);
    archive("path_mtu_octets", path_mtu_octets);
    archive("smoothed_rtt", smoothed_rtt);
    archive("minimum_rtt", minimum_rtt);
    archive("rtt_variation", rtt_variation);
    archive("congestion_window_octets", congestion_window_octets);
    archive("send_window_octets", send_window_octets);
    archive("reordering_events", reordering_events);
    archive("retransmitted_segments", retransmitted_segments);
    archive("octets_sent", octets_sent);
    archive("octets_retransmitted", octets_retransmitted);
    archive("octets_acknowledged", octets_acknowledged);
    archive("busy", busy);
    archive("receive_window_limited", receive_window_limited);
    archive("send_buffer_limited", send_buffer_limited);
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, SenderReport>& report) {
    auto& [counts, omitted_messages, source, left_at_the_end, setup, first_sent, sending, cpu,
           lateness, clock_step, socket, tcp, first_refusal, interrupted] = report;
    archive("counts", counts);
    archive("omitted_messages", omitted_messages);
    archive("source", source);
    archive("left_at_the_end", left_at_the_end);
    archive("setup", setup);
    archive("first_sent", first_sent);
    archive("sending", sending);
    archive("cpu", cpu);
    archive("lateness", lateness);
    archive("clock_step", clock_step);
    archive("socket", socket);
    archive("tcp", tcp);
    archive("first_refusal", first_refusal);
    archive("interrupted", interrupted);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_messages, {omitted_messages, left_at_the_end}),
                      "omitted_messages", "and left_at_the_end are too large");
      archive.require(within_a_trial({setup, sending, cpu}), "setup",
                      "and other times are longer than a trial");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, ReceiverReport>& report) {
    auto& [counts, octets, omitted_messages, stream_messages, host, integrity, meter, arrivals,
           has_all_arrivals, stamped_by_kernel, stamped_by_application, cpu, receiving, last_read,
           socket, read_to_the_end, failure] = report;
    archive("counts", counts);
    archive("octets", octets);
    archive("omitted_messages", omitted_messages);
    archive("stream_messages", stream_messages);
    archive("host", host);
    archive("integrity", integrity);
    archive("meter", meter);
    archive("has_all_arrivals", has_all_arrivals);
    archive("stamped_by_kernel", stamped_by_kernel);
    archive("stamped_by_application", stamped_by_application);
    archive("cpu", cpu);
    archive("receiving", receiving);
    archive("last_read", last_read);
    archive("socket", socket);
    archive("read_to_the_end", read_to_the_end);
    archive("failure", failure);
    if constexpr (Archive::reading) {
      std::optional<std::vector<std::int64_t>> numbers;
      archive("arrivals", numbers);
      archive.require(!numbers || unpack(*numbers, arrivals), "arrivals", "are none");
      archive.require(all_within(most_messages, {omitted_messages, stream_messages,
                                                 stamped_by_kernel, stamped_by_application}),
                      "omitted_messages", "and other counts are too large");
      archive.require(within_a_trial({cpu, receiving, last_read}), "cpu",
                      "or receiving is longer than a trial");
    } else if (!arrivals.empty()) {
      archive("arrivals", pack(arrivals));
    }
  }
};

}  // namespace netduel
