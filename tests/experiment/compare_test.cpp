#include "experiment/compare.hpp"

#include <stop_token>

#include "experiment/comparisons.hpp"
#include "netduel/transport/tcp.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

CompareSpec short_spec() {
  CompareSpec spec;
  spec.pairs = 2;
  spec.time = 50ms;
  spec.seed = 11;
  return spec;
}

void ignore(const Progress&) {}

/// 40 ms there and back, and a bottleneck if given.
CompareSpec over_a_lab(std::optional<double> bits_per_second = {}) {
  CompareSpec spec;
  spec.lab.emplace();
  spec.lab->a_to_b.delay = spec.lab->b_to_a.delay = 20ms;
  spec.lab->a_to_b.bottleneck_bits_per_second = bits_per_second;
  return spec;
}

}  // namespace

TEST_CASE("the default paced rate is half the lower median, at most 1 Gb/s", "[compare]") {
  Comparison slow;
  test::add_pair(slow, Part::full_speed, test::trial(Transport::udp, 8e8),
                 test::trial(Transport::tcp, 4e8));
  CHECK(*default_paced_rate(slow) == Approx(2e8).epsilon(1e-3));
  CHECK(*default_paced_rate(test::full_speed(3, 9.0)) == Approx(5.05e8).epsilon(1e-3));
  Comparison fast;
  test::add_pair(fast, Part::full_speed, test::trial(Transport::udp, 40e9),
                 test::trial(Transport::tcp, 30e9));
  CHECK(*default_paced_rate(fast) == 1e9);
  CHECK_FALSE(default_paced_rate(Comparison{}));
}

TEST_CASE("a bitrate leaves out the full-speed part, unless flooding is asked for", "[compare]") {
  CompareSpec spec;
  CHECK(spec.pairs_of(Part::full_speed) == 10);
  CHECK(spec.pairs_of(Part::paced) == 6);
  spec.bits_per_second = 1e8;
  CHECK(spec.pairs_of(Part::full_speed) == 0);
  spec.flood = true;
  spec.pairs = 3;
  CHECK(spec.pairs_of(Part::full_speed) == 3);
  CHECK(spec.pairs_of(Part::paced) == 3);
}

TEST_CASE("messages fit 1500 octets without fragmentation for both transports", "[compare]") {
  CompareSpec spec;
  CHECK(spec.message_length() == 1448);
  spec.ip_version = IpVersion::v6;
  CHECK(spec.message_length() == 1428);
}

TEST_CASE("a comparison runs both parts in pairs over loopback", "[compare][threads]") {
  const Comparison comparison = compare(short_spec(), {}, ignore);
  CHECK_FALSE(comparison.error);
  CHECK_FALSE(comparison.interrupted);
  REQUIRE(comparison.trials.size() == 8);
  for (const Part part : {Part::full_speed, Part::paced}) {
    CHECK(comparison.of(part, Transport::udp).size() == 2);
    CHECK(comparison.of(part, Transport::tcp).size() == 2);
  }
  REQUIRE(comparison.paced_bits_per_second);
  for (const auto& trial : comparison.trials) {
    CHECK(trial.result.ledger.offered == trial.result.ledger.refused + trial.result.ledger.sent);
    CHECK(trial.result.ledger.delivered > 0);
    if (trial.part == Part::paced) {
      CHECK(trial.result.plan.bits_per_second == *comparison.paced_bits_per_second);
    }
  }
}

TEST_CASE("the order inside the pairs follows the seed and varies", "[compare]") {
  CompareSpec spec = short_spec();
  spec.bits_per_second = 1e6;
  spec.message_octets = 100;
  spec.time = 2ms;
  spec.pairs = 12;
  const auto order = [&] {
    std::vector<Transport> transports;
    compare(spec, {}, [&](const Progress& now) { transports.push_back(now.transport); });
    return transports;
  };
  const auto first = order();
  CHECK(first == order());
  std::size_t udp_first = 0;
  for (std::size_t i = 0; i < first.size(); i += 2) udp_first += first[i] == Transport::udp;
  CHECK(udp_first > 0);
  CHECK(udp_first < 12);
}

TEST_CASE("a stop keeps what was measured", "[compare][threads]") {
  CompareSpec spec = short_spec();
  spec.pairs = 1000;
  std::stop_source stop;
  std::size_t trials = 0;
  const Comparison comparison = compare(spec, stop.get_token(), [&](const Progress&) {
    if (++trials == 4) stop.request_stop();
  });
  CHECK(comparison.interrupted);
  CHECK(comparison.trials.size() == 4);
  CHECK(comparison.trials.back().result.interrupted);
}

TEST_CASE("a port in use ends the comparison with the reason", "[compare]") {
  const auto taken = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  CompareSpec spec = short_spec();
  spec.udp = false;
  spec.port = taken.local().port();
  const Comparison comparison = compare(spec, {}, ignore);
  REQUIRE(comparison.error);
  CHECK(comparison.error->find(taken.local().to_string()) != std::string::npos);
  CHECK(comparison.trials.empty());
}

TEST_CASE("on an emulated path UDP follows TCP unless a rate or a flood is asked for",
          "[compare]") {
  CHECK_FALSE(CompareSpec{}.udp_follows_tcp());
  CompareSpec spec = over_a_lab();
  CHECK(spec.udp_follows_tcp());
  spec.flood = true;
  CHECK_FALSE(spec.udp_follows_tcp());
  CHECK(spec.pairs_of(Part::full_speed) == 10);
  spec.flood = false;
  spec.bits_per_second = 1e6;
  CHECK_FALSE(spec.udp_follows_tcp());
}

TEST_CASE("UDP alone has no full-speed part on an emulated path, and paces below its bottleneck",
          "[compare]") {
  Comparison comparison;
  comparison.spec = over_a_lab(50e6);
  comparison.spec.tcp = false;
  CHECK(comparison.spec.pairs_of(Part::full_speed) == 0);
  CHECK(comparison.spec.pairs_of(Part::paced) == 6);
  // The bottleneck counts UDP's and IPv4's 28 octets of headers too.
  CHECK(*default_paced_rate(comparison) == Approx(0.8 * 50e6 * 1448 / 1476));
  comparison.spec.ip_version = IpVersion::v6;
  CHECK(*default_paced_rate(comparison) == Approx(0.8 * 50e6 * 1428 / 1476));
  comparison.spec.lab->a_to_b.bottleneck_bits_per_second.reset();
  CHECK(*default_paced_rate(comparison) == 10e6);
  comparison.spec.flood = true;
  CHECK(comparison.spec.pairs_of(Part::full_speed) == 10);
}

TEST_CASE("the default paced rate stays below a bottleneck of the path", "[compare]") {
  Comparison comparison = test::full_speed(3, 1.0);
  comparison.spec = over_a_lab(100e6);
  CHECK(*default_paced_rate(comparison) == Approx(0.8 * 100e6 * 1448 / 1476));
  comparison.spec = over_a_lab(10e9);
  CHECK(*default_paced_rate(comparison) == Approx(5.05e8).epsilon(1e-3));
}

TEST_CASE("messages fit the MTU of an emulated path, as far as a datagram can be that long",
          "[compare]") {
  CompareSpec spec = over_a_lab();
  CHECK(spec.message_length() == 1448);
  spec.lab->mtu_octets = 9000;
  CHECK(spec.message_length() == 8948);
  spec.lab->mtu_octets = 65535;
  CHECK(spec.message_length() <= 65507);
}

TEST_CASE("a receiver drains for four round trips and a full queue", "[compare]") {
  CHECK(CompareSpec{}.drain() == 50ms);
  CHECK(over_a_lab().drain() == 160ms);
  CompareSpec spec = over_a_lab(1e6);
  spec.lab->a_to_b.queue = QueueLength{QueueLength::Unit::time, 1'000'000'000};
  CHECK(spec.drain() >= 1160ms);
  CompareSpec near;
  near.lab.emplace();
  CHECK(near.drain() == 50ms);
}

TEST_CASE("to a server nothing floods unasked, and UDP alone is slow", "[compare]") {
  Comparison comparison;
  CompareSpec& spec = comparison.spec;
  spec.server.emplace();
  CHECK(spec.udp_follows_tcp());
  spec.tcp = false;
  CHECK(spec.pairs_of(Part::full_speed) == 0);
  CHECK(*default_paced_rate(comparison) == 10e6);
  spec.flood = true;
  CHECK(spec.pairs_of(Part::full_speed) == 10);
}

TEST_CASE("trials to a server grow with the round trip, unless their time is chosen", "[compare]") {
  CompareSpec spec;
  spec.server.emplace();
  spec.server->round_trip = 200us;
  CHECK(spec.trial_time() == 500ms);
  CHECK(spec.drain() == 250ms);
  spec.server->round_trip = 100ms;
  CHECK(spec.trial_time() == 4s);
  CHECK(spec.drain() == 400ms);
  spec.time = 50ms;
  CHECK(spec.trial_time() == 50ms);
}

TEST_CASE("messages fit the MTU of the path to a server", "[compare]") {
  CompareSpec spec;
  spec.server.emplace();
  spec.server->mtu_octets = 1400;
  CHECK(spec.message_length() == 1348);
}
