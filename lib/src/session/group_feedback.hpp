#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/time.hpp"
#include "session/group_stream.hpp"
#include "wire/group_messages.hpp"

namespace netduel {

/// Says when one receiver tells one sender what, in the manner of RTCP (RFC 3550, section 6.3): a
/// report now and then, so seldom that all receivers together stay within their share, and at the
/// end a final one with the loss detail, each until it is acknowledged or some tries were in vain.
/// Reads no clock. Not thread-safe.
class GroupFeedback {
 public:
  struct Reporter {
    std::uint64_t id = 0;
    std::string name;
    /// How many receivers share this process, which might all begin at once.
    std::size_t companions = 1;
    std::uint64_t seed = 0;
  };
  /// Of a stream that was heard for the first time `now`.
  GroupFeedback(const Reporter& reporter, const Endpoint& to, Deadline now);

  /// When `next` may have something.
  Deadline due(const GroupStream& stream) const;
  /// What is to be sent now; empty when it turns out that nothing is due yet.
  std::vector<std::byte> next(const GroupStream& stream, const GroupStream::Context& context,
                              Deadline now);
  /// The stream is settled: what follows is the last word, and its loss detail where its end is
  /// known. `leaves`: this receiver ends before the stream does, and nobody waits for long.
  void conclude(const GroupStream& stream, const GroupStream::Context& context, bool leaves,
                Deadline now);
  bool concluding() const { return concluding_; }
  void acknowledge(const group::Acknowledgement& acknowledgement);
  /// All has been acknowledged, or tried often enough.
  bool finished() const;

  const Endpoint& to() const { return to_; }
  std::uint64_t sent() const { return sent_; }

 private:
  /// One datagram of the last word.
  struct Parcel {
    std::vector<std::byte> octets;
    group::Acknowledgement::Of of;
    std::uint32_t number;
    Deadline due;
    int tries = 0;
    /// Acknowledged, or tried often enough.
    bool over = false;
  };

  std::chrono::nanoseconds interval(const GroupStream& stream) const;
  std::size_t ip_octets(std::size_t payload_octets) const;
  double random_between(double low, double high);
  group::ReceptionReport report_of(const GroupStream& stream, const GroupStream::Context& context,
                                   Deadline now);
  void add_details(const GroupStream& stream, std::size_t budget);

  Reporter reporter_;
  Endpoint to_;
  std::mt19937_64 random_;
  Deadline last_;
  double factor_;
  std::uint32_t number_ = 0;
  std::uint64_t sent_ = 0;
  bool concluding_ = false;
  bool leaves_ = false;
  std::vector<Parcel> parcels_;
};

}  // namespace netduel
