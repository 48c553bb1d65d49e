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

}  // namespace

void encode(const Probe& probe, std::span<std::byte> message) {
  assert(message.size() >= Probe::octets);
  put_u64(message, probe.sequence);
  const std::int64_t nanoseconds = probe.sent.time_since_epoch().count();
  put_u64(message.subspan(8), static_cast<std::uint64_t>(nanoseconds));
}

std::optional<Probe> decode_probe(Bytes message) {
  if (message.size() < Probe::octets) return std::nullopt;
  const auto nanoseconds = static_cast<std::int64_t>(get_u64(message.subspan(8)));
  return Probe{.sequence = get_u64(message),
               .sent = WallTime(std::chrono::nanoseconds(nanoseconds))};
}

}  // namespace netduel
