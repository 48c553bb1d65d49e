#include "os/lab_output_linux.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace netduel::os {
namespace {

/// A line without an end is cut here rather than gathered for ever.
constexpr std::size_t longest_line = 65536;

/// Past any buffer, so that lines of several processes stay whole.
void write_to_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t length = write(STDERR_FILENO, text.data(), text.size());
    if (length >= 0) {
      text.remove_prefix(static_cast<std::size_t>(length));
    } else if (errno == EAGAIN) {
      // Somebody who shares it has made it non-blocking.
      pollfd full{STDERR_FILENO, POLLOUT, 0};
      (void)poll(&full, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace

void say(const std::string& text) {
  write_to_stderr("netduel: lab: " + text + '\n');
}

PrefixedOutput::PrefixedOutput(std::string prefix) : prefix_(std::move(prefix)) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "make a pipe for the served command");
  }
  reading_end_ = OwnedHandle(ends[0]);
  writing_end_ = OwnedHandle(ends[1]);
  // This end's own: the program's stays blocking.
  fcntl(reading_end_.get(), F_SETFL, O_NONBLOCK);
}

bool PrefixedOutput::hand_on() {
  if (reading_end_.get() < 0) return false;
  std::array<char, 65536> more;
  ssize_t length = 0;
  do {
    length = read(reading_end_.get(), more.data(), more.size());
  } while (length < 0 && errno == EINTR);
  if (length < 0 && errno == EAGAIN) return false;
  if (length <= 0) {
    reading_end_ = OwnedHandle(-1);
    return false;
  }
  begun_.append(more.data(), static_cast<std::size_t>(length));
  hand_on_lines();
  return true;
}

void PrefixedOutput::finish() {
  // Whoever still writes is not waited for: more than a pipe holds is not of before.
  for (int reads = 0; reads < 16 && hand_on(); ++reads) {
  }
  if (begun_.empty()) return;
  begun_ += '\n';
  hand_on_lines();
}

void PrefixedOutput::hand_on_lines() {
  if (begun_.size() >= longest_line && begun_.find('\n') == std::string::npos) begun_ += '\n';
  std::string lines;
  std::size_t from = 0;
  for (auto end = begun_.find('\n'); end != std::string::npos; end = begun_.find('\n', from)) {
    lines += prefix_ + begun_.substr(from, end + 1 - from);
    from = end + 1;
  }
  begun_.erase(0, from);
  write_to_stderr(lines);
}

}  // namespace netduel::os
