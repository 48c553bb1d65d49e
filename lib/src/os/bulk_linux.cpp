#include "os/bulk.hpp"

#include <cassert>
#include <cerrno>
#include <csignal>
#include <string>

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/owned_handle.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

void write_all(NativeHandle file, Bytes content, const std::string& attempt) {
  while (!content.empty()) {
    const ssize_t octets = write(file, content.data(), content.size());
    if (octets >= 0) {
      content = content.subspan(static_cast<std::size_t>(octets));
    } else if (errno != EINTR) {
      throw_last_error(attempt);
    }
  }
}

/// Keeps SIGPIPE from this thread while it lives: sendfile can't be told not to raise it.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
  ~WithoutSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 0) (void)pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  /// Takes back the one that was raised: it went to this thread, and would wait for it.
  void take_back() {
    const timespec at_once{};
    (void)sigtimedwait(&sigpipe_, nullptr, &at_once);
  }

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
};

}  // namespace

struct ConstantPayload::Content {
  OwnedHandle file;
};

ConstantPayload::ConstantPayload(Bytes content) : octets_(content.size()) {
  const std::string attempt =
      "keep " + std::to_string(content.size()) + " octets in a file in memory";
  OwnedHandle file(memfd_create("netduel payload", MFD_CLOEXEC));
  if (file.get() < 0) throw_last_error(attempt);
  write_all(file.get(), content, attempt);
  content_ = std::make_unique<const Content>(std::move(file));
}

ConstantPayload::~ConstantPayload() = default;

BulkOctets send_file(NativeHandle socket, const ConstantPayload& payload, std::size_t offset,
                     std::size_t octets) {
  assert(offset <= payload.octets() && octets <= payload.octets() - offset);
  WithoutSigpipe guard;
  for (;;) {
    auto position = static_cast<off_t>(offset);
    const ssize_t sent = sendfile(socket, payload.content_->file.get(), &position, octets);
    if (sent >= 0) return {.octets = static_cast<std::size_t>(sent), .error = {}};
    if (errno == EINTR) continue;
    const std::error_code error = last_error();
    if (error == std::errc::broken_pipe) guard.take_back();
    return {.octets = 0, .error = error};
  }
}

BulkOctets discard(NativeHandle socket, std::size_t most_octets) {
  assert(most_octets > 0);
  for (;;) {
    // By its number: the sanitizers take recv() for a write to memory, and there is none here.
    const long taken = syscall(SYS_recvfrom, socket, nullptr, most_octets, MSG_TRUNC | MSG_DONTWAIT,
                               nullptr, nullptr);
    if (taken >= 0) return {.octets = static_cast<std::size_t>(taken), .error = {}};
    if (errno != EINTR) return {.octets = 0, .error = last_error()};
  }
}

}  // namespace netduel::os
