#include "os/wakeup.hpp"

#include <array>
#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

#include "os/socket.hpp"

namespace netduel::os {

Wakeup::Ends Wakeup::make_pipe() {
  const std::string attempt = "make a pipe to be woken through";
  std::array<int, 2> handles{};
  if (pipe(handles.data()) != 0) throw_last_error(attempt);
  Ends ends{.reading = OwnedHandle(handles[0]), .writing = OwnedHandle(handles[1])};
  for (const int handle : handles) {
    close_on_exec(handle);
    // What doesn't fit isn't needed: the pipe is readable already.
    if (fcntl(handle, F_SETFL, O_NONBLOCK) != 0) throw_last_error(attempt);
  }
  return ends;
}

Wakeup::Wakeup() : ends_(make_pipe()) {}

void Wakeup::wake() const {
  // A signal handler leaves no trace of its own in what it interrupted.
  const int before = errno;
  const std::byte word{1};
  while (write(ends_.writing.get(), &word, sizeof word) < 0 && errno == EINTR) {
  }
  errno = before;
}

void Wakeup::clear() const {
  std::array<std::byte, 64> words{};
  for (;;) {
    const ssize_t octets = read(ends_.reading.get(), words.data(), words.size());
    if (octets < 0 && errno == EINTR) continue;
    if (octets < static_cast<ssize_t>(words.size())) return;
  }
}

}  // namespace netduel::os
