#include <cmath>

#include "measure/two_clocks.hpp"
#include "netduel/measure/metrics.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace test;

TEST_CASE("delays by clocks hours apart are right within the bound", "[clock_offset]") {
  const auto offset = GENERATE(nanoseconds{-3h}, 0ns, nanoseconds{3h});
  const auto skew = GENERATE(-100e-6, 0.0, 2e-6, 100e-6);
  const auto receiver = GENERATE(ReceivingClock::near_clock, ReceivingClock::far_clock);
  const bool assumes_a_skew = GENERATE(true, false);
  CAPTURE(offset.count(), skew, receiver == ReceivingClock::far_clock, assumes_a_skew);
  const Clocks clocks{.offset = offset, .skew = skew};
  const auto exchanges = around_a_trial(clocks, [](nanoseconds) { return Ways{10us, 14us, 1us}; });
  auto assumed = estimate_clock_offset({exchanges.data(), 8}).value();
  if (assumes_a_skew) assumed.skew = 3e-6;
  const auto known = estimate_clock_offset(exchanges).value();

  const bool far_receives = receiver == ReceivingClock::far_clock;
  Delay recorded;
  for (nanoseconds at = 0ns; at <= trial_time; at += 10ms) {
    const WallTime sent = start + at;
    const WallTime read = sent + 40us;
    Arrival arrival{.sent = far_receives ? sent : clocks.far(sent),
                    .arrived = far_receives ? clocks.far(read) : read};
    arrival.read_at = arrival.arrived;
    recorded.observe(on_near_clock(arrival, receiver, assumed), {});
  }
  const auto correction =
      delay_correction(assumed, known, receiver, start, start + trial_time + 40us);
  const Delay delay = recorded.shifted(correction.shift);
  REQUIRE(correction.bound.has_value());
  CHECK(std::chrono::abs(*delay.to_read().min() - 40us) <= *correction.bound);
  CHECK(std::chrono::abs(*delay.to_read().max() - 40us) <= *correction.bound);
  // 13 us by the exchanges, and half of what the clocks drifted apart in 10 s.
  const double drift = std::abs(skew - (assumes_a_skew ? 3e-6 : 0)) * 10e9 / 2;
  CHECK(static_cast<double>(correction.bound->count()) <= 13.1e3 + 1.01 * drift);
  CHECK(correction.usable_for_delay(*delay.to_read().percentile(0.5)) == (std::abs(skew) < 50e-6));
}

TEST_CASE("an assumed offset that was wrong widens the bound by what it stretched",
          "[clock_offset]") {
  const ClockOffset known{.offset = 1s, .bound = 10us, .first = start, .last = start + trial_time};
  const ClockOffset assumed{.offset = 0s, .reference = start, .skew = -400e-6};
  const Clocks clocks{.offset = 1s};
  const WallTime read = start + 40us;
  const Arrival arrival{.sent = start, .arrived = clocks.far(read), .read_at = clocks.far(read)};
  Delay recorded;
  recorded.observe(on_near_clock(arrival, ReceivingClock::far_clock, assumed), {});
  const auto correction =
      delay_correction(assumed, known, ReceivingClock::far_clock, start, start + 40us);
  const Delay delay = recorded.shifted(correction.shift);
  const auto wrong = std::chrono::abs(*delay.to_read().max() - 40us);
  CHECK(wrong > 390us);
  CHECK(wrong <= correction.bound.value());
}

}  // namespace
}  // namespace netduel
