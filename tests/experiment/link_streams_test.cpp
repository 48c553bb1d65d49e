#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "experiment/clock_correction.hpp"
#include "experiment/link_truth.hpp"
#include "experiment/test_records.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t server_port = 5201;

/// A client's record of a test over the link, each stream from a port of its own.
TestRecord over_a_link(TestDirection direction, unsigned parallel = 1) {
  TestRecord record = test::finished_with_netduel(Transport::udp, direction, parallel);
  record.has_own_path = true;
  record.parameters.netduel->drain = 100ms;
  std::uint16_t port = 40001;
  for (StreamRecord& stream : record.streams) {
    stream.local = stream.local.with_port(port++);
    // None was lost in the receiver's own buffer.
    if (stream.receiver) stream.receiver->counts.drops_known = true;
  }
  for (NetduelStream& stream : record.theirs->netduel) {
    if (stream.receiver) stream.receiver->counts.drops_known = true;
  }
  return record;
}

LinkCounts counts_of(std::uint64_t packets, std::uint64_t lost) {
  LinkCounts counts;
  counts.packets_in = packets;
  counts.dropped_loss = lost;
  return counts;
}

FlowTruth flow(std::uint64_t ordinal, std::uint16_t from, std::uint16_t to, LinkCounts counts) {
  return {.protocol = "udp",
          .ordinal = ordinal,
          .source = Endpoint::parse("10.77.0.1:0")->with_port(from),
          .destination = Endpoint::parse("10.77.0.2:0")->with_port(to),
          .counts = counts};
}

/// How many of a ledger's checks are by the link.
std::ptrdiff_t checks_by_the_link(const TestRecord& record, std::size_t stream) {
  const auto ledger = ledger_of(record, stream);
  REQUIRE(ledger);
  return std::ranges::count_if(
      ledger->checks, [](const Check& check) { return check.name.ends_with("_the_links"); });
}

bool all_passed(const TestRecord& record, std::size_t stream) {
  const auto ledger = ledger_of(record, stream);
  REQUIRE(ledger);
  return std::ranges::all_of(ledger->checks, &Check::passed);
}

}  // namespace

TEST_CASE("each stream of a test is held against the flow of its two ports", "[link]") {
  TestRecord record = over_a_link(TestDirection::both, 2);
  Truth truth;
  for (std::uint16_t port = 40001; port <= 40002; ++port) {
    truth.a_to_b.flows.push_back(
        flow(truth.a_to_b.flows.size(), port, server_port, counts_of(test::sent, test::lost)));
  }
  // The server sends all of its streams from one port.
  for (std::uint16_t port = 40003; port <= 40004; ++port) {
    const std::uint64_t lost = port == 40004 ? test::lost + 1 : test::lost;
    truth.b_to_a.flows.push_back(
        flow(truth.b_to_a.flows.size(), server_port, port, counts_of(test::sent, lost)));
  }
  hold_against_link(record, {}, truth);
  for (std::size_t stream = 0; stream < 3; ++stream) {
    CHECK(record.streams[stream].link->ordinal == stream % 2);
    CHECK(checks_by_the_link(record, stream) == 4);
    CHECK(all_passed(record, stream));
  }
  CHECK_FALSE(all_passed(record, 3));
  const auto ours = test::document(record)["netduel"];
  CHECK(ours["streams"][3]["flow_ordinal"] == 1);
  const auto& sums = ours["ledger"]["checks"];
  CHECK(std::ranges::count(sums, false, [](const auto& check) {
          return check["passed"].template get<bool>();
        }) == 1);
}

TEST_CASE("what set-up lost before a stream began is none of its messages", "[link]") {
  TestRecord record = over_a_link(TestDirection::forward);
  Truth truth;
  truth.a_to_b.flows = {flow(0, 40001, server_port, counts_of(test::sent + 3, test::lost + 2))};
  TruthBefore before;
  before.a_to_b.flows = {flow(0, 40001, server_port, counts_of(3, 2))};
  hold_against_link(record, before, truth);
  CHECK(all_passed(record, 0));
  CHECK(record.streams[0].link->figures->dropped == test::lost);
  // One that came later may or may not be among the dropped.
  truth.a_to_b.flows[0].counts = counts_of(test::sent + 4, test::lost + 3);
  hold_against_link(record, before, truth);
  CHECK(all_passed(record, 0));
  CHECK(record.streams[0].link->figures->dropped_copies_at_most == 1);
}

TEST_CASE("where the link's counts decide nothing a stream has its flow and the reason", "[link]") {
  Truth truth;
  truth.a_to_b.flows = {flow(3, 40001, server_port, counts_of(test::sent, 50))};
  const auto undecided = [](TestRecord record, const Truth& by) {
    hold_against_link(record, {}, by);
    const auto& link = record.streams[0].link;
    CHECK(checks_by_the_link(record, 0) == 0);
    return link && link->ordinal == 3 && !link->figures && !link->undecided.empty();
  };
  TestRecord cut = over_a_link(TestDirection::forward);
  cut.interrupted = true;
  CHECK(undecided(cut, truth));
  TestRecord omitted = over_a_link(TestDirection::forward);
  omitted.streams[0].sender->omitted_messages = 10;
  CHECK(undecided(omitted, truth));
  TestRecord fragments = over_a_link(TestDirection::forward);
  fragments.parameters.length = 1473;
  CHECK(undecided(fragments, truth));
  Truth late = truth;
  late.a_to_b.latest = 100ms;
  CHECK(undecided(over_a_link(TestDirection::forward), late));
}

TEST_CASE("two ends in one host have one clock and may lose messages between them", "[link]") {
  const TestRecord record = over_a_link(TestDirection::forward);
  CHECK(one_clock(record));
  CHECK(ledger_of(record, 0)->balanced());
  CHECK(test::document(record)["netduel"]["delay_seconds"]["p50"].is_number());
}

TEST_CASE("a test's document has the truth of the path that it ran over", "[link]") {
  const TestRecord record = over_a_link(TestDirection::forward);
  const Truth truth;
  const auto found = nlohmann::json::parse(to_json(describe_iperf3(record, &truth)));
  CHECK(found["netduel"]["truth"] == nlohmann::json::parse(to_json(describe(truth))));
  CHECK_FALSE(test::document(record)["netduel"].contains("truth"));
}
