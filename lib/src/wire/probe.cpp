#include "netduel/wire/probe.hpp"

#include <cassert>

namespace netduel {
namespace {

void put_u64(std::span<std::byte> to, std::uint64_t number) {
  for (std::size_t i = 0; i < 8; ++i) to[i] = static_cast<std::byte>(number >> (56 - 8 * i));
}

std::uint64_t get_u64(Bytes from) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number = number << 8 | std::to_integer<std::uint64_t>(from[i]);
  return number;
}

constexpr unsigned sequence_bits = 48;

std::uint64_t mixed(std::uint64_t x) {
  return (x ^ x >> 32) * 0x9e3779b97f4a7c15U;
}

std::uint64_t check_of(std::uint64_t sequence, std::uint64_t nanoseconds) {
  return mixed(mixed(sequence + 0x6e64) ^ nanoseconds) >> sequence_bits;
}

}  // namespace

void encode(const Probe& probe, std::span<std::byte> message) {
  assert(message.size() >= Probe::octets && probe.sequence >> sequence_bits == 0);
  const auto nanoseconds = static_cast<std::uint64_t>(probe.sent.time_since_epoch().count());
  put_u64(message, check_of(probe.sequence, nanoseconds) << sequence_bits | probe.sequence);
  put_u64(message.subspan(8), nanoseconds);
}

std::optional<Probe> decode_probe(Bytes message) {
  if (message.size() < Probe::octets) return std::nullopt;
  const std::uint64_t first = get_u64(message);
  const std::uint64_t nanoseconds = get_u64(message.subspan(8));
  const std::uint64_t sequence = first & ((std::uint64_t{1} << sequence_bits) - 1);
  if (first >> sequence_bits != check_of(sequence, nanoseconds)) return std::nullopt;
  return Probe{.sequence = sequence,
               .sent = WallTime(std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds)))};
}

}  // namespace netduel
