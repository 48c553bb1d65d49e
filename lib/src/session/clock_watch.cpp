#include "session/clock_watch.hpp"

#include <algorithm>
#include <utility>

#include "wire/iperf3.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t enough = 8;
/// An exchange that isn't answered so soon is followed by another.
constexpr auto longest_answer = 200ms;
/// A test of a day at ten a second: more say nothing new.
constexpr std::size_t most_exchanges = 1'000'000;

}  // namespace

ClockWatch::ClockWatch(const Endpoint& server, std::string cookie,
                       const std::optional<Endpoint>& local, std::string interface)
    : server_(server),
      cookie_(std::move(cookie)),
      socket_(
          UdpSocket::open(local ? local->with_port(0) : Endpoint::any(server.version()),
                          {.offload = false, .peer = server, .interface = std::move(interface)})) {}

void ClockWatch::ask_some(Deadline deadline) {
  const std::size_t wanted = exchanges_.size() + enough;
  while (exchanges_.size() < wanted && Clock::now() < deadline) {
    const std::size_t before = exchanges_.size();
    ask();
    const Deadline answered_by = std::min<Deadline>(Clock::now() + longest_answer, deadline);
    while (exchanges_.size() == before && Clock::now() < answered_by) {
      const ReceiveResult result = socket_.receive(answered_by);
      for (const Received& received : result.messages) take(received);
    }
  }
}

void ClockWatch::ask() {
  const auto request = iperf3::encode_clock_request(
      {.cookie = cookie_, .asked = wall_now(), .received = {}, .answered = {}});
  const Bytes message(request);
  (void)socket_.send_to({&message, 1}, server_, Deadline::min());
}

void ClockWatch::listen() {
  for (;;) {
    const ReceiveResult result = socket_.receive(Deadline::min());
    for (const Received& received : result.messages) take(received);
    if (result.end != End::open) return;
  }
}

void ClockWatch::take(const Received& received) {
  const auto answer = iperf3::decode_clock_answer(received.payload);
  if (!answer || answer->cookie != cookie_ || exchanges_.size() >= most_exchanges) return;
  exchanges_.push_back({.asked = answer->asked,
                        .received = answer->received,
                        .answered = answer->answered,
                        .came_back = received.arrived});
}

std::optional<ClockOffset> ClockWatch::estimate() const {
  return estimate_clock_offset(exchanges_);
}

}  // namespace netduel
