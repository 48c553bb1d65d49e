#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "session/test_record.hpp"

namespace netduel::tool {

/// What one end counted of a stream, the omitted time left out, whoever it is that knows.
struct StreamHalf {
  std::uint64_t octets = 0;
  double seconds = 0;
  /// TCP's sender only, where its kernel tells.
  std::optional<std::uint64_t> retransmits;
  /// UDP: of a sender those sent, of a receiver those it knows to have been sent.
  std::uint64_t datagrams = 0;
  std::int64_t lost = 0;
  double jitter_seconds = 0;

  double bits_per_second() const {
    return seconds > 0 ? 8.0 * static_cast<double>(octets) / seconds : 0.0;
  }
  void add(const StreamHalf& other);
};

/// The sending and the receiving end of a stream; nullopt where nobody has told.
std::optional<StreamHalf> sending_half(const TestRecord& record, std::size_t stream);
std::optional<StreamHalf> receiving_half(const TestRecord& record, std::size_t stream);

/// `12/1000 (1.2%)`.
std::string lost_text(std::int64_t lost, std::uint64_t all);

}  // namespace netduel::tool
