#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace netduel::os {

/// A file of ours that programs started by this process don't get to see, unlike a std::ofstream.
class OutputFile {
 public:
  /// Makes it, or empties it. Throws std::system_error.
  explicit OutputFile(const std::string& path);
  void write(std::string_view octets);
  /// What has come to the file until now is in it. False when anything could not be written.
  bool flush();
  /// Flushes and closes; what failed first, or nothing.
  std::error_code close();

 private:
  struct Close {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::error_code failure_;
};

/// Why a file could not be written; nothing when it can. Makes and changes no file.
std::error_code why_not_writable(const std::string& path);

}  // namespace netduel::os
