#include "experiment/trial_of_record.hpp"

#include <stdexcept>

#include "experiment/summary.hpp"
#include "experiment/test_records.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

Plan plan_for(Transport transport) {
  Plan plan;
  plan.transport = transport;
  plan.receiver = *Endpoint::parse("192.0.2.2:5201");
  plan.message_octets = test::length;
  plan.time = 2s;
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = 1e6;
  return plan;
}

nlohmann::json row_of(const TrialResult& trial) {
  Report report;
  describe_trial(trial, report);
  return nlohmann::json::parse(to_json(report));
}

}  // namespace

TEST_CASE("a trial with a netduel server is known from both ends", "[trial_of_record]") {
  for (const auto direction : {TestDirection::forward, TestDirection::reverse}) {
    TestRecord record = test::finished_with_netduel(Transport::udp, direction);
    record.streams.front().setup = 30us;
    const TrialResult trial = trial_of(record, plan_for(Transport::udp));
    CHECK(trial.known.sender);
    CHECK(trial.known.receiver);
    CHECK(trial.known.arrivals);
    CHECK_FALSE(trial.carried);
    CHECK(trial.ledger.sent == test::sent);
    CHECK(trial.ledger.delivered == test::came);
    CHECK(trial.sender.setup == 30us);
    CHECK(trial.receiver.meter.get<LossPeriods>().longest() == test::lost);
  }
}

TEST_CASE("delays between two hosts are known once their clocks were compared",
          "[trial_of_record]") {
  TestRecord record = test::finished_with_netduel(Transport::udp, TestDirection::forward);
  record.clock.reset();
  CHECK_FALSE(trial_of(record, plan_for(Transport::udp)).known.delays);
  // The server's clock is 40 us less ahead than was assumed while messages were sent.
  record.clock = test::equal_clocks();
  record.clock->assumed.offset = 100us;
  record.clock->known.offset = 60us;
  const TrialResult trial = trial_of(record, plan_for(Transport::udp));
  CHECK(trial.known.delays);
  CHECK(*trial.delay().to_read().percentile(0.5) > 85us);
  CHECK(*trial.delay().to_read().percentile(0.5) < 95us);
  CHECK(row_of(trial)["delay_bound_seconds"].get<double>() >= 5e-6);
  record.clock->known.bound = 500us;
  const TrialResult vague = trial_of(record, plan_for(Transport::udp));
  CHECK(row_of(vague)["delay_bound_seconds"].is_null());
  CHECK(row_of(vague)["first_arrival_seconds"].is_null());
  CHECK(row_of(vague)["delay_seconds"]["p50"].is_null());
  CHECK(row_of(vague)["pdv_seconds"]["p50"].is_number());
}

TEST_CASE("of datagrams to an iperf3 server the losses are known, and not where",
          "[trial_of_record]") {
  const TrialResult trial =
      trial_of(test::finished(Transport::udp, TestDirection::forward), plan_for(Transport::udp));
  CHECK(trial.known.sender);
  CHECK_FALSE(trial.known.receiver);
  CHECK_FALSE(trial.known.arrivals);
  CHECK_FALSE(trial.known.delays);
  CHECK(trial.ledger.sent == test::sent);
  CHECK(trial.ledger.delivered == test::came);
  CHECK(trial.ledger.lost_in_host->low == 0);
  CHECK(trial.ledger.lost_in_host->high == test::lost);
  CHECK(trial.ledger.lost_elsewhere->high == test::lost);
  CHECK_FALSE(trial.ledger.reordered);
  CHECK_FALSE(trial.ledger.duplicates);
  CHECK(trial.ledger.balanced());
  const auto row = row_of(trial);
  CHECK(row["loss_ratio"].get<double>() == Approx(0.02));
  for (const char* const absent :
       {"loss_periods", "duplicates", "reordered", "n_reordering", "receive_buffer"}) {
    CHECK(row[absent].is_null());
  }
  CHECK(row["offload"]["receive"].is_null());
  CHECK(row["cpu_seconds_per_gigabyte"]["receiver"].is_null());
  CHECK(row["jitter_rfc3550_seconds"].get<double>() == Approx(0.001));
  // The receiver told that it took 2.5 s.
  CHECK(goodput(trial) == Approx(8.0 * test::came * test::length / 2.5));
}

TEST_CASE("of TCP with an iperf3 server the octets are known", "[trial_of_record]") {
  const TrialResult sent =
      trial_of(test::finished(Transport::tcp, TestDirection::forward), plan_for(Transport::tcp));
  CHECK(sent.ledger.delivered == test::sent);
  CHECK(sent.ledger.guaranteed_by_service);
  CHECK(sent.ledger.balanced());
  CHECK(*sent.sender.tcp->retransmitted_segments == 7);
  CHECK(goodput(sent) == Approx(8.0 * test::sent * test::length / 2.5));
  const TrialResult received =
      trial_of(test::finished(Transport::tcp, TestDirection::reverse), plan_for(Transport::tcp));
  CHECK_FALSE(received.known.sender);
  CHECK(received.ledger.sent == test::sent);
  CHECK(received.ledger.delivered == test::sent);
  CHECK(*received.sender.tcp->retransmitted_segments == 4);
  CHECK(received.sender.tcp->congestion == "bbr");
  CHECK(row_of(received)["send_buffer"].is_null());
  TestRecord hostile = test::finished(Transport::tcp, TestDirection::reverse);
  hostile.theirs->congestion_used = "\x1b]0;owned\x07";
  CHECK(trial_of(hostile, plan_for(Transport::tcp)).sender.tcp->congestion.empty());
}

TEST_CASE("of datagrams from an iperf3 server the order is known, and no delay",
          "[trial_of_record]") {
  const TrialResult trial =
      trial_of(test::finished(Transport::udp, TestDirection::reverse), plan_for(Transport::udp));
  CHECK(trial.known.arrivals);
  CHECK_FALSE(trial.known.delays);
  CHECK(trial.ledger.sent == test::sent);
  CHECK(trial.ledger.delivered == test::came);
  CHECK(row_of(trial)["loss_periods"]["longest"] == test::lost);
  CHECK(row_of(trial)["delay_seconds"]["p50"].is_null());
  // What we received took the test's two seconds, by our clock alone.
  CHECK(goodput(trial) == Approx(8.0 * test::came * test::length / 2));
}

TEST_CASE("where clocks were never compared goodput goes by the receiver's alone",
          "[trial_of_record]") {
  TestRecord record = test::finished_with_netduel(Transport::udp, TestDirection::forward);
  const auto far = [](WallTime time) { return time + 1h; };
  StreamMeter meter;
  SequenceWindow window;
  const WallTime start{1'700'000'000s};
  for (std::uint64_t i = 0; i < test::sent; ++i) {
    const WallTime sent = start + std::chrono::milliseconds(10 * i);
    meter.observe({.sequence = i,
                   .octets = test::length,
                   .sent = sent,
                   .arrived = far(sent),
                   .read_at = far(sent)},
                  window.place(i));
  }
  record.theirs->netduel.front().receiver->meter = meter;
  record.clock.reset();
  Plan plan = plan_for(Transport::udp);
  plan.time = 1s;
  const double right = 8.0 * test::sent * test::length;
  CHECK(goodput(trial_of(record, plan)) == Approx(right).epsilon(0.02));
  record.clock = test::equal_clocks();
  record.clock->known.stepped = true;
  record.clock->known.bound.reset();
  CHECK(goodput(trial_of(record, plan)) == Approx(right).epsilon(0.02));
}

TEST_CASE("a server that told nothing of the stream makes no trial", "[trial_of_record]") {
  TestRecord record = test::finished(Transport::udp, TestDirection::forward);
  record.theirs->streams.clear();
  CHECK_THROWS_AS(trial_of(record, plan_for(Transport::udp)), std::runtime_error);
}

TEST_CASE("what a stock server took is divided by our own time until it had all",
          "[trial_of_record]") {
  TestRecord record = test::finished(Transport::tcp, TestDirection::forward);
  record.taken_after = 2100ms;
  CHECK(goodput(trial_of(record, plan_for(Transport::tcp))) ==
        Approx(8.0 * test::sent * test::length / 2.1));
}
