#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <vector>

#include <sys/socket.h>

#include "os/bulk.hpp"
#include "os/socket.hpp"
#include "os/stream.hpp"

namespace netduel::os {

struct ConstantPayload::Content {
  std::vector<std::byte> octets;
};

ConstantPayload::ConstantPayload(Bytes content)
    : octets_(content.size()),
      content_(std::make_unique<const Content>(
          Content{.octets = std::vector<std::byte>(content.begin(), content.end())})) {}

ConstantPayload::~ConstantPayload() = default;

BulkOctets send_file(NativeHandle socket, const ConstantPayload& payload, std::size_t offset,
                     std::size_t octets) {
  assert(offset <= payload.octets() && octets <= payload.octets() - offset);
  const Bytes all(payload.content_->octets);
  const StreamWrite write = write_gathered(socket, all.subspan(offset, octets), {});
  return {.octets = write.octets, .error = write.error};
}

BulkOctets discard(NativeHandle socket, std::size_t most_octets) {
  assert(most_octets > 0);
  std::array<std::byte, 64 * 1024> scratch;
  const StreamRead read =
      read_stamped(socket, std::span(scratch).first(std::min(most_octets, scratch.size())));
  return {.octets = read.octets, .error = read.error};
}

}  // namespace netduel::os
