#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace netduel::tool {

/// Where lines go: standard output or a file, each with what belongs before it.
class Output {
 public:
  struct Prefix {
    /// "TITLE:  " before each line.
    std::string title;
    /// A format of strftime(3).
    std::optional<std::string> timestamps;
  };

  /// Without a file: standard output. A file is appended to. Throws std::system_error that names
  /// it.
  Output(const std::optional<std::string>& file, Prefix prefix);

  /// Whole lines, each with its prefix, at once. What a terminal would take for commands is written
  /// out (printable.hpp): some of it is a peer's.
  void lines(std::string_view text);
  /// As it is.
  void raw(std::string_view text);
  /// Is stopped by the first write that fails: what goes on for the sake of the output needn't.
  void stop_on_failure(std::stop_source source) { on_failure_ = std::move(source); }
  /// 1, after a complaint, when something could not be written; else 0.
  int finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::unique_ptr<std::FILE, Close> owned_;
  std::FILE* out_ = stdout;
  std::string name_ = "standard output";
  Prefix prefix_;
  std::stop_source on_failure_{std::nostopstate};
  bool failed_ = false;
};

}  // namespace netduel::tool
