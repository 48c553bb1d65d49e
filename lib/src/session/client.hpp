#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "session/known_path.hpp"
#include "session/stream_workers.hpp"
#include "session/test_record.hpp"

namespace netduel {

/// One address of a server, and what depends on which it is.
struct ServerRoute {
  Endpoint server;
  std::optional<Endpoint> local;
  /// As in the test's parameters.
  std::size_t length = 0;
};

/// A test that a client runs with a server.
struct ClientSpec {
  Endpoint server;
  /// Where the control connection and the streams come from; port 0 takes free ones.
  std::optional<Endpoint> local;
  /// Tried one after the other where `server` doesn't accept.
  std::vector<ServerRoute> alternatives = {};
  /// The port of the first data stream; those after it have the next ones. 0: free ones.
  std::uint16_t first_port = 0;
  std::string interface;
  /// With `netduel` in them for a peer that may be netduel; whether it is shows when it answers.
  TestParameters parameters;
  /// For all addresses together.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(10);
  /// How long nothing may come, or nothing be taken, before the test is given up.
  std::chrono::nanoseconds stall_timeout = std::chrono::seconds(120);
  /// Between two marks; 0: none but at the end.
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  std::string cookie;
  /// The server is in this process, behind an emulated path: both ends read one clock, which
  /// nothing need be asked about.
  bool has_own_path = false;
  KnownPath path = {};
};

/// For a test of its own; from the system's random numbers.
std::string random_cookie();

/// What a client tells while its test runs. Called on the thread that runs it.
struct ClientEvents {
  /// The streams are open and will run at once: `record.streams` says which there are.
  std::function<void(const TestRecord&)> began = [](const TestRecord&) {};
  /// An interval has ended: the last of `record.intervals`.
  std::function<void(const TestRecord&)> interval = [](const TestRecord&) {};
};

/// Runs a test, in the network of the calling thread. Never throws for what goes wrong on the way:
/// the record says so then and holds what was measured. A stop ends the test early.
TestRecord run_client(const ClientSpec& spec, const ClientEvents& events,
                      std::shared_ptr<StreamWorkers> workers, std::stop_token stop);

}  // namespace netduel
