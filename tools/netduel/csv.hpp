#pragma once

#include <optional>
#include <string>

#include "netduel/base/report.hpp"

namespace netduel::tool {

// Comma-separated values (RFC 4180), and the option --csv [FILE].

/// Quoted where it must be (section 2).
std::string csv_text(const std::string& text);
/// Empty for what is absent or no single figure.
std::string csv_cell(const Value* value);
/// Its median, low and high: three cells.
std::string csv_interval(const Value* value);

/// Where comma-separated values go, if anywhere.
struct CsvOptions {
  bool wanted = false;
  /// Absent: standard output, in the place of a table.
  std::optional<std::string> file;

  bool on_standard_output() const { return wanted && !file; }
};
/// Of the option's text: empty and "-" are standard output, which `json` would take, too. Throws
/// UsageError.
CsvOptions csv_options(const std::optional<std::string>& text, bool json);
/// Throws UsageError where the file can't be written; it is as it was then.
void check_csv_file(const CsvOptions& options);
/// False, with a complaint, when the file could not be written.
bool write_csv_file(const CsvOptions& options, const std::string& values);

}  // namespace netduel::tool
