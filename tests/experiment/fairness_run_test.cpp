#include <algorithm>
#include <chrono>
#include <stop_token>

#include "experiment/fairness.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

FairnessSpec short_run() {
  FairnessSpec spec;
  spec.lab.a_to_b.bottleneck_bits_per_second = 10e6;
  spec.tcp = {"reno", ""};
  spec.udp = {2e6};
  spec.times = {.phase = 200ms, .interval = 50ms, .settling = 50ms};
  return spec;
}

Fairness run(const FairnessSpec& spec, std::stop_source stop,
             const std::function<void(const Fairness&)>& seen) {
  Lab lab(spec.lab);
  lab.start();
  return run_fairness(spec, lab, stop.get_token(), seen);
}

}  // namespace

TEST_CASE("each flow on a shared bottleneck closes a ledger, and each interval is seen",
          "[fairness][threads][.netns]") {
  std::size_t seen = 0;
  const Fairness fairness =
      run(short_run(), {}, [&](const Fairness& now) { CHECK(now.intervals.size() == ++seen); });
  CHECK_FALSE(fairness.error);
  // Fewer only where this machine stood still.
  CHECK(seen <= 12);
  CHECK(fairness.phases().size() == 3);
  REQUIRE(fairness.flows.size() == 3);
  for (const FairnessFlow& flow : fairness.flows) {
    REQUIRE(flow.trial);
    CHECK(flow.trial->result.ledger.delivered > 0);
    CHECK(flow.trial->result.ledger.balanced());
    CHECK(flow.trial->link);
  }
  CHECK(fairness.flows[0].congestion_in_use() == "reno");
}

TEST_CASE("flows that are stopped before UDP joins report what TCP did",
          "[fairness][threads][.netns]") {
  std::stop_source stop;
  const Fairness fairness = run(short_run(), stop, [&](const Fairness&) { stop.request_stop(); });
  CHECK(fairness.interrupted);
  CHECK_FALSE(fairness.error);
  CHECK(fairness.intervals.size() == 1);
  CHECK(fairness.flows[0].trial->result.ledger.delivered > 0);
  CHECK(fairness.flows[2].trial->result.ledger.offered == 0);
}

TEST_CASE("flows that can't be opened are an error, with nothing seen",
          "[fairness][threads][.netns]") {
  FairnessSpec spec = short_run();
  spec.tcp = {"reno", "wishful"};
  const Fairness fairness = run(spec, {}, [](const Fairness&) {});
  REQUIRE(fairness.error);
  CHECK(fairness.error->find("wishful") != std::string::npos);
  CHECK(fairness.intervals.empty());
}
