#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "session/test_record.hpp"

namespace netduel::tool {

/// "netduel server listening on ..."
std::string listening_text(const std::vector<Endpoint>& endpoints);

/// A line for each stream of a test that has ended.
std::string streams_text(const TestRecord& record);

/// What `netduel server` says of tests as they come and go. Remembers what ran at the same time.
class ServerText {
 public:
  using Time = std::chrono::steady_clock::time_point;

  std::string began(const TestRecord& record, Time now);
  std::string ended(const TestRecord& record, Time now);

 private:
  struct Past {
    Time ended;
    double bits_per_second;
  };
  std::string fairness(Time began, Time now, double bits_per_second);

  /// When each running test began, by its cookie.
  std::map<std::string, Time> running_;
  /// Those that ended while others ran that still do.
  std::vector<Past> past_;
};

}  // namespace netduel::tool
