#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "netduel/measure/arrival.hpp"
#include "os/output_file.hpp"

namespace netduel {

/// Writes logs that `read_arrival_log` reads: a row for each arrival of one trial after the other,
/// and one without times for each message that never came. The numbers of a trial go on behind
/// those of the trial before. Bounded: what doesn't fit is left out as a whole trial's end, and
/// said so, in the file too. Each trial is in the file before the next; the first that can't be
/// written is the last that is tried.
class ArrivalLogWriter {
 public:
  /// Makes the file, or empties it. Throws std::system_error.
  ArrivalLogWriter(const std::string& file, std::uint64_t most_rows);

  /// How many arrivals of the next trial there is room for; 0 once the log has stopped.
  std::size_t room() const { return stopped_ ? 0 : static_cast<std::size_t>(most_ - rows_); }

  /// A trial of `sent` messages, named for people. `complete` is false when more came than there
  /// was room for: the log then stops here.
  void add(const std::string& trial, const std::vector<Arrival>& arrivals, std::uint64_t sent,
           bool complete);
  /// Closes the file; why it could not be written, or nothing.
  std::error_code close();

  const std::string& file() const { return file_; }
  /// Of trials that are in the file as a whole, or up to where it stopped.
  std::uint64_t rows() const { return failure_ ? rows_in_file_ : rows_; }
  /// Full, or not to be written.
  bool stopped() const { return stopped_; }

 private:
  void stop();
  void write_trial(const std::string& trial, const std::vector<Arrival>& arrivals,
                   std::uint64_t sent, bool complete);
  void write_missing(const std::vector<Arrival>& arrivals, std::uint64_t sent);

  std::string file_;
  os::OutputFile out_;
  std::uint64_t most_;
  std::uint64_t rows_ = 0;
  std::uint64_t rows_in_file_ = 0;
  std::error_code failure_;
  /// Of the trial that comes next.
  std::uint64_t first_number_ = 0;
  bool stopped_ = false;
};

}  // namespace netduel
