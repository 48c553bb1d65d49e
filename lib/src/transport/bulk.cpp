#include "transport/bulk.hpp"

#include "os/wait.hpp"
#include "transport/tcp_state.hpp"

namespace netduel {

BulkSent send_constant(TcpConnection& connection, const os::ConstantPayload& payload,
                       std::size_t offset, std::size_t octets, Deadline deadline) {
  auto& state = TcpInternals::of(connection);
  BulkSent result;
  if (!state.writer.flush(deadline)) return result;
  const NativeHandle handle = state.handle.get();
  while (result.accepted_octets < octets) {
    const os::BulkOctets sent = os::send_file(handle, payload, offset + result.accepted_octets,
                                              octets - result.accepted_octets);
    result.accepted_octets += sent.octets;
    state.writer.count(sent.octets);
    if (sent.error && sent.error != std::errc::operation_would_block) {
      result.refused =
          state.aborted ? std::make_error_code(std::errc::connection_aborted) : sent.error;
      break;
    }
    if (result.accepted_octets < octets && !os::wait_writable(handle, deadline)) break;
  }
  return result;
}

Discarded discard(TcpConnection& connection, std::size_t most_octets, Deadline deadline) {
  auto& state = TcpInternals::of(connection);
  if (state.aborted) {
    return {.octets = 0,
            .end = End::failed,
            .error = std::make_error_code(std::errc::connection_aborted)};
  }
  if (const std::size_t octets = state.reader.discard(most_octets); octets > 0) {
    return {.octets = octets, .end = End::open, .error = {}};
  }
  const NativeHandle handle = state.handle.get();
  for (;;) {
    const os::BulkOctets taken = os::discard(handle, most_octets);
    if (taken.octets > 0) return {.octets = taken.octets, .end = End::open, .error = {}};
    if (taken.error == std::errc::operation_would_block) {
      if (os::wait_readable(handle, deadline)) continue;
      return {.octets = 0, .end = End::timed_out, .error = {}};
    }
    const std::error_code error = state.why_ended(taken.error);
    return {.octets = 0, .end = error ? End::failed : End::finished, .error = error};
  }
}

}  // namespace netduel
