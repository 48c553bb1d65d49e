#include "truth_file.hpp"

#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "log_files.hpp"
#include "report/json.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

std::string failed(std::string_view option, const std::string& file, std::error_code why) {
  return fmt::format("{} {}: cannot be written ({})", option, file, why.message());
}

void check_writable(std::string_view option, const std::optional<std::string>& file) {
  if (!file) return;
  if (const auto why = os::why_not_writable(*file)) throw UsageError(failed(option, *file, why));
}

}  // namespace

TruthFile::TruthFile(std::optional<std::string> file, const std::optional<std::string>& capture)
    : file_(std::move(file)) {
  check_writable("--truth", file_);
  check_writable("--pcap", capture);
  if (file_ && capture && are_one_file(*file_, *capture)) {
    throw UsageError(fmt::format("--pcap {}: --truth writes that file; name another", *capture));
  }
  if (!file_) return;
  try {
    out_.emplace(*file_);
  } catch (const std::system_error& failure) {
    throw UsageError(failed("--truth", *file_, failure.code()));
  }
}

bool TruthFile::write(const Truth& truth, bool with_text) {
  return write(describe(truth), with_text ? to_text(truth) : "");
}

bool TruthFile::write(const StarTruth& truth, bool with_text) {
  return write(describe(truth), with_text ? to_text(truth) : "");
}

bool TruthFile::write(const Report& document, const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  if (!file_) return true;
  out_->write(to_json(document) + '\n');
  const auto failure = out_->close();
  if (!failure) return true;
  complain(failed("--truth", *file_, failure));
  return false;
}

}  // namespace netduel::tool
