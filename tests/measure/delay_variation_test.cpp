#include "netduel/measure/delay_variation.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

struct Sample {
  std::uint64_t sequence = 0;
  std::chrono::nanoseconds delay{};
};

/// Messages are sent 100 ms apart and arrive in the order given.
DelayVariation after(const std::vector<Sample>& samples) {
  SequenceWindow window;
  DelayVariation variation;
  for (const Sample& one : samples) {
    const WallTime sent(one.sequence * 100ms);
    variation.observe({.sequence = one.sequence, .sent = sent, .arrived = sent + one.delay},
                      window.place(one.sequence));
  }
  return variation;
}

double milliseconds(std::chrono::duration<double> time) {
  return time.count() * 1e3;
}

}  // namespace

TEST_CASE("delays of 20, 10, 20, 25 and 20 ms vary as RFC 5481's example does", "[delay]") {
  const auto offset = GENERATE(0ms, 3'600'000ms, -5'000ms);
  const DelayVariation variation = after({{0, 20ms + offset},
                                          {1, 10ms + offset},
                                          {2, 20ms + offset},
                                          {3, 25ms + offset},
                                          {4, 20ms + offset}});
  // PDV 10, 0, 10, 15, 10; IPDV -10, 10, 5, -5.
  const DurationHistogram pdv = variation.pdv();
  CHECK(pdv.percentile(0.2) == 0ms);
  CHECK(milliseconds(*pdv.percentile(0.5)) == Approx(10).epsilon(0.01));
  CHECK(milliseconds(*pdv.percentile(0.8)) == Approx(10).epsilon(0.01));
  CHECK(pdv.max() == 15ms);
  CHECK(variation.ipdv().count() == 4);
  CHECK(variation.ipdv().min() == -10ms);
  CHECK(variation.ipdv().max() == 10ms);
  CHECK(milliseconds(*variation.ipdv().percentile(0.5)) == Approx(-5).epsilon(0.01));
  CHECK(milliseconds(*variation.ipdv().percentile(0.75)) == Approx(5).epsilon(0.01));
  CHECK(milliseconds(*variation.jitter_rfc3550()) == Approx(1.6698).epsilon(0.0001));
}

TEST_CASE("RTP's jitter starts at 0 and comes near a constant variation only slowly", "[delay]") {
  for (const auto& [packets, jitter] : {std::pair(17, 6.44), {33, 8.73}, {65, 9.84}}) {
    std::vector<Sample> samples;
    for (int n = 0; n < packets; ++n) {
      samples.push_back({static_cast<std::uint64_t>(n), n % 2 == 0 ? 10ms : 20ms});
    }
    CHECK(milliseconds(*after(samples).jitter_rfc3550()) == Approx(jitter).epsilon(0.001));
  }
}

TEST_CASE("IPDV is in the order of sending and leaves out what has a lost neighbour", "[delay]") {
  // 2 is lost; 5 overtakes 4.
  const DelayVariation variation = after({{0, 10ms}, {1, 11ms}, {3, 50ms}, {5, 20ms}, {4, 130ms}});
  // 1-0, 4-3 and 5-4.
  CHECK(variation.ipdv().count() == 3);
  CHECK(variation.ipdv().min() == -110ms);
  CHECK(variation.ipdv().max() == 80ms);
}

TEST_CASE("a duplicate varies nothing", "[delay]") {
  const DelayVariation variation = after({{0, 10ms}, {1, 10ms}, {0, 900ms}, {1, 900ms}});
  CHECK(variation.pdv().max() == 0ms);
  CHECK(variation.ipdv().count() == 1);
  CHECK(variation.jitter_rfc3550()->count() == 0.0);
}

TEST_CASE("nothing varies before there are two", "[delay]") {
  CHECK(DelayVariation().pdv().count() == 0);
  const DelayVariation one = after({{0, 10ms}});
  CHECK(one.pdv().max() == 0ms);
  CHECK_FALSE(one.ipdv().percentile(0.5));
  CHECK_FALSE(one.jitter_rfc3550());
}

TEST_CASE("PDV keeps its 1 % behind a first message that was very late", "[delay]") {
  std::mt19937 generator(3);
  std::vector<Sample> samples{{0, 900ms}};
  std::vector<double> delays{900};
  for (std::uint64_t n = 1; n < 50'000; ++n) {
    const std::chrono::nanoseconds delay = 20ms + std::chrono::nanoseconds(generator() % 1'000'000);
    samples.push_back({n, delay});
    delays.push_back(milliseconds(delay));
  }
  const DelayVariation variation = after(samples);
  std::ranges::sort(delays);
  for (const double ratio : {0.01, 0.5, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(ratio * 50'000));
    const double exact = delays[rank - 1] - delays[0];
    CHECK(milliseconds(*variation.pdv().percentile(ratio)) ==
          Approx(exact).epsilon(0.011).margin(0.0001));
  }
  CHECK(milliseconds(*variation.pdv().max()) == Approx(delays.back() - delays[0]));
}

TEST_CASE("delay variations of two streams are pooled each against its own smallest", "[delay]") {
  const DelayVariation near = after({{0, 10ms}, {1, 12ms}, {2, 11ms}});
  const DelayVariation far = after({{0, 110ms}, {1, 115ms}});
  DurationHistogram pdv = near.pdv();
  pdv.merge(far.pdv());
  CHECK(pdv.count() == 5);
  CHECK(pdv.min() == 0ms);
  CHECK(pdv.max() == 5ms);
  SignedDurationHistogram ipdv = near.ipdv();
  ipdv.merge(far.ipdv());
  CHECK(ipdv.count() == 3);
  CHECK(ipdv.min() == -1ms);
  CHECK(ipdv.max() == 5ms);
}
