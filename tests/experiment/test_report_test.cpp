#include "experiment/test_report.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "experiment/iperf3_keys.hpp"
#include "experiment/test_records.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using test::document;
using test::finished;
using test::finished_with_netduel;
using test::running;

constexpr auto forward = TestDirection::forward;
constexpr auto reverse = TestDirection::reverse;
constexpr auto both = TestDirection::both;

/// As in iperf3_keys.hpp.
std::string shape(const Json& json) {
  if (json.is_boolean()) return "b";
  if (json.is_number()) return "n";
  if (json.is_string()) return "s";
  if (json.is_null()) return "0";
  std::set<std::string> parts;
  if (json.is_array()) {
    for (const Json& entry : json) parts.insert(shape(entry));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "|") + part;
  if (json.is_array()) return "[" + text + "]";
  // nlohmann's plain objects are in the order of the alphabet.
  for (const auto& [key, member] : json.items()) {
    text += (text.empty() ? "" : ",") + key + ":" + shape(member);
  }
  return "{" + text + "}";
}

std::string iperf3_shape(const TestRecord& record) {
  Json json = document(record);
  CHECK(json.contains("netduel"));
  json.erase("netduel");
  return shape(json);
}

double sum_over_intervals(const Json& json, const char* sum, const char* key) {
  double total = 0;
  for (const Json& interval : json["intervals"]) total += interval[sum][key].get<double>();
  return total;
}

std::vector<std::uint64_t> lost_by_interval(const Json& json) {
  std::vector<std::uint64_t> lost;
  for (const Json& interval : json["intervals"]) lost.push_back(interval["sum"]["lost_packets"]);
  return lost;
}

/// Whether nothing in it is a null but what is ours.
bool is_complete(Json json) {
  json.erase("netduel");
  return std::ranges::none_of(json.flatten(), [](const Json& value) { return value.is_null(); });
}

}  // namespace

TEST_CASE("a test's report has the members of iperf3's, with the same types", "[test_report]") {
  namespace keys = test::iperf3_keys;
  for (const unsigned parallel : {1U, 3U}) {
    CHECK(iperf3_shape(finished(Transport::tcp, forward, parallel)) == keys::tcp);
    CHECK(iperf3_shape(finished(Transport::tcp, reverse, parallel)) == keys::tcp_reverse);
    CHECK(iperf3_shape(finished(Transport::tcp, both, parallel)) == keys::tcp_both);
    CHECK(iperf3_shape(finished(Transport::udp, forward, parallel)) == keys::udp);
    CHECK(iperf3_shape(finished(Transport::udp, reverse, parallel)) == keys::udp_reverse);
    CHECK(iperf3_shape(finished(Transport::udp, both, parallel)) == keys::udp_both);
  }
  // With more to tell it has the same.
  CHECK(iperf3_shape(finished_with_netduel(Transport::tcp, both)) == keys::tcp_both);
  CHECK(iperf3_shape(finished_with_netduel(Transport::udp, both)) == keys::udp_both);
}

TEST_CASE("a server's report names whom it accepted and has all else", "[test_report]") {
  TestRecord record = finished(Transport::udp, reverse);
  record.role = Role::server;
  const Json json = document(record);
  CHECK(json["start"]["accepted_connection"]["host"] == "192.0.2.2");
  CHECK_FALSE(json["start"].contains("connecting_to"));
  CHECK(is_complete(json));
}

TEST_CASE("the first sum of a test of both ways is the client's at either end", "[test_report]") {
  TestRecord record = finished(Transport::tcp, both);
  CHECK(document(record)["end"]["sum_sent"]["sender"] == true);
  record.role = Role::server;
  std::swap(record.streams[0].sends, record.streams[1].sends);
  std::swap(record.streams[0].sender, record.streams[1].sender);
  std::swap(record.streams[0].receiver, record.streams[1].receiver);
  const Json json = document(record);
  CHECK(json["end"]["sum_sent"]["sender"] == false);
  CHECK(json["end"]["sum_sent_bidir_reverse"]["sender"] == true);
  CHECK(json["intervals"][0]["sum"]["sender"] == false);
}

TEST_CASE("what iperf3 leaves out of a failed attempt is left out", "[test_report]") {
  TestRecord record;
  record.error = "connect to 127.0.0.1:1: Connection refused";
  CHECK(iperf3_shape(record) == test::iperf3_keys::refused);
  CHECK(document(record)["error"] == *record.error);
}

TEST_CASE("a test that broke off has its intervals, an empty end and the error", "[test_report]") {
  TestRecord record = running(Transport::tcp, forward);
  record.error = "the server has closed the control connection";
  Json json = document(record);
  CHECK(json["intervals"].size() == 2);
  CHECK(json["end"] == Json::object());
  CHECK(json["netduel"]["ledger"].is_null());
  // The buffers are known from the reports on.
  json["start"]["sndbuf_actual"] = json["start"]["rcvbuf_actual"] = 1;
  json.erase("netduel");
  CHECK(shape(json) == test::iperf3_keys::killed);
}

TEST_CASE("what the other end did not tell is null and no zero", "[test_report]") {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    TestRecord record = finished(transport, both);
    record.theirs.reset();
    record.error = "the server did not answer";
    const Json end = document(record)["end"];
    CHECK(end["sum_sent"]["bytes"] == test::sent * test::length);
    CHECK(end["sum_received"]["bytes"].is_null());
    CHECK(end["sum_received"]["bits_per_second"].is_null());
    CHECK(end["sum_received_bidir_reverse"]["bytes"].is_number());
    CHECK(end["cpu_utilization_percent"]["remote_total"].is_null());
  }
}

TEST_CASE("without any time all rates of a test are 0", "[test_report]") {
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    TestRecord record = finished(transport, both);
    record.duration = -1ms;
    for (IntervalMark& mark : record.intervals) mark.at = 0s;
    for (PeerStream& stream : record.theirs->streams) stream.end_seconds = 0;
    const Json json = document(record);
    CHECK(is_complete(json));
    CHECK(json["end"]["sum_sent"]["bits_per_second"] == 0);
    CHECK(json["intervals"][1]["sum"]["bits_per_second"] == 0);
  }
}

TEST_CASE("the intervals of a test add up to its end", "[test_report]") {
  const Json tcp = document(finished(Transport::tcp, forward));
  CHECK(sum_over_intervals(tcp, "sum", "bytes") == tcp["end"]["sum_sent"]["bytes"]);
  CHECK(sum_over_intervals(tcp, "sum", "retransmits") == tcp["end"]["sum_sent"]["retransmits"]);
  const Json udp = document(finished(Transport::udp, both, 2));
  const Json& received = udp["end"]["sum_received_bidir_reverse"];
  CHECK(sum_over_intervals(udp, "sum", "bytes") == udp["end"]["sum_sent"]["bytes"]);
  CHECK(sum_over_intervals(udp, "sum_bidir_reverse", "bytes") == received["bytes"]);
  CHECK(sum_over_intervals(udp, "sum_bidir_reverse", "packets") == received["packets"]);
  CHECK(sum_over_intervals(udp, "sum_bidir_reverse", "lost_packets") == received["lost_packets"]);
}

TEST_CASE("an interval has the time, the rate and the round trip of its own", "[test_report]") {
  const Json json = document(finished(Transport::tcp, forward));
  const Json& second = json["intervals"][1]["streams"][0];
  CHECK(second["start"] == 1);
  CHECK(second["end"] == 2);
  CHECK(second["bytes"] == 40 * test::length);
  CHECK(second["bits_per_second"] == 8 * 40 * test::length);
  CHECK(second["retransmits"] == 4);
  CHECK(second["rtt"] == 200);
  const Json& sender = json["end"]["streams"][0]["sender"];
  CHECK(sender["min_rtt"] == 100);
  CHECK(sender["mean_rtt"] == 150);
  CHECK(sender["max_rtt"] == 200);
  CHECK(sender["max_snd_cwnd"] == 14480);
}

TEST_CASE("a late arrival is taken off the losses of later intervals", "[test_report]") {
  TestRecord record = finished(Transport::udp, reverse);
  record.intervals.clear();
  test::add_interval(record, 1s, 30, 5, 0);
  test::add_interval(record, 2s, 60, 3, 0);
  test::add_interval(record, 3s, 90, 4, 0);
  test::add_interval(record, 4s, 100, 6, 0);
  CHECK(lost_by_interval(document(record)) == std::vector<std::uint64_t>{5, 0, 0, 1});
}

TEST_CASE("after the omitted time intervals count from 0 again", "[test_report]") {
  TestRecord record = finished(Transport::tcp, forward);
  record.intervals.clear();
  test::add_interval(record, 1s, 10, 0, 1);
  test::add_interval(record, 2s, 20, 0, 2);
  test::add_interval(record, 3s, 60, 0, 3);
  test::add_interval(record, 4s, 120, 0, 7);
  record.intervals[0].omitted = record.intervals[1].omitted = true;
  const Json json = document(record);
  std::vector<double> starts;
  for (const Json& interval : json["intervals"]) starts.push_back(interval["sum"]["start"]);
  CHECK(starts == std::vector<double>{0, 1, 0, 1});
  CHECK(json["intervals"][1]["sum"]["omitted"] == true);
  CHECK(json["intervals"][2]["sum"]["omitted"] == false);
  CHECK(json["intervals"][2]["sum"]["retransmits"] == 1);
  CHECK(json["end"]["sum_sent"]["retransmits"] == 5);
}

TEST_CASE("each end's figures come from the one who knows", "[test_report]") {
  const Json sending = document(finished(Transport::udp, forward))["end"];
  CHECK(sending["sum_sent"]["end"] == 2);
  CHECK(sending["sum_received"]["end"] == 2.5);
  CHECK(sending["sum_received"]["bytes"] == test::came * test::length);
  CHECK(sending["sum"]["jitter_ms"] == 1);
  CHECK(sending["sum"]["lost_packets"] == test::lost);
  CHECK(sending["sum"]["lost_percent"] == 2);
  const Json receiving = document(finished(Transport::tcp, reverse))["end"];
  CHECK(receiving["sum_sent"]["retransmits"] == 4);
  CHECK(receiving["sender_tcp_congestion"] == "bbr");
  CHECK(receiving["receiver_tcp_congestion"] == "cubic");
}

TEST_CASE("a duplicate does not repair a loss in a test's report", "[test_report]") {
  TestRecord record = finished(Transport::udp, reverse);
  record.streams[0].receiver->octets += test::length;
  record.streams[0].receiver->counts.duplicates = 1;
  CHECK(document(record)["end"]["sum"]["lost_packets"] == test::lost);
}

TEST_CASE("a stock receiver's losses below 0 are shown as none", "[test_report]") {
  TestRecord record = finished(Transport::udp, forward);
  record.theirs->streams[0].lost = std::numeric_limits<std::int64_t>::min();
  record.theirs->streams[0].omitted_lost = std::numeric_limits<std::int64_t>::max();
  CHECK(document(record)["end"]["sum"]["lost_packets"] == 0);
}

TEST_CASE("a server's output is part of its client's report", "[test_report]") {
  TestRecord record = finished(Transport::tcp, forward);
  record.theirs->server_output_text = "one line\n";
  CHECK(iperf3_shape(record) == test::iperf3_keys::tcp_with_server_output);
  const Json output = {{"start", {{"connected", Json::array()}}},
                       {"intervals", {{{"n", 1}}, {{"n", -1}}, {{"n", 0.5}}}},
                       {"end", Json::object()},
                       {"nothing", nullptr},
                       {"yes", true}};
  record.theirs->server_output_json = output.dump();
  CHECK(document(record)["server_output_json"] == output);
}

TEST_CASE("a server's output can't spoil a report", "[test_report]") {
  TestRecord record = finished(Transport::tcp, forward);
  record.theirs->server_output_json = R"({"a.b": 1, "": 2, "c[0]": 3, "d": 4})";
  CHECK(document(record)["server_output_json"] == Json{{"d", 4}});
  record.theirs->server_output_json = std::string(1000, '[') + std::string(1000, ']');
  CHECK(document(record)["server_output_json"].is_array());
  record.theirs->server_output_json = "{";
  CHECK(document(record)["server_output_json"] == "{");
}

TEST_CASE("what a client may ask for beyond all measure is written", "[test_report]") {
  TestRecord record = finished(Transport::udp, reverse);
  record.parameters.bits_per_second = 1e300;
  CHECK(document(record)["start"]["target_bitrate"] == 1'000'000'000'000'000'000);
}

TEST_CASE("the events of a test hold the parts of its report", "[test_report]") {
  const TestRecord record = finished(Transport::udp, both);
  const Json whole = document(record);
  const auto event = [](const Report& report) { return Json::parse(to_json_line(report)); };
  const Json start = event(start_event(record));
  CHECK(start["event"] == "start");
  CHECK(start["data"] == whole["start"]);
  const Json interval = event(interval_event(record, 1));
  CHECK(interval["event"] == "interval");
  CHECK(interval["data"] == whole["intervals"][1]);
  const Json end = event(end_event(record));
  CHECK(end["event"] == "end");
  CHECK(end["data"] == whole["end"]);
  CHECK(end["netduel"] == whole["netduel"]);
  CHECK(event(end_event(running(Transport::udp, both)))["data"] == Json::object());
  TestRecord failed;
  failed.error = "no route";
  CHECK(event(error_event(failed)) == Json{{"event", "error"}, {"data", "no route"}});
}

}  // namespace netduel
