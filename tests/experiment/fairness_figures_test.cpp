#include "experiment/fairness_figures.hpp"

#include <array>
#include <optional>

#include "experiment/fairness.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr std::array flows = {Transport::tcp, Transport::tcp, Transport::udp};

/// A second in which the flows delivered so many octets.
FairnessInterval second(FairnessPhase phase, std::chrono::seconds start,
                        std::array<std::uint64_t, 3> octets, bool settling = false) {
  FairnessInterval interval{.phase = phase,
                            .settling = settling,
                            .start = start,
                            .end = start + 1s,
                            .late = {},
                            .flows = {},
                            .queue = {}};
  for (const std::uint64_t count : octets) interval.flows.push_back({.octets = count});
  return interval;
}

}  // namespace

TEST_CASE("intervals begin anew with each phase and behind its settling time", "[fairness]") {
  const auto all = stops({.phase = 1s, .interval = 400ms, .settling = 500ms});
  REQUIRE(all.size() == 12);
  CHECK(all[0].at == 400ms);
  CHECK(all[1].at == 500ms);
  CHECK(all[1].settling);
  CHECK(all[2].at == 900ms);
  CHECK_FALSE(all[2].settling);
  CHECK(all[3].at == 1s);
  CHECK(all[3].phase == FairnessPhase::tcp_alone);
  CHECK(all[4].at == 1400ms);
  CHECK(all[4].phase == FairnessPhase::udp_joins);
  CHECK(all[4].settling);
  CHECK(all.back().at == 3s);
  CHECK(all.back().phase == FairnessPhase::udp_leaves);
}

TEST_CASE("a phase is as long as the path's full round trips ask for", "[fairness]") {
  LabSpec lab;
  lab.a_to_b.bottleneck_bits_per_second = 20e6;
  const FairnessTimes near = usual_times(lab, std::nullopt);
  CHECK(near.phase == 5s);
  CHECK(near.interval == 500ms);
  CHECK(near.settling == 1s);
  lab.a_to_b.delay = lab.b_to_a.delay = 100ms;
  lab.a_to_b.queue = QueueLength{QueueLength::Unit::time, 200'000'000};
  const FairnessTimes far = usual_times(lab, std::nullopt);
  CHECK(far.phase == 12s);
  CHECK(far.settling == 6s);
  const FairnessTimes asked = usual_times(lab, 1s);
  CHECK(asked.phase == 1s);
  CHECK(asked.interval == 100ms);
  CHECK(asked.settling == 500ms);
}

TEST_CASE("without a time to settle all of a phase counts", "[fairness]") {
  for (const FairnessStop& one : stops({.phase = 1s, .interval = 250ms, .settling = 0s})) {
    CHECK_FALSE(one.settling);
  }
}

TEST_CASE("a phase's goodput is of its settled intervals alone", "[fairness]") {
  const std::array intervals = {
      second(FairnessPhase::tcp_alone, 0s, {9'000, 9'000, 0}, true),
      second(FairnessPhase::tcp_alone, 1s, {1'000, 3'000, 0}),
      second(FairnessPhase::tcp_alone, 2s, {2'000, 4'000, 0}),
      second(FairnessPhase::udp_joins, 3s, {7'000, 7'000, 7'000}),
  };
  const PhaseFigures figures = figures_of(FairnessPhase::tcp_alone, intervals, flows);
  CHECK(figures.seconds == 2);
  REQUIRE(figures.flows.size() == 2);
  CHECK(figures.flows[0].goodput == 8 * 1'500);
  CHECK(figures.flows[1].goodput == 8 * 3'500);
  CHECK(figures.flows[0].share == 0.3);
  CHECK(goodput_of(Transport::tcp, figures, flows) == 8 * 5'000);
  CHECK_FALSE(goodput_of(Transport::udp, figures, flows));
  // (1.5 + 3.5)^2 / (2 * (1.5^2 + 3.5^2))
  CHECK(*figures.jain_index == Approx(25.0 / 29.0));
}

TEST_CASE("UDP's flows take part in the second phase only", "[fairness]") {
  const std::array intervals = {
      second(FairnessPhase::udp_joins, 0s, {1'000, 1'000, 2'000}),
      // What was still in the queue when UDP had left.
      second(FairnessPhase::udp_leaves, 1s, {2'000, 2'000, 100}),
  };
  const PhaseFigures shared = figures_of(FairnessPhase::udp_joins, intervals, flows);
  REQUIRE(shared.flows.size() == 3);
  CHECK(shared.flows[2].flow == 2);
  CHECK(shared.flows[2].share == 0.5);
  const PhaseFigures after = figures_of(FairnessPhase::udp_leaves, intervals, flows);
  CHECK(after.flows.size() == 2);
  CHECK(after.jain_index == 1.0);
}

TEST_CASE("a phase that ended before it had settled has no figures", "[fairness]") {
  const std::array intervals = {second(FairnessPhase::tcp_alone, 0s, {1'000, 1'000, 0}, true)};
  const PhaseFigures figures = figures_of(FairnessPhase::tcp_alone, intervals, flows);
  CHECK(figures.flows.size() == 2);
  CHECK_FALSE(figures.flows[0].goodput);
  CHECK_FALSE(figures.flows[0].share);
  CHECK_FALSE(figures.jain_index);
  CHECK_FALSE(figures.queue_median_seconds);
  CHECK_FALSE(figures.busy_ratio);
}

TEST_CASE("the queue of a phase is the median of all looks at it", "[fairness]") {
  std::array intervals = {second(FairnessPhase::tcp_alone, 0s, {1, 1, 0}, true),
                          second(FairnessPhase::tcp_alone, 1s, {1, 1, 0}),
                          second(FairnessPhase::tcp_alone, 2s, {1, 1, 0})};
  intervals[0].queue = {900ms};
  intervals[1].queue = {0ms, 10ms, 20ms};
  intervals[2].queue = {40ms};
  const PhaseFigures figures = figures_of(FairnessPhase::tcp_alone, intervals, flows);
  CHECK(*figures.queue_median_seconds == Approx(0.015));
  CHECK(*figures.queue_largest_seconds == Approx(0.040));
  CHECK(figures.busy_ratio == 0.75);
}

TEST_CASE("an interval's progress is what came since, and late messages repair no earlier interval",
          "[fairness]") {
  const FlowProgress before{.octets = 1'000, .messages = 1, .lost = 5, .retransmitted_segments = 2};
  const FlowProgress now{.octets = 4'000, .messages = 4, .lost = 3, .retransmitted_segments = 7};
  const FlowProgress between = since(before, now);
  CHECK(between.octets == 3'000);
  CHECK(between.messages == 3);
  CHECK(between.lost == 0);
  CHECK(between.retransmitted_segments == 5);
  CHECK_FALSE(since(before, {.octets = 1'000}).retransmitted_segments);
}
