#include "os/output_file.hpp"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <unistd.h>

namespace netduel::os {
namespace {

std::error_code last_failure() {
  return {errno, std::generic_category()};
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : file_(std::fopen(path.c_str(), "we")) {
  if (!file_) throw std::system_error(last_failure(), "write " + path);
}

void OutputFile::write(std::string_view octets) {
  if (std::fwrite(octets.data(), 1, octets.size(), file_.get()) != octets.size() && !failure_) {
    failure_ = last_failure();
  }
}

bool OutputFile::flush() {
  if (std::fflush(file_.get()) != 0 && !failure_) failure_ = last_failure();
  return !failure_;
}

std::error_code OutputFile::close() {
  if (file_ && std::fclose(file_.release()) != 0 && !failure_) failure_ = last_failure();
  return failure_;
}

std::error_code why_not_writable(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return {EISDIR, std::generic_category()};
  if (access(path.c_str(), W_OK) == 0) return {};
  if (errno != ENOENT) return last_failure();
  // Perhaps a link to what isn't there: what is to be made is behind it.
  const fs::path folder = fs::weakly_canonical(path, ignored).parent_path();
  if (ignored || access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0) return {};
  return last_failure();
}

}  // namespace netduel::os
