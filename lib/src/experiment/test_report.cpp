#include "experiment/test_report.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "experiment/json_rows.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report_parts.hpp"
#include "os/host_counters.hpp"

namespace netduel {
namespace {

using Octets = std::optional<std::uint64_t>;

void describe_connected(const TestRecord& record, Report& report) {
  if (record.streams.empty()) report.add("connected", EmptyList{});
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const StreamRecord& stream = record.streams[i];
    const Report::Scope scope(report, fmt::format("connected[{}]", i));
    report.add("socket", socket_number(stream));
    report.add("local_host", stream.local.address_to_string());
    report.add("local_port", std::uint64_t{stream.local.port()});
    report.add("remote_host", stream.remote.address_to_string());
    report.add("remote_port", std::uint64_t{stream.remote.port()});
  }
}

/// What a failed attempt to connect doesn't have is left out, as in iperf3.
void describe_control(const TestRecord& record, Report& report) {
  if (record.began != WallTime{}) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(record.began);
    const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
    report.add("timestamp.time", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time)));
    report.add("timestamp.timesecs", static_cast<std::uint64_t>(std::max<std::int64_t>(
                                         0, std::int64_t{seconds.time_since_epoch().count()})));
  }
  if (record.remote.port() != 0) {
    const Report::Scope scope(
        report, record.role == Role::client ? "connecting_to" : "accepted_connection");
    report.add("host", record.remote.address_to_string());
    report.add("port", std::uint64_t{record.remote.port()});
  }
  if (!record.cookie.empty()) report.add("cookie", record.cookie);
}

/// A rate may be whatever a client has asked for.
std::uint64_t whole(double bits_per_second) {
  constexpr double most = 1e18;
  return bits_per_second > 0 ? static_cast<std::uint64_t>(std::min(bits_per_second, most)) : 0;
}

/// As the first data socket has them; absent before its report is there.
struct Buffers {
  Octets send;
  Octets receive;
};
Buffers buffers_of(const TestRecord& record) {
  for (const StreamRecord& stream : record.streams) {
    const SocketCounters* const socket = stream.sender     ? &stream.sender->socket
                                         : stream.receiver ? &stream.receiver->socket
                                                           : nullptr;
    if (socket == nullptr) continue;
    const auto known = [](const BufferSize& buffer) {
      return buffer.granted_octets > 0 ? Octets(buffer.granted_octets) : std::nullopt;
    };
    return {.send = known(socket->send_buffer), .receive = known(socket->receive_buffer)};
  }
  return {};
}

void describe_sockets(const TestRecord& record, Report& report) {
  const TestParameters& parameters = record.parameters;
  if (parameters.transport == Transport::tcp) {
    if (parameters.mss_octets) {
      report.add("tcp_mss", std::uint64_t{*parameters.mss_octets}, "octets");
    } else {
      report.add_optional("tcp_mss_default", record.control_info.send_mss_octets, "octets");
    }
  }
  const Buffers buffers = buffers_of(record);
  report.add("target_bitrate", whole(parameters.bits_per_second), "bit/s");
  report.add("sock_bufsize", std::uint64_t{parameters.window_octets.value_or(0)}, "octets");
  report.add_optional("sndbuf_actual", buffers.send, "octets");
  report.add_optional("rcvbuf_actual", buffers.receive, "octets");
}

/// Whole seconds as a count, as iperf3 has no others.
Value in_seconds(const std::optional<NetduelParameters>& ours, std::chrono::seconds whole,
                 std::chrono::nanoseconds NetduelParameters::*exact) {
  using namespace std::chrono_literals;
  if (ours && (*ours).*exact % 1s != 0s) {
    return std::chrono::duration<double>((*ours).*exact).count();
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::int64_t{whole.count()}));
}

void describe_test_start(const TestParameters& parameters, Report& report) {
  const Report::Scope scope(report, "test_start");
  report.add("protocol", parameters.transport == Transport::udp ? "UDP" : "TCP");
  report.add("num_streams", std::uint64_t{parameters.parallel});
  report.add("blksize", std::uint64_t{parameters.length}, "octets");
  report.add("omit", in_seconds(parameters.netduel, parameters.omit, &NetduelParameters::omit),
             "s");
  report.add("duration", in_seconds(parameters.netduel, parameters.time, &NetduelParameters::time),
             "s");
  report.add("bytes", parameters.octets, "octets");
  report.add("blocks", parameters.blocks);
  report.add("reverse", std::uint64_t{parameters.direction == TestDirection::reverse});
  report.add("tos", std::uint64_t{parameters.traffic_class.value_or(0)});
  report.add("target_bitrate", whole(parameters.bits_per_second), "bit/s");
}

void describe_start(const TestRecord& record, Report& report) {
  describe_connected(record, report);
  // Scripts may look for iperf3's name.
  report.add("version", "netduel " NETDUEL_VERSION " (iperf 3.12)");
  report.add("system_info", os::host_facts().system);
  describe_control(record, report);
  if (record.streams.empty()) return;
  describe_sockets(record, report);
  describe_test_start(record.parameters, report);
}

void describe_end_as(const char* name, const TestRecord& record, Report& report) {
  bool described = false;
  {
    const Report::Scope scope(report, name);
    described = describe_end(record, report);
  }
  if (!described) report.add(name, EmptyObject{});
}

void describe_server_output(const TestRecord& record, Report& report) {
  if (!record.theirs) return;
  const TestResults& theirs = *record.theirs;
  if (theirs.server_output_json) {
    add_json("server_output_json", *theirs.server_output_json, report);
  }
  if (theirs.server_output_text) report.add("server_output_text", *theirs.server_output_text);
}

void describe_truth(const Truth* truth, Report& report) {
  if (truth == nullptr) return;
  const Report::Scope scope(report, "truth");
  describe(*truth, report);
}

}  // namespace

Report describe_iperf3(const TestRecord& record, const Truth* truth) {
  Report report;
  {
    const Report::Scope scope(report, "start");
    describe_start(record, report);
  }
  if (record.intervals.empty()) report.add("intervals", EmptyList{});
  IntervalWalk walk;
  for (std::size_t i = 0; i < record.intervals.size(); ++i) {
    const Report::Scope scope(report, fmt::format("intervals[{}]", i));
    walk.describe_next(record, report);
  }
  describe_end_as("end", record, report);
  describe_server_output(record, report);
  if (!record.parameters.title.empty()) report.add("title", record.parameters.title);
  if (!record.parameters.extra_data.empty()) report.add("extra_data", record.parameters.extra_data);
  {
    const Report::Scope scope(report, "netduel");
    describe_additions(record, report);
    describe_truth(truth, report);
  }
  if (record.error) report.add("error", *record.error);
  return report;
}

Report start_event(const TestRecord& record) {
  Report report;
  report.add("event", "start");
  const Report::Scope scope(report, "data");
  describe_start(record, report);
  return report;
}

Report interval_event(const TestRecord& record, std::size_t index) {
  Report report;
  report.add("event", "interval");
  IntervalWalk walk;
  for (std::size_t i = 0; i < index; ++i) walk.skip_next(record);
  const Report::Scope scope(report, "data");
  walk.describe_next(record, report);
  return report;
}

Report end_event(const TestRecord& record, const Truth* truth) {
  Report report;
  report.add("event", "end");
  describe_end_as("data", record, report);
  const Report::Scope scope(report, "netduel");
  describe_additions(record, report);
  describe_truth(truth, report);
  return report;
}

Report error_event(const TestRecord& record) {
  Report report;
  report.add("event", "error");
  report.add("data", record.error.value_or(std::string()));
  return report;
}

}  // namespace netduel
