#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "session/test_record.hpp"

namespace netduel::tool {

/// Which tests of a server ran at the same time, and how evenly they shared. Only tests of the same
/// transport and direction are compared: others get different shares for other reasons.
class ConcurrentTests {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Tests of one kind.
  struct Share {
    std::size_t tests = 1;
    /// Of their rates; nullopt for one alone, or where nothing came through.
    std::optional<double> jain_index;
  };
  struct Group {
    Share share;
    /// Whether there was a time when all of them ran; else each ran beside some of the others.
    bool all_at_once = true;
  };
  struct Ended {
    /// This test and those that ran at the same time and have ended so far.
    Share so_far;
    /// When no test of its kind runs any more: all since none did before, where there were several.
    std::optional<Group> group;
  };

  void began(const TestRecord& record, Time now);
  Ended ended(const TestRecord& record, Time now);

 private:
  struct Past {
    Time ended;
    double bits_per_second;
  };
  struct Kind {
    /// When each running test began, by its cookie.
    std::map<std::string, Time> running;
    /// Those that ended while others ran that still do.
    std::vector<Past> past;
    // Since none ran.
    std::vector<double> rates;
    Time last_begin{};
    std::optional<Time> first_end;
  };
  std::map<std::pair<Transport, TestDirection>, Kind> kinds_;
};

}  // namespace netduel::tool
