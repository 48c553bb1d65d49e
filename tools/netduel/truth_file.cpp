#include "truth_file.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "report/json.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

std::string failed(const std::string& file) {
  return fmt::format("--truth {}: cannot be written ({})", file,
                     std::generic_category().message(errno));
}

}  // namespace

TruthFile::TruthFile(std::optional<std::string> file) : file_(std::move(file)) {
  if (!file_) return;
  out_.open(*file_);
  if (!out_) throw UsageError(failed(*file_));
}

bool TruthFile::write(const Truth& truth, bool with_text) {
  const std::string text = with_text ? to_text(truth) : "";
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  if (!file_) return true;
  out_ << to_json(describe(truth)) << '\n';
  out_.close();
  if (out_) return true;
  complain(failed(*file_));
  return false;
}

}  // namespace netduel::tool
