#include "session/host_rises.hpp"

namespace netduel {
namespace {

std::optional<std::uint64_t> sum(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

}  // namespace

std::optional<std::uint64_t> rise(std::optional<std::uint64_t> before,
                                  std::optional<std::uint64_t> after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
}

HostCounters rises(Transport transport, const os::HostTotals& before, const os::HostTotals& after) {
  const auto checksum_errors = transport == Transport::udp ? &os::HostTotals::checksum_errors
                                                           : &os::HostTotals::tcp_checksum_errors;
  return {
      .receive_buffer_errors = sum(rise(before.receive_buffer_errors, after.receive_buffer_errors),
                                   rise(before.memory_errors, after.memory_errors)),
      .checksum_errors = rise(before.*checksum_errors, after.*checksum_errors),
      .softnet_drops = rise(before.softnet_drops, after.softnet_drops)};
}

}  // namespace netduel
