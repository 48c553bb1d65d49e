#include "experiment/sweep_report.hpp"

#include <algorithm>

#include "experiment/comparisons.hpp"
#include "experiment/sweep_warnings.hpp"
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

SweepRow row(Contender contender, std::size_t trials) {
  SweepRow row{contender, {}};
  row.measured.spec.lab.emplace();
  for (std::size_t n = 0; n < trials; ++n) {
    TrialResult trial = test::trial(contender.transport, 1e6);
    trial.plan.schedule = ScheduleKind::periodic;
    row.measured.trials.push_back({Part::paced, n, std::move(trial)});
  }
  return row;
}

Sweep one_point(std::vector<SweepRow> rows) {
  Sweep sweep;
  sweep.spec.axis = {"loss", {"0", "5%"}};
  sweep.spec.points.resize(2);
  sweep.points.push_back({"5%", 1e6, std::move(rows)});
  return sweep;
}

LinkCounts packets(std::uint64_t packets, std::uint64_t octets) {
  LinkCounts counts;
  counts.packets_in = packets;
  counts.octets_in = octets;
  return counts;
}

bool has(const std::vector<Warning>& list, std::string_view id) {
  return std::ranges::any_of(list, [&](const Warning& warning) { return warning.id == id; });
}

}  // namespace

TEST_CASE("a sweep's rows are UDP and each congestion control of TCP", "[sweep]") {
  Sweep sweep = one_point({row({Transport::udp}, 2), row({Transport::tcp, "reno"}, 2)});
  SweepRow& udp = sweep.points[0].rows[0];
  for (ComparedTrial& trial : udp.measured.trials) trial.result.ledger.delivered = 95;
  const Report report = describe(sweep);
  CHECK(value<std::string>(report, "schema") == "netduel/sweep/1");
  CHECK(value<std::string>(report, "axis.values[1]") == "5%");
  CHECK(value<std::string>(report, "points[0].value") == "5%");
  CHECK(value<double>(report, "points[0].rows[0].delivered_ratio") == Approx(0.95));
  value<Absent>(report, "points[0].rows[0].congestion");
  value<Absent>(report, "points[0].rows[0].retransmitted_segments");
  CHECK(value<std::string>(report, "points[0].rows[1].congestion") == "reno");
  CHECK(value<double>(report, "points[0].rows[1].delivered_ratio") == 1);
  value<Absent>(report, "points[0].rows[1].delivered_interval");
}

TEST_CASE("checksum errors are summed, and unknown where one trial's are", "[sweep]") {
  Sweep sweep = one_point({row({Transport::udp}, 2)});
  auto& trials = sweep.points[0].rows[0].measured.trials;
  value<Absent>(describe(sweep), "points[0].rows[0].checksum_errors");
  trials[0].result.receiver.host.checksum_errors = 3;
  value<Absent>(describe(sweep), "points[0].rows[0].checksum_errors");
  trials[1].result.receiver.host.checksum_errors = 4;
  CHECK(value<std::uint64_t>(describe(sweep), "points[0].rows[0].checksum_errors") == 7);
}

TEST_CASE("a row's octets on the wire are those of both directions, framed", "[sweep]") {
  SweepRow one = row({Transport::tcp, "reno"}, 1);
  const auto payload = static_cast<double>(
      one.measured.trials[0].result.receiver.meter.get<Throughput>().unique_octets());
  CHECK_FALSE(wire_octets_per_delivered_octet(one));
  one.link.there = packets(100, 70'000);
  one.link.back = packets(50, 2600);
  CHECK(*wire_octets_per_delivered_octet(one) ==
        Approx((70'000 + 100 * 38 + 2600 + 50 * 38) / payload));
  // Frames are padded to 46 octets of payload.
  one.link.back = packets(50, 50 * 40);
  CHECK(*wire_octets_per_delivered_octet(one) ==
        Approx((70'000 + 100 * 38 + 50 * (46 + 38)) / payload));
}

TEST_CASE("a row without a trial has no figures and says why", "[sweep]") {
  SweepRow failed = row({Transport::tcp, "cubic"}, 0);
  failed.failures = {"connect to 10.77.0.2:5201: Connection timed out"};
  const Sweep sweep = one_point({failed});
  const Report report = describe(sweep);
  value<Absent>(report, "points[0].rows[0].goodput_bits_per_second");
  value<Absent>(report, "points[0].rows[0].ledger");
  CHECK(value<std::uint64_t>(report, "points[0].rows[0].failed_trials") == 1);
  const auto list = warnings(sweep);
  REQUIRE(has(list, "trials_failed"));
  CHECK(std::ranges::any_of(list, [](const Warning& warning) {
    return warning.text.find("timed out") != std::string::npos &&
           warning.text.find("loss 5%: TCP cubic") != std::string::npos;
  }));
}

TEST_CASE("a trial that was cut counts only where there is no whole one", "[sweep]") {
  SweepRow cut = row({Transport::udp}, 2);
  cut.measured.trials[1].result.interrupted = true;
  CHECK(cut.trials().size() == 1);
  cut.measured.trials[0].result.interrupted = true;
  CHECK(cut.trials().size() == 2);
}

TEST_CASE("what holds for several rows is one warning that names them", "[sweep]") {
  SweepRow udp = row({Transport::udp}, 6);
  SweepRow tcp = row({Transport::tcp, "bbr"}, 6);
  CHECK_FALSE(has(warnings(one_point({udp, tcp})), "offered_rate_not_carried"));
  for (SweepRow* const one : {&udp, &tcp}) {
    for (ComparedTrial& trial : one->measured.trials) trial.result.sender.left_at_the_end = 7;
  }
  const auto list = warnings(one_point({udp, tcp}));
  CHECK(std::ranges::count(list, "offered_rate_not_carried", &Warning::id) == 1);
  CHECK_FALSE(has(list, "too_few_trials"));
  CHECK_FALSE(has(list, "trials_repeated"));
  udp.repeated = 1;
  CHECK(has(warnings(one_point({udp})), "trials_repeated"));
  CHECK_FALSE(has(warnings(one_point({udp})), "trials_disturbed"));
  udp.disturbed = 1;
  CHECK(has(warnings(one_point({udp})), "trials_disturbed"));
  CHECK_FALSE(has(list, "too_few_pairs"));
  CHECK(has(warnings(one_point({row({Transport::udp}, 5)})), "too_few_trials"));
}
