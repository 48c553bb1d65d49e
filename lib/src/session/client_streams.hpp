#pragma once

#include <stop_token>

#include "session/client.hpp"
#include "session/control_channel.hpp"

namespace netduel {

/// Opens a client's data streams, one after the other.
class ClientStreams {
 public:
  ClientStreams(const ClientSpec& spec, const TestParameters& parameters, ControlChannel& control,
                std::stop_token stop)
      : spec_(spec), parameters_(parameters), control_(control), stop_(std::move(stop)) {}

  /// Throws std::system_error or ControlError that names the attempt.
  Task<void> open(TestStreams& streams);
  /// The server has said TEST_START already: all streams are open, whatever became of the last
  /// answer to a hello.
  bool has_seen_start() const { return has_seen_start_; }

 private:
  void open_tcp(TestStreams& streams);
  Task<void> open_udp(TestStreams& streams);
  Task<void> say_hello(UdpSocket& socket);
  std::optional<Endpoint> local(std::size_t index) const;

  const ClientSpec& spec_;
  const TestParameters& parameters_;
  ControlChannel& control_;
  std::stop_token stop_;
  bool has_seen_start_ = false;
};

}  // namespace netduel
