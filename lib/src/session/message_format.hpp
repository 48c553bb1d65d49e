#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/message.hpp"
#include "netduel/wire/probe.hpp"

namespace netduel {

/// What the messages of a stream begin with.
enum class MessageFormat : std::uint8_t {
  probe,        ///< netduel's own header, on either transport
  datagram_32,  ///< that of iperf3's datagrams
  datagram_64,  ///< the same with --udp-counters-64bit
  iperf2,       ///< that of iperf 2's datagrams
  opaque        ///< nothing: octets that can only be counted, as iperf3 sends them by TCP
};

/// The octets that a message must have at least.
std::size_t header_octets(MessageFormat format);

/// Messages of the omitted time at the start of a test (--omit) are numbered apart in probes, from
/// here on, so that both ends agree on which they are, whatever is lost between the two.
inline constexpr std::uint64_t first_omitted_number = std::uint64_t{1} << 47;

/// Whether messages may differ in length: iperf 2 makes the first one long enough for what it has
/// to say of the stream.
bool has_any_length(MessageFormat format);

/// Numbers count from 0 here and from 1 in the datagrams of iperf3 and iperf 2.
void encode(MessageFormat format, const Probe& probe, std::span<std::byte> message);
/// nullopt where the header can't be one. `expected` helps to complete a number of 32 bits.
std::optional<Probe> decode(MessageFormat format, Bytes message, std::uint64_t expected);

/// Whether messages are of a format in which the last of a stream says that it is.
bool marks_the_last(MessageFormat format);
/// Writes it as `encode` does, and that it is the last; for these formats.
void encode_last(MessageFormat format, const Probe& probe, std::span<std::byte> message);
/// Of a message that `decode` has taken.
bool is_last(MessageFormat format, Bytes message);

}  // namespace netduel
