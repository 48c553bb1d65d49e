#include "experiment/compare_report.hpp"

#include "experiment/comparisons.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

template <class T>
T value(const Report& report, const std::string& path) {
  INFO(path);
  const Value* found = report.find(path);
  REQUIRE(found != nullptr);
  REQUIRE(std::holds_alternative<T>(*found));
  return std::get<T>(*found);
}

}  // namespace

TEST_CASE("a comparison that measured nothing is still a whole document", "[report]") {
  Comparison comparison;
  comparison.interrupted = true;
  comparison.error = "open a UDP socket at 127.0.0.1:1: Permission denied";
  const Report report = describe(comparison);
  CHECK(value<std::string>(report, "schema") == "netduel/compare/1");
  value<EmptyList>(report, "trials");
  value<Absent>(report, "parts.full_speed");
  value<Absent>(report, "parts.paced");
  value<Absent>(report, "ratios.paced");
  value<EmptyList>(report, "warnings");
  CHECK(value<bool>(report, "interrupted"));
  CHECK(value<std::string>(report, "error") == *comparison.error);
}

TEST_CASE("what TCP guarantees is null and never a measured zero", "[report]") {
  const Report report = describe(test::full_speed(6, 2.0));
  const std::string tcp = "parts.full_speed.tcp.";
  CHECK(value<bool>(report, tcp + "guaranteed_by_service"));
  for (const char* key : {"loss_ratio", "reordered_ratio", "ledger.lost_in_host",
                          "ledger.lost_elsewhere", "ledger.reordered", "ledger.duplicates"}) {
    value<Absent>(report, tcp + key);
  }
  CHECK(value<double>(report, "parts.full_speed.udp.loss_ratio") == 0);
}

TEST_CASE("a part sums its ledgers and gives goodput with an interval", "[report]") {
  const Report report = describe(test::full_speed(6, 2.0));
  CHECK(value<std::uint64_t>(report, "parts.full_speed.udp.ledger.sent") == 600);
  const auto goodput = value<Interval>(report, "parts.full_speed.tcp.goodput_bits_per_second");
  CHECK(*goodput.median == Approx(1.025e9).epsilon(1e-3));
  CHECK(goodput.low);
  CHECK(value<double>(report, "trials[1].goodput_bits_per_second") == Approx(1e9).epsilon(1e-3));
  CHECK(*value<Interval>(report, "ratios.full_speed.goodput").median == Approx(2).epsilon(1e-3));
}

TEST_CASE("UDP's 8 octets stand beside TCP's 20 and its options", "[report]") {
  const Report report = describe(test::full_speed(1, 1.0));
  CHECK(value<std::uint64_t>(report, "parts.full_speed.udp.overhead.transport_header_octets") == 8);
  // These trials tell nothing of timestamps.
  CHECK(value<std::uint64_t>(report, "parts.full_speed.tcp.overhead.transport_header_octets") ==
        20);
}

TEST_CASE("TCP messages that left together share their headers", "[report]") {
  Comparison comparison;
  TrialResult tcp = test::trial(Transport::tcp, 1e6);
  tcp.plan.schedule = ScheduleKind::periodic;
  tcp.plan.message_octets = 64;
  // 100 messages in 20 turns: five to a segment of 320 octets, 20 + 20 octets of headers for them.
  for (int turn = 0; turn < 20; ++turn) tcp.sender.lateness.record(std::chrono::microseconds(1));
  comparison.trials.push_back({Part::paced, 0, tcp});
  const Report report = describe(comparison);
  const std::string overhead = "parts.paced.tcp.overhead.";
  CHECK(value<double>(report, overhead + "header_octets_per_message") == Approx(8));
  CHECK(value<double>(report, overhead + "wire_efficiency_ratio") ==
        Approx(320.0 / (320 + 40 + 38)));
}

TEST_CASE("an emulated path is in the plan, and its flows beside the trials", "[report]") {
  Comparison comparison;
  comparison.spec.lab.emplace();
  comparison.spec.lab->description = "delay 20 ms each way";
  comparison.spec.lab->mtu_octets = 9000;
  comparison.spec.lab->a_to_b.delay = std::chrono::milliseconds(20);
  test::add_pair(comparison, Part::full_speed, test::trial(Transport::udp, 1e6),
                 test::trial(Transport::tcp, 1e6));
  TrialResult& udp = comparison.trials[0].result;
  udp.plan.schedule = ScheduleKind::periodic;
  udp.plan.bits_per_second = 2e6;
  udp.sender.source = *Endpoint::parse("10.77.0.1:4000");
  comparison.trials[0].flow_ordinal = 3;
  const Report report = describe(comparison);
  CHECK(value<std::string>(report, "plan.path") == "lab");
  CHECK(value<bool>(report, "plan.udp_follows_tcp"));
  CHECK(value<std::string>(report, "plan.lab.description") == "delay 20 ms each way");
  CHECK(value<std::uint64_t>(report, "plan.lab.mtu_octets") == 9000);
  CHECK(value<double>(report, "plan.lab.a_to_b.delay_seconds") == Approx(0.02));
  CHECK(value<double>(report, "plan.lab.b_to_a.delay_seconds") == 0);
  CHECK(value<std::string>(report, "trials[0].source") == "10.77.0.1:4000");
  CHECK(value<double>(report, "trials[0].offered_bits_per_second") == 2e6);
  CHECK(value<std::uint64_t>(report, "trials[0].flow_ordinal") == 3);
  value<Absent>(report, "trials[1].offered_bits_per_second");
  value<Absent>(report, "trials[1].flow_ordinal");
}

TEST_CASE("over loopback no emulated path is told of", "[report]") {
  const Report report = describe(test::full_speed(1, 1.0));
  CHECK(value<std::string>(report, "plan.path") == "loopback");
  CHECK_FALSE(value<bool>(report, "plan.udp_follows_tcp"));
  CHECK(report.find("plan.lab.description") == nullptr);
  CHECK(report.find("trials[0].flow_ordinal") == nullptr);
}
