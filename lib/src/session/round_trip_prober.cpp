#include "session/round_trip_prober.hpp"

#include <algorithm>
#include <utility>

#include "session/deadlines.hpp"
#include "wire/iperf3.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// How soon a stop is seen.
constexpr auto look_again = 20ms;
constexpr int times_the_longest = 2;
constexpr auto longest_wait = std::chrono::nanoseconds(30s);

}  // namespace

RoundTripProber::RoundTripProber(RoundTripQuestions questions)
    : questions_(std::move(questions)),
      socket_(UdpSocket::open(Endpoint::any(questions_.server.version()),
                              {.offload = false, .peer = questions_.server})),
      log_(wall_now()),
      thread_([this](std::stop_token stop) { work(std::move(stop)); }) {}

RoundTripLog RoundTripProber::finish(std::optional<std::chrono::nanoseconds> shortest_wait,
                                     const std::stop_token& stop) {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  listen(Deadline::min());
  const auto shortest = shortest_wait.value_or(0ns);
  const auto wait = std::clamp<std::chrono::nanoseconds>(
      times_the_longest * log_.longest(), shortest, std::max(shortest, longest_wait));
  const Deadline end = last_asked_ + std::chrono::duration_cast<Clock::duration>(wait);
  while (shortest_wait && !stop.stop_requested() && log_.open() > 0 && Clock::now() < end) {
    listen(std::min(end, deadline_in(look_again)));
  }
  if (!shortest_wait || stop.stop_requested()) log_.forget_unknown();
  return std::move(log_);
}

void RoundTripProber::work(std::stop_token stop) {
  const auto interval = std::chrono::duration_cast<Clock::duration>(questions_.interval);
  const Deadline end = deadline_in(questions_.time);
  Deadline next = Clock::now();
  while (!stop.stop_requested()) {
    const Deadline now = Clock::now();
    const bool asks = now < end && !questions_.stop.stop_requested();
    if (asks && now >= next) {
      ask();
      // What a busy machine made us miss is not made up for: a burst would be a load.
      next = std::max(next + interval, now);
    }
    listen(std::min(asks ? next : Deadline::max(), deadline_in(look_again)));
  }
}

void RoundTripProber::ask() {
  const WallTime now = wall_now();
  const auto request = iperf3::encode_clock_request(
      {.cookie = questions_.cookie, .asked = now, .received = {}, .answered = {}});
  const Bytes message(request);
  if (socket_.send_to({&message, 1}, questions_.server, Deadline::min()).accepted == 0) return;
  log_.ask(now);
  last_asked_ = Clock::now();
}

void RoundTripProber::listen(Deadline deadline) {
  const ReceiveResult result = socket_.receive(deadline);
  for (const Received& received : result.messages) {
    const auto answer = iperf3::decode_clock_answer(received.payload);
    if (!answer || answer->cookie != questions_.cookie) continue;
    log_.answer({.asked = answer->asked,
                 .received = answer->received,
                 .answered = answer->answered,
                 .came_back = received.arrived});
  }
}

}  // namespace netduel
