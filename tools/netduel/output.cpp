#include "output.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "printable.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

std::string time_text(const std::string& format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format.c_str(), &parts)};
}

}  // namespace

Output::Output(const std::optional<std::string>& file, Prefix prefix) : prefix_(std::move(prefix)) {
  if (!file) return;
  owned_.reset(std::fopen(file->c_str(), "ae"));
  if (!owned_) throw std::system_error(errno, std::generic_category(), "open " + *file);
  out_ = owned_.get();
  name_ = *file;
}

void Output::lines(std::string_view text) {
  std::string before = prefix_.timestamps ? time_text(*prefix_.timestamps) : std::string();
  if (!prefix_.title.empty()) before += prefix_.title + ":  ";
  const std::string harmless = printable_lines(text);
  std::string all;
  for (std::string_view rest = harmless; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    all.append(before).append(rest.substr(0, end)).append("\n");
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  }
  raw(all);
}

void Output::raw(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), out_) == text.size();
  if (std::fflush(out_) != 0 || !written) {
    failed_ = true;
    on_failure_.request_stop();
  }
}

int Output::finish() {
  if (failed_) complain("could not write to " + name_);
  return failed_ ? 1 : 0;
}

}  // namespace netduel::tool
