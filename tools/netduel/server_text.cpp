#include "server_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "iperf3_figures.hpp"
#include "netduel/base/units.hpp"
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

}  // namespace

std::string listening_text(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const Endpoint& endpoint : endpoints) names.push_back(endpoint.to_string());
  return fmt::format("netduel server listening on {} (Ctrl-C ends it)\n",
                     fmt::join(names, " and "));
}

std::string began_text(const TestRecord& record) {
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

std::string ended_text(const TestRecord& record, const ConcurrentTests::Ended& beside) {
  std::string text = streams_text(record);
  if (record.error) {
    text += fmt::format("{}: {}\n", record.remote.to_string(), printable(*record.error));
  }
  if (beside.group && beside.group->share.jain_index) {
    const auto& [share, all_at_once] = *beside.group;
    text += fmt::format("{} {} tests {} {}; Jain's index of their rates is {:.3f}\n", share.tests,
                        transport_of(record), direction_of(record.parameters.direction),
                        all_at_once ? "ran at the same time" : "ran, each beside others of them",
                        *share.jain_index);
  }
  return text;
}

}  // namespace netduel::tool
