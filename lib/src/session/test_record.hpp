#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netduel/measure/clock_offset.hpp"
#include "session/control_documents.hpp"
#include "session/test_parameters.hpp"
#include "session/test_streams.hpp"

namespace netduel {

/// What a stream had counted when an interval ended: the omitted time and all before included.
struct IntervalMark {
  std::vector<LiveFigures> streams;
  std::vector<std::optional<TcpInfo>> tcp;
  /// Since the start of the streams.
  std::chrono::nanoseconds at{};
  bool omitted = false;
};

/// How the server's clock stood to the client's.
struct ClockRecord {
  /// What the streams' times were written by, the same all the time: 0 where both ends are one
  /// host's and have one clock.
  ClockOffset assumed;
  /// From all exchanges, before, during and behind the test.
  ClockOffset known;
};

/// Everything that one end knows of a test when it is over, also one that failed midway. A plain
/// value.
struct TestRecord {
  TestParameters parameters;
  Role role = Role::client;
  std::string cookie;
  /// Of the control connection.
  Endpoint local;
  Endpoint remote;
  WallTime began{};
  /// How long the streams ran, the omitted time left out.
  std::chrono::nanoseconds duration{};
  /// The same until a stock server's host had acknowledged all that was sent to it.
  std::optional<std::chrono::nanoseconds> taken_after;
  /// What is in them but their reports is known from the opening of the streams on.
  std::vector<StreamRecord> streams;
  bool streams_reported = false;
  /// Of the control connection when it was open.
  TcpInfo control_info;
  /// From a netduel server.
  std::optional<Terms> terms;
  std::vector<IntervalMark> intervals;
  /// What this end told the other, and what the other told.
  TestResults ours;
  std::optional<TestResults> theirs;
  /// Why it ended early.
  std::optional<std::string> error;
  bool interrupted = false;
  /// Both ends are here, with an emulated path between them.
  bool has_own_path = false;
  /// Of a client whose server is netduel and answered.
  std::optional<ClockRecord> clock;
};

/// Whether nothing but this host's own stack is between the two ends, as far as addresses tell.
inline bool stays_in_host(const TestRecord& record) {
  if (record.remote.is_unspecified()) return false;
  return record.remote.is_loopback() || record.remote.with_port(0) == record.local.with_port(0);
}

/// Whether both ends are in one host, as far as is known.
inline bool one_host(const TestRecord& record) {
  return record.has_own_path || stays_in_host(record);
}

}  // namespace netduel
