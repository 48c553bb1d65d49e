#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
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

/// Reads rows of "sequence,sent,arrived[,octets]" with times in seconds; an empty time of arrival
/// is that of a message which never came, and then that of sending may be empty too. Empty lines,
/// lines that begin with # and a first line that begins with a letter are passed over. `name` is
/// the input's, for errors. Throws LogError that names the first bad line and tells how many there
/// are. `octets` is how much there is to read, 0 where nobody knows: memory is taken accordingly.
std::vector<LoggedMessage> read_arrival_log(std::istream& in, const std::string& name,
                                            std::uint64_t octets = 0);

}  // namespace netduel
