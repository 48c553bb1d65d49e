#include "terminal.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "printable.hpp"

namespace netduel::tool {
namespace {

/// As many columns of it as there are, one column a code point.
std::string_view cut(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (begins && ++used > columns) return text.substr(0, i);
  }
  return text;
}

}  // namespace

bool output_is_styled() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool able = terminal != nullptr && std::string_view(terminal) != "dumb";
  return wanted && able && isatty(STDOUT_FILENO) != 0;
}

int print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && written) return 0;
  complain("could not write to standard output");
  return 1;
}

void complain(std::string_view text) {
  const std::string line = "netduel: " + printable(text) + '\n';
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

void keep_standard_streams() {
  int handle = open("/dev/null", O_RDONLY);
  while (handle >= 0 && handle <= STDERR_FILENO) handle = dup(handle);
  if (handle > STDERR_FILENO) close(handle);
}

void show_progress(std::string_view text) {
  static const bool is_terminal = isatty(STDERR_FILENO) != 0;
  if (!is_terminal) return;
  // Back to the start of the line, the text, and clear what is left of the longer one before.
  const std::string line = fmt::format("\r{}\x1b[K", text);
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

std::string time_left(std::chrono::nanoseconds left) {
  const double seconds = std::ceil(std::chrono::duration<double>(left).count());
  constexpr double minute = 60;
  if (seconds < 2 * minute) return fmt::format("{:.0f} s", seconds);
  return fmt::format("{:.0f} min", std::ceil(seconds / minute));
}

std::size_t progress_columns() {
  constexpr std::size_t usual = 80;
  winsize size{};
  const bool told = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return told ? size.ws_col : usual;
}

void show_progress_lines(const std::vector<std::string>& lines) {
  static const bool is_terminal = isatty(STDERR_FILENO) != 0;
  static std::size_t shown = 0;
  if (!is_terminal) return;
  // Back to where the first of them began, and clear all from there.
  std::string text = shown > 0 ? fmt::format("\x1b[{}A", shown) : std::string();
  text += "\r\x1b[J";
  // One that went on in the next row would stay there when the cursor goes back.
  for (const std::string& line : lines) text += fmt::format("{}\n", cut(line, progress_columns()));
  shown = lines.size();
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace netduel::tool
