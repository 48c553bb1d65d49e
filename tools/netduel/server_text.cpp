#include "server_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "iperf3_figures.hpp"
#include "netduel/base/units.hpp"
#include "netduel/measure/statistics.hpp"
#include "printable.hpp"
#include "stream_halves.hpp"

namespace netduel::tool {
namespace {

std::string transport_of(const TestRecord& record) {
  return record.parameters.transport == Transport::udp ? "UDP" : "TCP";
}

/// Of the client's request: forward is to us.
std::string direction_of(TestDirection direction) {
  switch (direction) {
    case TestDirection::forward:
      return "from the client";
    case TestDirection::reverse:
      return "to the client";
    case TestDirection::both:
      break;
  }
  return "both ways";
}

std::string end_of(const TestParameters& parameters) {
  if (parameters.octets > 0) return format_octets(parameters.octets);
  if (parameters.blocks > 0) return format_count(parameters.blocks) + " messages";
  const std::chrono::nanoseconds time =
      parameters.netduel ? parameters.netduel->time : std::chrono::nanoseconds(parameters.time);
  if (time.count() == 0) return "without an end";
  return format_duration(std::chrono::duration<double>(time).count());
}

std::string stream_text(const TestRecord& record, std::size_t index) {
  const StreamRecord& stream = record.streams[index];
  const auto received = receiving_half(record, index);
  const auto half = received ? received : sending_half(record, index);
  std::string text =
      fmt::format("{}: stream {} {}, {}: ", record.remote.to_string(), stream.id,
                  transport_of(record), stream.sends ? "to the client" : "from the client");
  if (!half) return text + "nothing is known of it\n";
  text += fmt::format("{} {} in {}, {}", format_count(half->octets),
                      received ? "octets received" : "octets sent", format_duration(half->seconds),
                      format_bit_rate(half->bits_per_second()));
  if (received && record.parameters.transport == Transport::udp) {
    text += fmt::format(", lost {}, jitter {:.3f} ms", lost_text(half->lost, half->datagrams),
                        1e3 * half->jitter_seconds);
  }
  return text + '\n';
}

double bits_per_second(const TestRecord& record) {
  double sum = 0;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto received = receiving_half(record, i);
    const auto half = received ? received : sending_half(record, i);
    if (half) sum += half->bits_per_second();
  }
  return sum;
}

}  // namespace

std::string listening_text(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const Endpoint& endpoint : endpoints) names.push_back(endpoint.to_string());
  return fmt::format("netduel server listening on {} (Ctrl-C ends it)\n",
                     fmt::join(names, " and "));
}

std::string ServerText::began(const TestRecord& record, Time now) {
  running_[record.cookie] = now;
  const TestParameters& parameters = record.parameters;
  return fmt::format(
      "{}: {} test of {} begins, {} {} of {}\n", record.remote.to_string(), transport_of(record),
      parameters.netduel ? "netduel" : "iperf3",
      parameters.parallel == 1 ? "a stream" : fmt::format("{} streams", parameters.parallel),
      direction_of(parameters.direction), end_of(parameters));
}

std::string streams_text(const TestRecord& record) {
  std::string text;
  for (std::size_t i = 0; i < record.streams.size() && record.streams_reported; ++i) {
    text += stream_text(record, i);
  }
  return text;
}

std::string ServerText::ended(const TestRecord& record, Time now) {
  std::string text = streams_text(record);
  const auto begun = running_.find(record.cookie);
  if (begun != running_.end()) {
    const Time began = begun->second;
    running_.erase(begun);
    text += fairness(began, now, bits_per_second(record));
  }
  if (record.error) {
    text += fmt::format("{}: {}\n", record.remote.to_string(), printable(*record.error));
  }
  return text;
}

std::string ServerText::fairness(Time began, Time now, double bits_per_second) {
  std::vector<double> rates;
  for (const Past& past : past_) {
    if (past.ended > began) rates.push_back(past.bits_per_second);
  }
  rates.push_back(bits_per_second);
  past_.push_back({now, bits_per_second});
  // What ended before all that still runs began shares time with nothing that is to come.
  Time earliest = now;
  for (const auto& [cookie, time] : running_) earliest = std::min(earliest, time);
  std::erase_if(past_, [earliest](const Past& past) { return past.ended <= earliest; });
  const auto index = jain_index(rates);
  if (rates.size() < 2 || !index) return {};
  return fmt::format("{} tests ran at the same time; Jain's index of their rates is {:.3f}\n",
                     rates.size(), *index);
}

}  // namespace netduel::tool
