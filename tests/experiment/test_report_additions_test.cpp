#include <nlohmann/json.hpp>

#include "experiment/clock_correction.hpp"
#include "experiment/test_records.hpp"
#include "experiment/test_report.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using Json = nlohmann::json;
using test::document;
using test::finished;
using test::finished_with_netduel;
using test::running;

constexpr auto forward = TestDirection::forward;
constexpr auto reverse = TestDirection::reverse;

}  // namespace

TEST_CASE("a netduel peer's report closes the ledger", "[test_report]") {
  const TestRecord record = finished_with_netduel(Transport::udp, forward, 2);
  const auto ledger = ledger_of(record, 1);
  REQUIRE(ledger);
  CHECK(ledger->balanced());
  CHECK(ledger->delivered == test::came);
  const Json ours = document(record)["netduel"];
  CHECK(ours["schema"] == "netduel/test/1");
  CHECK(ours["peer_is_netduel"] == true);
  CHECK(ours["message_format"] == "probe");
  CHECK(ours["ledger"]["sent"] == 2 * test::sent);
  CHECK(ours["loss_periods"]["longest"] == test::lost);
  CHECK(ours["streams"].size() == 2);
  CHECK(ours["streams"][1]["id"] == 3);
  CHECK(ours["streams"][1]["ledger"]["delivered"] == test::came);
  CHECK(ours["warnings"] == Json::array());
}

TEST_CASE("TCP's guarantees are absent and its cost is shown", "[test_report]") {
  const Json ours = document(finished_with_netduel(Transport::tcp, forward))["netduel"];
  CHECK(ours["ledger"]["guaranteed_by_service"] == true);
  CHECK(ours["ledger"]["lost_elsewhere"].is_null());
  CHECK(ours["loss_ratio"].is_null());
  CHECK(ours["retransmitted_segments"] == 7);
}

TEST_CASE("there is a ledger only where an end can tell of messages", "[test_report]") {
  CHECK_FALSE(ledger_of(finished(Transport::udp, forward), 0));
  CHECK_FALSE(ledger_of(finished(Transport::tcp, forward), 0));
  CHECK_FALSE(ledger_of(running(Transport::udp, forward), 0));
  // A stock sender's last number tells how many there were.
  const auto ledger = ledger_of(finished(Transport::udp, reverse), 0);
  REQUIRE(ledger);
  CHECK(ledger->sent == test::sent);
  CHECK(ledger->delivered == test::came);
}

TEST_CASE("between hosts one drop may be of as many datagrams as the receiver's kernel joins",
          "[test_report]") {
  TestRecord record = finished_with_netduel(Transport::udp, forward);
  ReceiverReport& receiver = *record.theirs->netduel.front().receiver;
  receiver.counts = {.unique = test::sent - 40, .next_expected = test::sent, .drops_known = true};
  receiver.counts.drop_gaps.observe({Order::gap, 40}, 1);
  receiver.counts.drop_gaps.close(0, 1);
  receiver.host.receive_buffer_errors = 1;
  receiver.socket.receive_offload = true;
  CHECK(ledger_of(record, 0)->lost_in_host->low == 1);
  CHECK(ledger_of(record, 0)->lost_in_host->high == 40);
  receiver.socket.receive_offload = false;
  CHECK(ledger_of(record, 0)->lost_in_host->high == 1);
}

TEST_CASE("one-way delays are told without a comparison only by one clock", "[test_report]") {
  TestRecord record = finished_with_netduel(Transport::udp, forward);
  record.clock.reset();
  CHECK_FALSE(one_clock(record));
  CHECK(document(record)["netduel"]["delay_seconds"].is_null());
  CHECK(document(record)["netduel"]["pdv_seconds"]["max"] == 0);
  record.remote = Endpoint::loopback(IpVersion::v4, 5201);
  CHECK(document(record)["netduel"]["delay_seconds"]["p50"] == Approx(50e-6).epsilon(0.01));
  record.remote = record.local.with_port(5201);
  CHECK(one_clock(record));
  CHECK_FALSE(one_clock(TestRecord{}));
}

TEST_CASE("datagrams larger than the path takes are warned of", "[test_report]") {
  TestRecord record = finished_with_netduel(Transport::udp, forward);
  record.parameters.length = 1472;
  CHECK(document(record)["netduel"]["fragments"] == false);
  record.parameters.length = 1473;
  const Json ours = document(record)["netduel"];
  CHECK(ours["fragments"] == true);
  CHECK(ours["warnings"][0]["id"] == "datagrams_fragmented");
  record.control_info.path_mtu_octets.reset();
  CHECK(document(record)["netduel"]["fragments"].is_null());
}

}  // namespace netduel
