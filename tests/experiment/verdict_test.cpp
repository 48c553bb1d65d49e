#include "experiment/verdict.hpp"

#include "experiment/comparisons.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {}  // namespace

TEST_CASE("a clear difference is claimed with its interval", "[verdict]") {
  CHECK_THAT(verdict(test::full_speed(10, 2.0)),
             containing("UDP's goodput was 2 times TCP's [2, 2]"));
}

TEST_CASE("a difference below the practical threshold is not claimed", "[verdict]") {
  CHECK_THAT(verdict(test::full_speed(10, 1.02)), containing("no difference in goodput shown"));
}

TEST_CASE("a verdict doesn't call full speed what UDP was held to", "[verdict]") {
  Comparison comparison = test::full_speed(10, 1.0);
  CHECK_THAT(verdict(comparison), containing("At full speed: "));
  comparison.spec.lab.emplace();
  CHECK_THAT(verdict(comparison), containing("UDP being offered what TCP achieved: "));
  comparison.spec.flood = true;
  CHECK_THAT(verdict(comparison), containing("At full speed: "));
}

TEST_CASE("an interval that holds 1 supports no claim", "[verdict]") {
  Comparison comparison;
  for (const double ratio : {0.5, 0.6, 0.7, 1.5, 1.6, 1.7}) {
    test::add_pair(comparison, Part::full_speed, test::trial(Transport::udp, ratio * 1e9),
                   test::trial(Transport::tcp, 1e9));
  }
  CHECK_THAT(verdict(comparison), containing("no difference in goodput shown"));
}

TEST_CASE("with fewer than 6 pairs nothing is claimed", "[verdict]") {
  CHECK_THAT(verdict(test::full_speed(5, 3.0)), containing("too few pairs to claim"));
}

TEST_CASE("with one transport there is nothing to compare", "[verdict]") {
  Comparison comparison;
  comparison.trials.push_back({Part::full_speed, 0, test::trial(Transport::udp, 1e9)});
  CHECK_THAT(verdict(comparison), containing("Nothing to compare"));
  CHECK_THAT(verdict(Comparison{}), containing("Nothing to compare"));
}

TEST_CASE("delays are compared in the paced part, pair by pair", "[verdict]") {
  Comparison comparison;
  comparison.paced_bits_per_second = 1e9;
  for (int i = 0; i < 6; ++i) {
    test::add_pair(comparison, Part::paced, test::trial(Transport::udp, 1e9, 50us),
                   test::trial(Transport::tcp, 1e9, 200us));
  }
  const PartRatios by_pair = ratios(comparison, Part::paced);
  CHECK(*by_pair.delay_p50.median == Approx(0.25).epsilon(0.02));
  CHECK(by_pair.delay_p50.low);
  CHECK_THAT(verdict(comparison), containing("At 1 Gbit/s offered by both: UDP's p99 delay was"));
}

TEST_CASE("a pair of which one trial was interrupted is left out", "[verdict]") {
  Comparison comparison = test::full_speed(6, 2.0);
  comparison.trials.back().result.interrupted = true;
  CHECK_FALSE(ratios(comparison, Part::full_speed).goodput.low);
}

TEST_CASE("resampling gives the same median as order statistics, from the seed alone",
          "[verdict]") {
  Comparison comparison;
  for (int i = 0; i < 8; ++i) {
    test::add_pair(comparison, Part::full_speed, test::trial(Transport::udp, 1e9 + i * 1e8),
                   test::trial(Transport::tcp, 1e9));
  }
  const Interval found = goodput_bootstrap(comparison, Part::full_speed);
  CHECK(found.median == ratios(comparison, Part::full_speed).goodput.median);
  CHECK(*found.low < *found.median);
  CHECK(*found.high > *found.median);
  CHECK(found == goodput_bootstrap(comparison, Part::full_speed));
  CHECK_FALSE(goodput_bootstrap(test::full_speed(3, 2.0), Part::full_speed).low);
  CHECK_FALSE(goodput_bootstrap(Comparison{}, Part::full_speed).median);
}

TEST_CASE("messages that never arrived count as infinitely late", "[verdict]") {
  Comparison comparison;
  comparison.paced_bits_per_second = 1e9;
  for (int i = 0; i < 7; ++i) {
    TrialResult udp = test::trial(Transport::udp, 1e9, 50us);
    // One pair is enough: without it the ratio would be that of the lucky ones.
    if (i == 3) udp.ledger.offered = udp.ledger.sent = 105;
    test::add_pair(comparison, Part::paced, udp, test::trial(Transport::tcp, 1e9, 200us));
  }
  CHECK(ratios(comparison, Part::paced).delay_p50.median);
  CHECK_FALSE(ratios(comparison, Part::paced).delay_p99.median);
  CHECK_THAT(verdict(comparison), containing("p99 delay can't be compared"));
}

TEST_CASE("delays are not compared where the rate was not offered by both", "[verdict]") {
  Comparison comparison;
  comparison.paced_bits_per_second = 1e9;
  for (int i = 0; i < 6; ++i) {
    TrialResult tcp = test::trial(Transport::tcp, 1e9, 200us);
    tcp.ledger.skipped = 50;
    test::add_pair(comparison, Part::paced, test::trial(Transport::udp, 1e9, 50us), tcp);
  }
  CHECK_THAT(verdict(comparison), containing("1 Gbit/s was not offered by both"));
}
