#include "csv.hpp"

#include <cstdint>
#include <system_error>
#include <variant>

#include <fmt/format.h>

#include "os/output_file.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

struct CsvCell {
  std::string operator()(const std::string& text) const { return csv_text(text); }
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(std::uint64_t count) const { return fmt::format("{}", count); }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string csv_cell(const Value* value) {
  return value != nullptr ? std::visit(CsvCell{}, *value) : std::string();
}

std::string csv_interval(const Value* value) {
  const auto* const interval = value != nullptr ? std::get_if<Interval>(value) : nullptr;
  const auto bound = [](const std::optional<double>& number) {
    return number ? fmt::format("{}", *number) : std::string();
  };
  if (interval == nullptr) return ",,";
  return fmt::format("{},{},{}", bound(interval->median), bound(interval->low),
                     bound(interval->high));
}

CsvOptions csv_options(const std::optional<std::string>& text, bool json) {
  CsvOptions options{.wanted = text.has_value(), .file = {}};
  // Standard input of `netduel analyze` has this name too.
  const bool to_standard_output = text == "" || text == "-";
  if (text && !to_standard_output) options.file = text;
  if (json && options.on_standard_output()) {
    throw UsageError("--csv --json: both would be on standard output; --csv FILE works beside it");
  }
  return options;
}

void check_csv_file(const CsvOptions& options) {
  if (!options.file) return;
  if (const auto why = os::why_not_writable(*options.file)) {
    throw UsageError(fmt::format("--csv {}: cannot be written ({})", *options.file, why.message()));
  }
}

bool write_csv_file(const CsvOptions& options, const std::string& values) {
  if (!options.file) return true;
  std::error_code failure;
  try {
    os::OutputFile file(*options.file);
    file.write(values);
    failure = file.close();
  } catch (const std::system_error& error) {
    failure = error.code();
  }
  if (!failure) return true;
  complain(fmt::format("write {}: {}", *options.file, failure.message()));
  return false;
}

}  // namespace netduel::tool
