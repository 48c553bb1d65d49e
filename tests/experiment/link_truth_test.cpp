#include "experiment/link_truth.hpp"

#include <algorithm>

#include "experiment/comparisons.hpp"
#include "experiment/local_trials.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

const Endpoint source = *Endpoint::parse("10.77.0.1:4000");

LinkCounts dropped(std::uint64_t by_loss, std::uint64_t by_queue = 0, std::uint64_t as_down = 0) {
  LinkCounts counts;
  counts.dropped_loss = by_loss;
  counts.dropped_queue = by_queue;
  counts.dropped_down = as_down;
  return counts;
}

FlowTruth flow(std::string protocol, std::uint64_t ordinal, LinkCounts counts = {}) {
  return {.protocol = std::move(protocol),
          .ordinal = ordinal,
          .source = source,
          .destination = *Endpoint::parse("10.77.0.2:5000"),
          .counts = counts};
}

Truth truth_of(std::vector<FlowTruth> flows) {
  Truth truth;
  truth.a_to_b.flows = std::move(flows);
  return truth;
}

/// A trial of 100 messages of which some were lost on the path, held against that truth.
PathTrial held(
    const Truth& truth, std::uint64_t lost = 0, std::uint64_t missed_frames = 0,
    void (*change)(TrialResult&) = [](TrialResult&) {}) {
  PathTrial trial{test::trial(Transport::udp, 1e6)};
  trial.result.sender.source = source;
  trial.result.ledger.delivered -= lost;
  trial.result.ledger.lost_elsewhere = Bounds{lost, lost};
  trial.result.ledger.checks.clear();
  change(trial.result);
  trial.link = hold_against_link(trial.result, truth, missed_frames);
  return trial;
}

bool all_passed(const PathTrial& trial) {
  return std::ranges::all_of(trial.result.ledger.checks, &Check::passed);
}

}  // namespace

TEST_CASE("a trial is held against the newest flow of its protocol and port", "[link]") {
  const Truth truth = truth_of(
      {flow("udp", 0, dropped(1)), flow("udp", 1, dropped(4)), flow("tcp", 7, dropped(9))});
  const PathTrial right = held(truth, 4);
  CHECK(right.link->ordinal == 1);
  CHECK(right.result.ledger.checks.size() == 4);
  CHECK(all_passed(right));
  CHECK_FALSE(all_passed(held(truth, 5)));
}

TEST_CASE("of flows from one port a trial's is the one to its receiver", "[link]") {
  FlowTruth other = flow("udp", 1, dropped(4));
  other.destination = other.destination.with_port(5001);
  CHECK(held(truth_of({flow("udp", 0, dropped(1)), other}), 1).link->ordinal == 0);
}

TEST_CASE("a trial that the link knows nothing of is not held against it", "[link]") {
  const PathTrial trial = held(truth_of({flow("tcp", 0)}));
  CHECK_FALSE(trial.link);
  CHECK(trial.result.ledger.checks.empty());
}

TEST_CASE("what the link dropped in all its ways is one sum", "[link]") {
  const Truth truth = truth_of({flow("udp", 0, dropped(1, 2, 3))});
  CHECK(all_passed(held(truth, 6)));
  CHECK_FALSE(all_passed(held(truth, 7)));
}

TEST_CASE("a frame that the lab missed may have been a whole super-packet", "[link]") {
  const Truth truth = truth_of({flow("udp", 0)});
  const auto in_super_packets = [](TrialResult& trial) {
    trial.sender.socket.largest_super_packet_messages = 45;
  };
  CHECK(all_passed(held(truth, 45, 1, in_super_packets)));
  CHECK_FALSE(all_passed(held(truth, 46, 1, in_super_packets)));
  CHECK_FALSE(all_passed(held(truth, 45, 1)));
}

TEST_CASE("where the link's counts decide nothing there is a flow and no check", "[link]") {
  const auto counts_differ = [](const Truth& truth, void (*change)(TrialResult&)) {
    const PathTrial trial = held(truth, 3, 0, change);
    return trial.link.has_value() && trial.result.ledger.checks.empty();
  };
  const Truth truth = truth_of({flow("udp", 0)});
  // Cut short.
  CHECK(counts_differ(truth, [](TrialResult& trial) { trial.interrupted = true; }));
  // The link counts fragments.
  CHECK(counts_differ(truth, [](TrialResult& trial) { trial.plan.message_octets = 1473; }));
  // Left the link after the receiver had gone.
  Truth late = truth;
  late.a_to_b.latest = 60ms;
  CHECK(counts_differ(late, [](TrialResult& trial) { trial.plan.drain = 50ms; }));
}
