#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/report.hpp"
#include "session/test_record.hpp"

namespace netduel {

// The parts of a test's report, each below the report's scope.

/// Goes through the intervals of a test in their order.
class IntervalWalk {
 public:
  /// Adds the next one: `streams`, `sum` and, in a test of both directions, `sum_bidir_reverse`.
  void describe_next(const TestRecord& record, Report& report);
  /// Passes over the next one.
  void skip_next(const TestRecord& record);

 private:
  struct Part;
  Part part_of(const TestRecord& record, const IntervalMark& mark, std::size_t stream) const;

  std::size_t next_ = 0;
  const IntervalMark* before_ = nullptr;
  /// When the omitted time was over, from which iperf3 counts anew.
  std::chrono::nanoseconds omitted_until_{};
  /// By stream: what late arrivals repair was shown as lost already, and is taken off what comes.
  std::vector<std::uint64_t> most_lost_;
};

/// Adds what iperf3 has under `end`; false, and nothing added, for a test that came to no figures.
bool describe_end(const TestRecord& record, Report& report);

/// Adds what netduel knows beyond iperf3.
void describe_additions(const TestRecord& record, Report& report);

/// Adds `start`, `end`, `seconds`, `bytes` and `bits_per_second`.
void describe_transfer(double start, double end, std::optional<std::uint64_t> octets,
                       Report& report);
/// What stands for the socket: the descriptor, as in iperf3, or the stream's id where it has none.
std::uint64_t socket_number(const StreamRecord& stream);
/// Percent; 0 of nothing.
double percent(std::uint64_t part, std::uint64_t whole);

}  // namespace netduel
