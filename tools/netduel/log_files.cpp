#include "log_files.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "os/output_file.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

namespace fs = std::filesystem;

bool has_both(const CompareOptions& options) {
  return options.spec.udp && options.spec.tcp;
}

/// "log.csv" becomes "log.udp.csv" where there is a log for each transport.
std::string name_for(const CompareOptions& options, std::string_view transport) {
  const fs::path path(*options.log_file);
  if (!has_both(options)) return path.string();
  return (path.parent_path() / path.stem()).string() + '.' + std::string(transport) +
         path.extension().string();
}

std::vector<std::string> names(const CompareOptions& options) {
  std::vector<std::string> found;
  if (options.spec.udp) found.push_back(name_for(options, "udp"));
  if (options.spec.tcp) found.push_back(name_for(options, "tcp"));
  return found;
}

[[noreturn]] void refuse_log(std::string_view file, std::string_view why) {
  throw UsageError(fmt::format("--log {}: {}", file.empty() ? "''" : file, why));
}

/// Devices and pipes have no second name.
void check_asked_for(const CompareOptions& options) {
  const std::string& file = *options.log_file;
  std::error_code none;
  const bool directory = fs::path(file).filename().empty() || fs::is_directory(file, none);
  if (file.empty() || file == "-" || directory) refuse_log(file, "give the name of a file");
  if (has_both(options) && fs::exists(file, none) && !fs::is_regular_file(file, none)) {
    refuse_log(file, "each transport has a log of its own; name a file, or one --transport");
  }
}

void check_apart(const std::string& file, std::string_view option,
                 const std::optional<std::string>& other) {
  if (!other || !are_one_file(file, *other)) return;
  refuse_log(file, fmt::format("{} writes that file; name another", option));
}

}  // namespace

bool are_one_file(const std::string& one, const std::string& other) {
  std::error_code none;
  if (fs::exists(one, none) && !fs::is_regular_file(one, none)) return false;
  return fs::weakly_canonical(one, none) == fs::weakly_canonical(other, none) ||
         fs::equivalent(one, other, none);
}

void check_log_files(const CompareOptions& options) {
  if (!options.log_file) return;
  check_asked_for(options);
  const std::vector<std::string> files = names(options);
  if (has_both(options) && are_one_file(files[0], files[1])) {
    refuse_log(files[1], "it is the same file as " + files[0]);
  }
  for (const std::string& file : files) {
    if (const auto why = os::why_not_writable(file)) {
      refuse_log(file, fmt::format("cannot be written ({})", why.message()));
    }
    check_apart(file, "--truth", options.truth_file);
    check_apart(file, "--pcap", options.spec.lab ? options.spec.lab->capture_file : std::nullopt);
  }
}

ArrivalLogs open_log_files(const CompareOptions& options) {
  ArrivalLogs logs;
  if (!options.log_file) return logs;
  const auto open = [&](std::string_view transport) {
    const std::string file = name_for(options, transport);
    try {
      return ArrivalLogWriter(file, options.log_rows);
    } catch (const std::system_error& failure) {
      refuse_log(file, fmt::format("cannot be written ({})", failure.code().message()));
    }
  };
  if (options.spec.udp) logs.udp.emplace(open("udp"));
  if (options.spec.tcp) logs.tcp.emplace(open("tcp"));
  return logs;
}

}  // namespace netduel::tool
