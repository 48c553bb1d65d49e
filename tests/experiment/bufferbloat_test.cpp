#include "experiment/bufferbloat.hpp"

#include "experiment/bufferbloat_figures.hpp"
#include "experiment/bufferbloat_load.hpp"
#include "experiment/bufferbloat_report.hpp"
#include "experiment/bufferbloat_verdict.hpp"
#include "lab/impairment_text.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// A question each 10 ms for a second, each of which took as much.
std::vector<RoundTrip> steady(std::chrono::nanoseconds took) {
  std::vector<RoundTrip> round_trips;
  for (int i = 0; i < 100; ++i) round_trips.push_back({.asked = i * 10ms, .took = took});
  return round_trips;
}

/// A queue that fills in 300 ms, from 20 ms on, and stays full at 320 ms.
std::vector<RoundTrip> filling() {
  std::vector<RoundTrip> round_trips = steady(320ms);
  for (int i = 0; i < 30; ++i) round_trips[static_cast<std::size_t>(i)].took = 20ms + i * 10ms;
  return round_trips;
}

BufferbloatPhase phase(std::string name, std::vector<RoundTrip> round_trips) {
  return {.name = std::move(name),
          .by = RoundTripsBy::udp_probes,
          .round_trips = std::move(round_trips),
          .time = 1s};
}

BufferbloatPhase loaded(std::string name, Transport transport, std::vector<RoundTrip> round_trips) {
  BufferbloatPhase loaded = phase(std::move(name), std::move(round_trips));
  loaded.load = BufferbloatLoad{.transport = transport, .streams = 1};
  loaded.load->goodput_bits_per_second = 10e6;
  loaded.settling = 200ms;
  return loaded;
}

Bufferbloat one_way_up(BufferbloatPhase udp) {
  Bufferbloat result;
  result.server = Endpoint::parse("192.0.2.2:5201");
  result.is_netduel = true;
  result.phases = {phase("idle", steady(20ms)), std::move(udp)};
  return result;
}

bool warns(const Bufferbloat& result, std::string_view id) {
  return std::ranges::any_of(warnings(result), [&](const Warning& one) { return one.id == id; });
}

BufferbloatSpec behind(const std::string& bottleneck, const std::string& queue) {
  BufferbloatSpec spec;
  spec.lab = read_lab_spec(std::nullopt, {{"bottleneck", bottleneck}, {"queue", queue}}, {});
  return spec;
}

}  // namespace

TEST_CASE("loaded figures leave out the time in which the queue fills", "[bufferbloat]") {
  const RoundTripFigures figures = figures_of(loaded("udp_up", Transport::udp, filling()));
  // 290 ms is the first that takes nine tenths of 320.
  CHECK(figures.settling == 270ms);
  CHECK(figures.min == 290ms);
  CHECK(figures.p50 == 320ms);
  CHECK(figures.max == 320ms);
  CHECK(figures.sent == 73);
  CHECK_FALSE(figures.still_growing);
}

TEST_CASE("an idle phase is taken whole", "[bufferbloat]") {
  const RoundTripFigures figures = figures_of(phase("idle", filling()));
  CHECK(figures.settling == 0ms);
  CHECK(figures.min == 20ms);
  CHECK(figures.sent == 100);
}

TEST_CASE("a path that settles at once still has the planned time left out", "[bufferbloat]") {
  CHECK(settled_after(steady(20ms), 200ms, 1s) == 200ms);
  CHECK(settled_after({}, 200ms, 1s) == 200ms);
}

TEST_CASE("a queue that fills late has at most six tenths left out, and is warned of",
          "[bufferbloat]") {
  std::vector<RoundTrip> round_trips = steady(0ms);
  for (RoundTrip& one : round_trips) one.took = 20ms + one.asked;
  CHECK(settled_after(round_trips, 200ms, 1s) == 600ms);
  const auto growing = one_way_up(loaded("udp_up", Transport::udp, round_trips));
  CHECK(figures_of(growing.phases[1]).still_growing);
  CHECK(warns(growing, "still_growing"));
  CHECK_FALSE(warns(one_way_up(loaded("udp_up", Transport::udp, filling())), "still_growing"));
}

TEST_CASE("a lost probe is counted and has no time", "[bufferbloat]") {
  std::vector<RoundTrip> round_trips = steady(20ms);
  round_trips[50].took.reset();
  round_trips[51].took.reset();
  const RoundTripFigures figures = figures_of(phase("idle", round_trips));
  CHECK(figures.sent == 100);
  CHECK(figures.answered == 98);
  CHECK(figures.lost == 2);
  CHECK(figures.max == 20ms);
}

TEST_CASE("probes of which none was answered give no round trip", "[bufferbloat]") {
  std::vector<RoundTrip> round_trips = steady(20ms);
  for (RoundTrip& one : round_trips) one.took.reset();
  const Bufferbloat result = one_way_up(loaded("udp_up", Transport::udp, round_trips));
  CHECK_FALSE(figures_of(result.phases[1]).p50);
  CHECK(warns(result, "no_answers"));
  const Report report = describe(result);
  CHECK(*report.find("phases[1].round_trip_seconds") == Value(Absent{}));
  CHECK(*report.find("phases[1].queue_share_ratio") == Value(Absent{}));
  CHECK(*report.find("phases[1].probes.lost") == Value(std::uint64_t{80}));
}

TEST_CASE("what a load adds is the queue, and the buffer is as long as that takes",
          "[bufferbloat]") {
  const AddedDelay added =
      added_delay({.p50 = 500ms, .p99 = 510ms}, {.p50 = 20ms, .p99 = 25ms}, 10e6);
  CHECK(added.p50 == 480ms);
  CHECK(added.p99 == 485ms);
  CHECK(*added.queue_share_ratio == Approx(0.96));
  CHECK(*added.buffer_octets == Approx(600'000));
}

TEST_CASE("a loaded path that is faster than the idle one has no queue", "[bufferbloat]") {
  const AddedDelay added =
      added_delay({.p50 = 18ms, .p99 = 19ms}, {.p50 = 20ms, .p99 = 25ms}, 10e6);
  CHECK(added.p50 == -2ms);
  CHECK(added.queue_share_ratio == 0.0);
  CHECK(added.buffer_octets == 0.0);
}

TEST_CASE("the verdict says what is queue", "[bufferbloat]") {
  CHECK(verdict(one_way_up(loaded("udp_up", Transport::udp, filling()))) ==
        "Idle 20 ms; while UDP sends 320 ms: 300 ms of queue (94 %)");
  CHECK(verdict(one_way_up(loaded("tcp_up", Transport::tcp, steady(20ms)))) ==
        "Idle 20 ms; while TCP sends 20 ms: no queue to speak of");
  CHECK(verdict({}) == "Idle unknown");
}

TEST_CASE("UDP that loses nothing may not have filled the path, and is warned of",
          "[bufferbloat]") {
  BufferbloatPhase udp = loaded("udp_up", Transport::udp, steady(20ms));
  udp.load->loss_ratio = 0;
  CHECK(warns(one_way_up(udp), "path_not_filled"));
  udp.load->loss_ratio = 0.1;
  CHECK_FALSE(warns(one_way_up(udp), "path_not_filled"));
}

TEST_CASE("a sender that fell short of its rate is warned of", "[bufferbloat]") {
  BufferbloatPhase udp = loaded("udp_up", Transport::udp, steady(20ms));
  udp.load->planned_bits_per_second = 10e6;
  udp.load->offered_bits_per_second = 9.8e6;
  CHECK_FALSE(warns(one_way_up(udp), "pacing_error"));
  udp.load->offered_bits_per_second = 9e6;
  CHECK(warns(one_way_up(udp), "pacing_error"));
}

TEST_CASE("a rate at which no datagram was due is no fault of the host's", "[bufferbloat]") {
  BufferbloatPhase udp = loaded("udp_up", Transport::udp, steady(20ms));
  udp.load->planned_bits_per_second = 10;
  udp.load->offered_bits_per_second = 0;
  udp.load->loss_ratio = {};
  CHECK(warns(one_way_up(udp), "path_not_filled"));
  CHECK_FALSE(warns(one_way_up(udp), "pacing_error"));
}

TEST_CASE("UDP leaves in bursts of ten milliseconds, and of one super-packet at most",
          "[bufferbloat]") {
  TestParameters parameters;
  parameters.netduel.emplace();
  const auto burst = [&](double rate) {
    set_udp(parameters, 1250, rate);
    return parameters.burst;
  };
  CHECK(burst(1e5) == 1);
  CHECK(burst(12e6) == 12);
  CHECK(burst(1e9) == 64);
}

TEST_CASE("a server that answers no probes is warned of once it is known", "[bufferbloat]") {
  Bufferbloat result = one_way_up(loaded("udp_up", Transport::udp, {}));
  CHECK_FALSE(warns(result, "server_is_not_netduel"));
  result.is_netduel = false;
  CHECK(warns(result, "server_is_not_netduel"));
  result.server.reset();
  CHECK_FALSE(warns(result, "server_is_not_netduel"));
}

TEST_CASE("UDP is offered a quarter more than TCP carried, or what was asked for",
          "[bufferbloat]") {
  BufferbloatSpec spec;
  CHECK(filling_rate(spec, TestDirection::forward, 8e6, 1472) == Approx(10e6));
  spec.udp_bits_per_second = 3e6;
  CHECK(filling_rate(spec, TestDirection::forward, 8e6, 1472) == Approx(3e6));
}

TEST_CASE("UDP fills an emulated bottleneck whatever TCP carried, within a part of the phase",
          "[bufferbloat]") {
  const double payload = 10e6 * 1472 / 1500;
  const auto rate = [&](const std::string& queue, std::optional<double> tcp) {
    return filling_rate(behind("10M", queue), TestDirection::reverse, tcp, 1472) / payload;
  };
  CHECK(rate("50ms", 1e6) == Approx(1.25));
  CHECK(rate("500ms", std::nullopt) == Approx(1.4));
  CHECK(rate("10s", 1e6) == Approx(2));
}

TEST_CASE("what an emulated path says against itself is a warning", "[bufferbloat]") {
  Bufferbloat result = one_way_up(loaded("udp_up", Transport::udp, filling()));
  CHECK(describe(result).find("warnings[0].id") == nullptr);
  result.truth.emplace();
  result.truth->why.push_back({"lab_was_late", "..."});
  CHECK(*describe(result).find("warnings[0].id") == Value(std::string("lab_was_late")));
}
