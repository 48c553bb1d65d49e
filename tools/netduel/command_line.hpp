#pragma once

#include <stdexcept>
#include <string>
#include <variant>

#include "experiment/compare.hpp"
#include "experiment/overhead_report.hpp"

namespace netduel::tool {

/// Something to print instead of running: help, the version, or the questions that a bare call
/// answers.
struct Print {
  std::string text;
};

struct CompareOptions {
  CompareSpec spec;
  bool json = false;
};

struct OverheadOptions {
  OverheadSpec spec;
  bool json = false;
};

using Request = std::variant<Print, CompareOptions, OverheadOptions>;

/// One line that says what was wrong with the call and what would work.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads the whole command line into plain structs. Throws UsageError.
Request parse_command_line(int argc, const char* const* argv);

}  // namespace netduel::tool
