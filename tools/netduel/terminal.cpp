#include "terminal.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include <fmt/format.h>

namespace netduel::tool {

bool output_is_styled() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool able = terminal != nullptr && std::string_view(terminal) != "dumb";
  return wanted && able && isatty(STDOUT_FILENO) != 0;
}

bool print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written;
}

void show_progress(std::string_view text) {
  static const bool is_terminal = isatty(STDERR_FILENO) != 0;
  if (!is_terminal) return;
  // Back to the start of the line, the text, and clear what is left of the longer one before.
  fmt::print(stderr, "\r{}\x1b[K", text);
  std::fflush(stderr);
}

}  // namespace netduel::tool
