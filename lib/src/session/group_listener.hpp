#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "session/group_stream.hpp"

namespace netduel {

/// Sorts out what comes to one receiver's socket: which datagram is of which stream, and which is
/// of none. Reads no clock. Not thread-safe.
class GroupListener {
 public:
  /// What comes from further sources is foreign.
  static constexpr std::size_t most_streams = 64;

  GroupListener(MessageFormat format, Deadline joined) : format_(format), joined_(joined) {}

  void observe(const Received& received, Deadline now);

  /// In the order in which they were heard; each stays where it is.
  const std::vector<std::unique_ptr<GroupStream>>& streams() const { return streams_; }
  /// Datagrams of no stream, and such as contradict what is known of one.
  std::uint64_t foreign() const { return foreign_; }
  bool has_heard_anything() const { return heard_; }
  /// What was left of the TTL or hop limit of the newest datagram of any kind.
  std::optional<std::uint8_t> hop_limit() const { return hop_limit_; }

 private:
  bool observe_control(const Received& received, Deadline now);
  bool observe_message(const Received& received, Deadline now);
  GroupStream* newest_of(const Endpoint& source) const;
  GroupStream* begin(const Endpoint& source);

  MessageFormat format_;
  Deadline joined_;
  std::vector<std::unique_ptr<GroupStream>> streams_;
  /// Of the last message: the next is probably of the same.
  GroupStream* last_ = nullptr;
  std::uint64_t foreign_ = 0;
  /// The socket's counter as of the datagram before.
  std::uint32_t queue_drops_ = 0;
  bool heard_ = false;
  std::optional<std::uint8_t> hop_limit_;
};

}  // namespace netduel
