#include "experiment/arrival_log_writer.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "experiment/arrival_log.hpp"

namespace netduel {
namespace {

void append_time(std::string& text, WallTime time) {
  constexpr std::int64_t in_a_second = 1'000'000'000;
  const std::int64_t count = time.time_since_epoch().count();
  fmt::format_to(std::back_inserter(text), "{}.{:09}", count / in_a_second, count % in_a_second);
}

}  // namespace

ArrivalLogWriter::ArrivalLogWriter(const std::string& file, std::uint64_t most_rows)
    : file_(file), out_(file), most_(most_rows) {
  out_.write("sequence,sent,arrived,octets\n");
}

void ArrivalLogWriter::add(const std::string& trial, const std::vector<Arrival>& arrivals,
                           std::uint64_t sent, bool complete) {
  if (stopped_) return;
  write_trial(trial, arrivals, sent, complete);
  if (out_.flush()) {
    rows_in_file_ = rows_;
  } else {
    stopped_ = true;
    failure_ = out_.close();
  }
}

std::error_code ArrivalLogWriter::close() {
  if (const auto failure = out_.close()) {
    failure_ = failure;
    stopped_ = true;
  }
  return failure_;
}

void ArrivalLogWriter::write_trial(const std::string& trial, const std::vector<Arrival>& arrivals,
                                   std::uint64_t sent, bool complete) {
  out_.write(fmt::format("# {}: {}{}{}\n", trial, sent, stream_mark, first_number_));
  std::string row;
  for (const Arrival& arrival : arrivals) {
    row.clear();
    fmt::format_to(std::back_inserter(row), "{},", first_number_ + arrival.sequence);
    append_time(row, arrival.sent);
    row += ',';
    append_time(row, arrival.arrived);
    fmt::format_to(std::back_inserter(row), ",{}\n", arrival.octets);
    out_.write(row);
  }
  rows_ += arrivals.size();
  if (complete) write_missing(arrivals, sent);
  if (!complete) stop();
  first_number_ += sent;
}

void ArrivalLogWriter::write_missing(const std::vector<Arrival>& arrivals, std::uint64_t sent) {
  std::vector<bool> came(static_cast<std::size_t>(sent));
  for (const Arrival& arrival : arrivals) {
    if (arrival.sequence < sent) came[static_cast<std::size_t>(arrival.sequence)] = true;
  }
  const auto missing = static_cast<std::uint64_t>(std::ranges::count(came, false));
  if (rows_ + missing > most_) {
    stop();
    return;
  }
  for (std::size_t n = 0; n < came.size(); ++n) {
    if (!came[n]) out_.write(fmt::format("{},,\n", first_number_ + n));
  }
  rows_ += missing;
}

void ArrivalLogWriter::stop() {
  stopped_ = true;
  out_.write(fmt::format("# stopped here, after {} rows: a log has at most {}\n", rows_, most_));
}

}  // namespace netduel
