#include "experiment/fairness_report.hpp"

#include <algorithm>
#include <string>

#include "experiment/comparisons.hpp"
#include "experiment/fairness_verdict.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

FairnessInterval second(FairnessPhase phase, std::uint64_t tcp_octets, std::uint64_t udp_octets) {
  FairnessInterval interval{.phase = phase, .end = 1s, .late = {}, .flows = {}, .queue = {20ms}};
  interval.flows = {{.octets = tcp_octets, .retransmitted_segments = 3},
                    {.octets = udp_octets, .messages = udp_octets / 1'000}};
  return interval;
}

/// One TCP flow of 20 kbit/s and one UDP flow that is offered 16 kbit/s, of which 1 in 100 is lost.
Fairness run(std::uint64_t tcp_beside_udp = 500, std::uint64_t udp = 1'960,
             std::uint64_t tcp_after = 2'400) {
  FairnessSpec spec;
  spec.lab.a_to_b.bottleneck_bits_per_second = 20'480;
  spec.tcp = {"reno"};
  spec.udp = {16e3};
  spec.times.phase = shortest_sound_phase(spec.lab);
  Fairness fairness = fairness_of(spec);
  TrialResult lossy = test::trial(Transport::udp, 16e3);
  lossy.ledger.delivered -= 1;
  lossy.ledger.lost_elsewhere = Bounds{1, 1};
  fairness.flows[0].trial = PathTrial{test::trial(Transport::tcp, 20e3)};
  fairness.flows[1].trial = PathTrial{std::move(lossy)};
  fairness.intervals = {second(FairnessPhase::tcp_alone, 2'500, 0),
                        second(FairnessPhase::udp_joins, tcp_beside_udp, udp),
                        second(FairnessPhase::udp_leaves, tcp_after, 0)};
  return fairness;
}

bool warns(const Fairness& fairness, const std::string& id) {
  return std::ranges::any_of(warnings(fairness),
                             [&](const Warning& warning) { return warning.id == id; });
}

}  // namespace

TEST_CASE("a phase's flows are in the document with what TCP guarantees absent",
          "[fairness][report]") {
  const Report report = describe(run());
  CHECK(*report.find("phases[1].name") == Value(std::string("udp_joins")));
  CHECK(*report.find("phases[1].flows[0].transport") == Value(std::string("tcp")));
  CHECK(*report.find("phases[1].flows[0].congestion") == Value(std::string("reno")));
  CHECK(*report.find("phases[1].flows[0].loss_ratio") == Value(Absent{}));
  CHECK(*report.find("phases[1].flows[0].retransmitted_segments") == Value(std::uint64_t{3}));
  CHECK(*report.find("phases[1].flows[1].congestion") == Value(Absent{}));
  CHECK(*report.find("phases[1].flows[1].goodput_bits_per_second") == Value(15'680.0));
  CHECK(std::get<double>(*report.find("phases[1].flows[1].loss_ratio")) == Approx(0.01));
  CHECK(report.find("phases[0].flows[1].transport") == nullptr);
  CHECK(*report.find("intervals[1].flows[1].flow") == Value(std::uint64_t{1}));
  CHECK(std::get<double>(*report.find("summary.udp_kept_ratio")) == Approx(0.98));
}

TEST_CASE("a document of a run that failed to begin is whole", "[fairness][report]") {
  Fairness fairness = fairness_of(run().spec);
  fairness.error = "no lab";
  const Report report = describe(fairness);
  CHECK(*report.find("phases") == Value(EmptyList{}));
  CHECK(*report.find("intervals") == Value(EmptyList{}));
  CHECK(*report.find("flows[1].ledger") == Value(Absent{}));
  CHECK(*report.find("summary.tcp_goodput_bits_per_second.tcp_alone") == Value(Absent{}));
  CHECK(*report.find("error") == Value(std::string("no lab")));
}

TEST_CASE("the verdict says who kept its rate and who gave way", "[fairness][verdict]") {
  CHECK(verdict(run()) ==
        "UDP kept 98 % of its 16 kbit/s beside TCP and lost 1 % of its messages; "
        "TCP fell from 20 kbit/s to 4 kbit/s and recovered to 19.2 kbit/s");
}

TEST_CASE("the verdict claims nothing that the figures don't show", "[fairness][verdict]") {
  CHECK(verdict(run(500, 1'000)).starts_with("UDP got only 50 % of its 16 kbit/s"));
  CHECK(verdict(run(2'450)).find("TCP did not give way") != std::string::npos);
  CHECK(verdict(run(500, 1'960, 1'000)).find("came back to no more than 8 kbit/s") !=
        std::string::npos);
  CHECK(verdict(run(500, 1'960, 400)).find("did not come back") != std::string::npos);
  Fairness cut = run();
  cut.intervals.resize(1);
  CHECK(verdict(cut).starts_with("none: the run ended before"));
}

TEST_CASE("a rate that doesn't fit the bottleneck is warned of", "[fairness][warnings]") {
  Fairness fairness = run();
  CHECK_FALSE(warns(fairness, "udp_rate_above_bottleneck"));
  // Its payload fits, but not with the headers.
  fairness.spec.udp = {20'400};
  CHECK(warns(fairness, "udp_rate_above_bottleneck"));
}

TEST_CASE("what a sender left out and what a check found is warned of", "[fairness][warnings]") {
  Fairness fairness = run();
  CHECK(warnings(fairness).empty());
  Ledger& ledger = fairness.flows[1].trial->result.ledger;
  ledger.skipped = 2;
  ledger.checks.push_back({.name = "sums", .passed = false, .detail = "wrong"});
  CHECK(warns(fairness, "pacing_error"));
  CHECK(verdict(fairness).find("its sender itself left out 1.96 %") != std::string::npos);
  CHECK(warns(fairness, "ledger_check_failed"));
}

TEST_CASE("a phase in which flows hardly settle is warned of", "[fairness][warnings]") {
  Fairness fairness = run();
  CHECK_FALSE(warns(fairness, "phase_short"));
  fairness.spec.times.phase -= 1ms;
  CHECK(warns(fairness, "phase_short"));
}

TEST_CASE("an interval that ended far too late is warned of", "[fairness][warnings]") {
  Fairness fairness = run();
  fairness.intervals[1].late = fairness.spec.times.interval / 4;
  CHECK_FALSE(warns(fairness, "interval_late"));
  fairness.intervals[1].late += 1ms;
  CHECK(warns(fairness, "interval_late"));
}
