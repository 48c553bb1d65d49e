#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "netduel/base/endpoint.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "session/round_trip_log.hpp"

namespace netduel {

/// Where and how to ask.
struct RoundTripQuestions {
  /// A netduel server, which answers for as long as a test of ours runs there.
  Endpoint server;
  /// Of that test.
  std::string cookie;
  std::chrono::nanoseconds interval = std::chrono::milliseconds(20);
  /// Nothing is asked after this time, or a stop.
  std::chrono::nanoseconds time{};
  std::stop_token stop = {};
};

/// Asks a server at a steady rate beside what else goes on, on a thread and a socket of its own in
/// the network of the thread that makes it.
class RoundTripProber {
 public:
  /// Begins. Throws std::system_error when there is no socket to be had.
  explicit RoundTripProber(RoundTripQuestions questions);

  /// Asks nothing more, and waits for the answers that are still to come: at least as long after
  /// the last question, and longer where some took longer. What didn't come is lost then. Without
  /// a time, and after a stop, it doesn't wait, and leaves out what may still be answered.
  RoundTripLog finish(std::optional<std::chrono::nanoseconds> shortest_wait,
                      const std::stop_token& stop);

 private:
  void work(std::stop_token stop);
  void ask();
  void listen(Deadline deadline);

  RoundTripQuestions questions_;
  UdpSocket socket_;
  RoundTripLog log_;
  Deadline last_asked_{};
  std::jthread thread_;
};

}  // namespace netduel
