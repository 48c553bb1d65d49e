#include "session/message_format.hpp"

#include "wire/iperf2.hpp"
#include "wire/iperf3.hpp"

namespace netduel {
namespace {

iperf3::Counters counters_of(MessageFormat format) {
  return format == MessageFormat::datagram_64 ? iperf3::Counters::bits_64
                                              : iperf3::Counters::bits_32;
}

std::optional<Probe> decode_datagram(MessageFormat format, Bytes message, std::uint64_t expected) {
  const auto header = iperf3::decode_datagram(message, counters_of(format));
  if (!header) return std::nullopt;
  std::uint64_t number = header->sequence;
  if (format == MessageFormat::datagram_32) {
    number = iperf3::unwrap(static_cast<std::uint32_t>(number), expected + 1);
  }
  if (number == 0) return std::nullopt;
  return Probe{.sequence = number - 1, .sent = header->sent};
}

}  // namespace

std::size_t header_octets(MessageFormat format) {
  switch (format) {
    case MessageFormat::probe:
      return Probe::octets;
    case MessageFormat::datagram_32:
    case MessageFormat::datagram_64:
      return iperf3::header_octets(counters_of(format));
    case MessageFormat::iperf2:
      return iperf2::header_octets;
    case MessageFormat::opaque:
      break;
  }
  return 1;
}

void encode(MessageFormat format, const Probe& probe, std::span<std::byte> message) {
  switch (format) {
    case MessageFormat::probe:
      encode(probe, message);
      break;
    case MessageFormat::datagram_32:
    case MessageFormat::datagram_64:
      iperf3::encode({.sequence = probe.sequence + 1, .sent = probe.sent}, counters_of(format),
                     message);
      break;
    case MessageFormat::iperf2:
      iperf2::encode({.number = probe.sequence + 1, .sent = probe.sent}, message);
      break;
    case MessageFormat::opaque:
      break;
  }
}

std::optional<Probe> decode(MessageFormat format, Bytes message, std::uint64_t expected) {
  switch (format) {
    case MessageFormat::probe:
      return decode_probe(message);
    case MessageFormat::datagram_32:
    case MessageFormat::datagram_64:
      return decode_datagram(format, message, expected);
    case MessageFormat::iperf2:
      if (const auto header = iperf2::decode_datagram(message)) {
        return Probe{.sequence = header->number - 1, .sent = header->sent};
      }
      break;
    case MessageFormat::opaque:
      break;
  }
  return std::nullopt;
}

bool has_any_length(MessageFormat format) {
  return format == MessageFormat::iperf2;
}

bool marks_the_last(MessageFormat format) {
  return format == MessageFormat::iperf2;
}

void encode_last(MessageFormat format, const Probe& probe, std::span<std::byte> message) {
  if (format != MessageFormat::iperf2) return;
  iperf2::encode({.number = probe.sequence + 1, .sent = probe.sent, .last = true}, message);
}

bool is_last(MessageFormat format, Bytes message) {
  if (!marks_the_last(format)) return false;
  const auto header = iperf2::decode_datagram(message);
  return header && header->last;
}

}  // namespace netduel
