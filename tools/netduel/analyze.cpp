#include "analyze.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "experiment/analysis.hpp"
#include "report/json.hpp"
#include "report/table.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

/// Whether there is one more line to show.
bool exceeds(const Report& report, std::string_view metric, std::uint64_t usual) {
  const Value* const value = report.find(metric);
  return value != nullptr && std::get<std::uint64_t>(*value) > usual;
}

std::vector<TableLine> lines(const Report& report) {
  std::vector<TableLine> all = {
      {.label = "Messages"},
      {.label = "sent", .metric = "sent"},
      {.label = "arrived", .metric = "unique"},
      {.label = "lost", .metric = "lost"},
      {.label = "lost, of those sent", .metric = "loss_ratio"},
      {.label = "duplicates", .metric = "duplicates"},
      {.label = "Loss periods (RFC 3357)"},
      {.label = "periods", .metric = "loss_periods.count"},
      {.label = "messages in one, mean", .metric = "loss_periods.mean_length"},
      {.label = "messages in the longest", .metric = "loss_periods.longest"},
      {.label = "Reordering (RFC 4737)"},
      {.label = "reordered", .metric = "reordered"},
      {.label = "reordered, of those that arrived", .metric = "reordered_ratio"},
      {.label = "extent, mean", .metric = "extent.mean"},
      {.label = "extent, max", .metric = "extent.max"},
      {.label = "late by, mean", .metric = "late_seconds.mean"},
      {.label = "byte offset, mean", .metric = "byte_offset.mean"},
      {.label = "3-reordered (TCP would send again)", .metric = "n_reordering.3"},
      {.label = "Delay (RFC 7679)"},
      {.label = "min", .metric = "delay_seconds.min"},
      {.label = "p50", .metric = "delay_seconds.p50"},
      {.label = "p99", .metric = "delay_seconds.p99"},
      {.label = "max", .metric = "delay_seconds.max"},
      {.label = "Delay variation (RFC 5481, RFC 3550)"},
      {.label = "PDV, p50", .metric = "pdv_seconds.p50"},
      {.label = "PDV, p99", .metric = "pdv_seconds.p99"},
      {.label = "IPDV, p50", .metric = "ipdv_seconds.p50"},
      {.label = "IPDV, p99", .metric = "ipdv_seconds.p99"},
      {.label = "jitter of RTP, at the end", .metric = "jitter_rfc3550_seconds"},
  };
  const auto add_below = [&](std::string_view metric, const TableLine& line) {
    all.insert(std::next(std::ranges::find(all, metric, &TableLine::metric)), line);
  };
  if (exceeds(report, "byte_offsets_cut", 0)) {
    add_below("byte_offset.mean",
              {.label = "byte offsets that are more", .metric = "byte_offsets_cut"});
  }
  if (exceeds(report, "extents_cut", 0)) {
    add_below("extent.max", {.label = "extents that are more", .metric = "extents_cut"});
  }
  if (exceeds(report, "streams", 1)) {
    all.insert(std::next(all.begin()), {.label = "trials, by themselves", .metric = "streams"});
  }
  return all;
}

ArrivalLog read(const std::string& file) {
  if (file == "-") return read_arrival_log(std::cin, "standard input");
  std::ifstream in(file);
  if (!in) {
    throw UsageError(fmt::format("{}: cannot be read ({})", file.empty() ? "''" : file,
                                 std::generic_category().message(errno)));
  }
  std::error_code unknown;
  const auto octets = std::filesystem::file_size(file, unknown);
  return read_arrival_log(in, file, unknown ? 0 : octets);
}

Report report_of(const AnalyzeOptions& options) {
  try {
    return analyze(read(options.file), options.spec);
  } catch (const LogError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

int run(const AnalyzeOptions& options) {
  const Report report = report_of(options);
  if (options.json) return print(to_json(report) + '\n');
  return print(to_table(report, lines(report), {{.title = options.file, .scope = ""}},
                        {.bold = output_is_styled()}));
}

}  // namespace netduel::tool
