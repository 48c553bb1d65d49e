#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

#include "os/socket.hpp"
#include "os/stream.hpp"

namespace netduel::os {
namespace {

/// The pieces of memory that go out with one write.
class Gather {
 public:
  /// False when there is no room for one more piece.
  bool add(Bytes piece) {
    if (piece.empty()) return true;
    // sendmsg only reads; iovec serves recvmsg too and so has no const.
    auto* const start = const_cast<std::byte*>(piece.data());
    if (count_ > 0 && end_of_last_ == start) {
      vectors_[count_ - 1].iov_len += piece.size();
    } else if (count_ < vectors_.size()) {
      vectors_[count_++] = {start, piece.size()};
    } else {
      return false;
    }
    end_of_last_ = start + piece.size();
    octets_ += piece.size();
    return true;
  }

  std::size_t octets() const { return octets_; }
  msghdr header() {
    msghdr header{};
    header.msg_iov = vectors_.data();
    header.msg_iovlen = count_;
    return header;
  }

 private:
  static constexpr std::size_t most_vectors = 1024;  // IOV_MAX on Linux and the BSDs
  std::array<iovec, most_vectors> vectors_;
  std::size_t count_ = 0;
  std::size_t octets_ = 0;
  const std::byte* end_of_last_ = nullptr;
};

}  // namespace

StreamWrite write_gathered(NativeHandle handle, Bytes head, std::span<const Bytes> batch) {
  Gather gather;
  gather.add(head);
  for (const Bytes message : batch) {
    if (!gather.add(message)) break;
  }
  StreamWrite write{.octets = 0, .offered = gather.octets(), .error = {}};
  const msghdr header = gather.header();
  ssize_t taken = 0;
  do {
    taken = sendmsg(handle, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  if (taken < 0) {
    write.error = last_error();
  } else {
    write.octets = static_cast<std::size_t>(taken);
  }
  return write;
}

void half_close(NativeHandle handle) {
  // It fails only when there is no connection any more, and the receiving half tells of that.
  (void)shutdown(handle, SHUT_WR);
}

}  // namespace netduel::os
