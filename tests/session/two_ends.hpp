#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "session/client.hpp"
#include "session/server.hpp"

namespace netduel::testing {

/// A server on loopback, on a thread of its own, and what it has told of its tests.
class RunningServer {
 public:
  explicit RunningServer(ServerSpec spec = {})
      : server_(with_free_port(std::move(spec)),
                {.began = [](const TestRecord&) {},
                 .ended = [this](const TestRecord& record) { keep(record); },
                 .turned_away = [](const std::string&) {}}),
        thread_([this](std::stop_token stop) { server_.run(std::move(stop)); }) {}

  Endpoint at(IpVersion version = IpVersion::v4) const {
    return Endpoint::loopback(version, server_.port());
  }
  /// Waits for the n-th test to end.
  TestRecord ended(std::size_t count = 1) {
    for (int i = 0; i < 2000; ++i) {
      {
        const std::scoped_lock lock(mutex_);
        if (ended_.size() >= count) return ended_[count - 1];
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("no test has ended in 10 s");
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  static ServerSpec with_free_port(ServerSpec spec) {
    spec.port = 0;
    return spec;
  }
  void keep(const TestRecord& record) {
    const std::scoped_lock lock(mutex_);
    ended_.push_back(record);
  }

  std::mutex mutex_;
  std::vector<TestRecord> ended_;
  Server server_;
  std::jthread thread_;
};

/// A short test with whichever server.
inline ClientSpec short_test(const Endpoint& server, Transport transport) {
  ClientSpec spec;
  spec.server = server;
  spec.cookie = random_cookie();
  TestParameters& parameters = spec.parameters;
  parameters.transport = transport;
  parameters.time = std::chrono::seconds(1);
  parameters.length = transport == Transport::udp ? 1000 : 10'000;
  parameters.bits_per_second = 8e6;
  parameters.client_version = "netduel";
  parameters.netduel = NetduelParameters{};
  parameters.netduel->version = "0";
  parameters.netduel->time = std::chrono::milliseconds(200);
  parameters.netduel->drain = std::chrono::milliseconds(50);
  parameters.netduel->schedule = ScheduleKind::periodic;
  return spec;
}

inline TestRecord run(const ClientSpec& spec, std::stop_token stop = {},
                      const ClientEvents& events = {}) {
  return run_client(spec, events, std::make_shared<StreamWorkers>(1), std::move(stop));
}

}  // namespace netduel::testing
