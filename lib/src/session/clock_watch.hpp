#pragma once

#include <optional>
#include <string>
#include <vector>

#include "netduel/measure/clock_offset.hpp"
#include "netduel/transport/udp_socket.hpp"

namespace netduel {

/// Exchanges with a netduel server that tell how its clock stands to ours, over a UDP socket of
/// their own. One thread; no call blocks but `ask_some`.
class ClockWatch {
 public:
  /// From `local`'s address and over `interface`, where given: a server answers only the host that
  /// the test's control connection comes from. Throws std::system_error when there is no socket to
  /// be had.
  ClockWatch(const Endpoint& server, std::string cookie,
             const std::optional<Endpoint>& local = std::nullopt, std::string interface = {});

  /// Some exchanges one after the other, before a test and behind it: returns when there are enough
  /// or the time is over.
  void ask_some(Deadline deadline);
  /// Asks once more. Answers are taken whenever `listen` is called.
  void ask();
  void listen();

  /// What is known by now; nullopt when nothing was answered.
  std::optional<ClockOffset> estimate() const;

 private:
  void take(const Received& received);

  Endpoint server_;
  std::string cookie_;
  UdpSocket socket_;
  std::vector<ClockExchange> exchanges_;
};

}  // namespace netduel
