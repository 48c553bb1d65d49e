#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netduel {

/// One row: a message that was sent, and when it arrived.
struct LoggedMessage {
  std::uint64_t sequence = 0;
  std::chrono::nanoseconds sent{};  ///< since any moment, the same for all rows
  std::chrono::nanoseconds arrived{};
  std::uint32_t octets = 0;
  bool lost = false;     ///< never arrived: there is no time of arrival
  bool undated = false;  ///< lost, and not known when it was sent
};

/// Says which line was wrong and what would work.
class LogError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The rows of each stream: of one, unless the log is of several trials.
using ArrivalLog = std::vector<std::vector<LoggedMessage>>;

/// A comment that holds this and ends with a number begins a stream, that knows nothing of the one
/// before it.
constexpr std::string_view stream_mark = " sent, numbered from ";

/// Reads rows of "sequence,sent,arrived[,octets]" with times in seconds; an empty time of arrival
/// is that of a message which never came, and then that of sending may be empty too. Empty lines,
/// lines that begin with # and a heading, a first line of names without any number, are passed
/// over. `name` is the input's, for errors. Throws LogError that tells what is wrong with the first
/// bad line and which others are. No stream of the result is empty, and there is one at least.
/// `octets` is how much there is to read, 0 where nobody knows: memory is taken accordingly.
ArrivalLog read_arrival_log(std::istream& in, const std::string& name, std::uint64_t octets = 0);

}  // namespace netduel
