#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "netduel/base/endpoint.hpp"
#include "session/known_path.hpp"
#include "session/place.hpp"
#include "session/test_record.hpp"
#include "wire/iperf3.hpp"

namespace netduel {

struct ServerSpec {
  std::uint16_t port = iperf3::default_port;
  /// Absent: all addresses of this host, of both IP versions.
  std::optional<Endpoint> address = {};
  /// Of all addresses only those of this version.
  std::optional<IpVersion> ip_version = {};
  /// Ends after one test.
  bool one_off = false;
  /// Further clients are told that the server is busy; 0: as many as come.
  std::size_t most_tests = 0;
  /// Longer tests are refused; 0: as long as clients like.
  std::chrono::nanoseconds longest_time{};
  /// A test that asks for more bits a second in all is refused, and one without a limit too; one
  /// that carries more in spite of what it asked for is ended (RateGuard). 0: no limit.
  double most_bits_per_second = 0;
  /// The server ends when no test ran for this long; 0: never.
  std::chrono::nanoseconds idle_timeout{};
  /// A test whose streams bring nothing for this long is ended.
  std::chrono::nanoseconds receive_timeout = std::chrono::seconds(120);
  /// Where the threads of its streams run.
  Place place = {};
  KnownPath path = {};
  /// For tests of what two clocks do: this server's is wrong by as much. Its streams take the error
  /// that there is when they are opened.
  std::function<std::chrono::nanoseconds()> clock_error = {};
};

/// What a server tells of its tests as they come and go. Called on the server's thread.
struct ServerEvents {
  /// The streams are open and will run at once.
  std::function<void(const TestRecord&)> began = [](const TestRecord&) {};
  std::function<void(const TestRecord&)> ended = [](const TestRecord&) {};
  /// What a client is given that asks for the server's own output: as text, or as a JSON document.
  std::function<std::optional<std::string>(const TestRecord&)> output_text = [](const TestRecord&) {
    return std::nullopt;
  };
  std::function<std::optional<std::string>(const TestRecord&)> output_json = [](const TestRecord&) {
    return std::nullopt;
  };
  /// A client that came to no test: why, in a line.
  std::function<void(const std::string&)> turned_away = [](const std::string&) {};
};

/// Serves iperf3's and netduel's clients, many tests at the same time on one port.
class Server {
 public:
  /// Listens, in the network of the calling thread, which must be the spec's place's. Throws
  /// std::system_error that names the attempt.
  Server(const ServerSpec& spec, ServerEvents events);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Where it listens.
  std::vector<Endpoint> endpoints() const;
  /// Serves, in the same network, until `stop` is asked for, the one test of a one-off is over, or
  /// nothing happened for the spec's idle time. Running tests are ended then, and their clients
  /// told. False when the idle time ended it.
  bool run(std::stop_token stop);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace netduel
