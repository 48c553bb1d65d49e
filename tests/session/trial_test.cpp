#include "session/trial.hpp"

#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <thread>

#include "netduel/transport/tcp.hpp"
#include "session/local_ends.hpp"
#include "session/sending_loop.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

Plan plan_for(Transport transport, IpVersion version = IpVersion::v4) {
  Plan plan;
  plan.transport = transport;
  plan.receiver = Endpoint::loopback(version);
  plan.message_octets = 1000;
  plan.time = 100ms;
  plan.seed = 5;
  return plan;
}

TrialResult run(const Plan& plan, std::stop_token stop = {}) {
  LocalReceivingEnd receiver;
  LocalSendingEnd sender;
  return run_trial(plan, sender, receiver, stop);
}

void check_balance(const Ledger& ledger) {
  CHECK(ledger.offered == ledger.refused + ledger.sent);
  CHECK(ledger.balanced());
  for (const Check& check : ledger.checks) {
    INFO(check.name << ": " << check.detail);
    CHECK(check.passed);
  }
}

/// Listens and never reads, as a peer does that has stalled.
class StalledReceivingEnd final : public ReceivingEnd {
 public:
  Endpoint open(const Plan& plan) override {
    listener_.emplace(TcpListener::open(plan.receiver, {.receive_buffer_octets = 4096}));
    return listener_->local();
  }
  void start(const Endpoint&) override {
    connection_ = listener_->accept(std::chrono::steady_clock::now() + 5s);
  }
  ReceiverReport finish(std::uint64_t, std::stop_token) override {
    ReceiverReport report;
    report.read_to_the_end = false;
    return report;
  }

 private:
  std::optional<TcpListener> listener_;
  std::optional<TcpConnection> connection_;
};

}  // namespace

TEST_CASE("a paced trial over loopback accounts for every message", "[trial][threads]") {
  const Transport transport = GENERATE(Transport::udp, Transport::tcp);
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  Plan plan = plan_for(transport, version);
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = 8e6;
  const TrialResult result = run(plan);
  CHECK(result.ledger.sent > 0);
  CHECK(result.ledger.offered + result.ledger.skipped >= 99);
  CHECK(result.ledger.offered + result.ledger.skipped <= 100);
  CHECK(result.ledger.delivered <= result.ledger.sent);
  check_balance(result.ledger);
  CHECK(result.receiver.meter.get<Delay>().to_read().count() == result.ledger.delivered);
  CHECK(result.ledger.guaranteed_by_service == (transport == Transport::tcp));
}

TEST_CASE("a full-speed trial over loopback accounts for every message", "[trial][threads]") {
  const Transport transport = GENERATE(Transport::udp, Transport::tcp);
  Plan plan = plan_for(transport);
  plan.offload = GENERATE(true, false);
  const TrialResult result = run(plan);
  CHECK(result.ledger.delivered > 100);
  check_balance(result.ledger);
  if (transport == Transport::tcp) CHECK(result.ledger.delivered == result.ledger.sent);
}

TEST_CASE("what a small receive buffer drops is lost in this host and nowhere else",
          "[trial][overflow]") {
  Plan plan = plan_for(Transport::udp);
  plan.window_octets = 4096;
  plan.offload = GENERATE(true, false);
  // The buffer of 8 KiB takes one super-packet at a time, and the reader must wake for each.
  const TrialResult result = run(plan);
  const std::uint64_t missing = result.ledger.sent - result.ledger.delivered;
  REQUIRE(missing > 0);
  INFO("offload " << plan.offload << ", missing " << missing);
  CHECK(result.ledger.lost_in_host == Bounds{missing, missing});
  CHECK(result.ledger.lost_elsewhere == Bounds{0, 0});
  check_balance(result.ledger);
}

TEST_CASE("paced super-packets of many sizes that are dropped stay lost in this host",
          "[trial][overflow]") {
  Plan plan = plan_for(Transport::udp);
  plan.message_octets = 200;
  plan.window_octets = 4096;
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = 1e9;
  plan.offload = GENERATE(true, false);
  const TrialResult result = run(plan);
  const std::uint64_t missing = result.ledger.sent - result.ledger.delivered;
  REQUIRE(missing > 0);
  CHECK(result.ledger.lost_in_host->low <= missing);
  CHECK(result.ledger.lost_in_host->high >= missing);
  CHECK(result.ledger.lost_elsewhere->low == 0);
  check_balance(result.ledger);
}

TEST_CASE("a stop ends a trial early with what was measured", "[trial][threads]") {
  const Transport transport = GENERATE(Transport::udp, Transport::tcp);
  Plan plan = plan_for(transport);
  plan.time = 60s;
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  });
  const auto before = std::chrono::steady_clock::now();
  const TrialResult result = run(plan, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - before < 5s);
  CHECK(result.interrupted);
  CHECK(result.ledger.delivered > 0);
  check_balance(result.ledger);
}

TEST_CASE("a stalled TCP peer blocks neither the end of a run nor a stop", "[trial][threads]") {
  Plan plan = plan_for(Transport::tcp);
  const bool stopped = GENERATE(false, true);
  std::stop_source stop;
  if (stopped) {
    plan.time = 60s;
    stop.request_stop();
  }
  StalledReceivingEnd receiver;
  LocalSendingEnd sender;
  const auto before = std::chrono::steady_clock::now();
  const TrialResult result = run_trial(plan, sender, receiver, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - before < 3s);
  CHECK(result.ledger.offered == result.ledger.refused + result.ledger.sent);
  CHECK(result.ledger.unacknowledged == result.ledger.sent);
}

TEST_CASE("a receiving end that can't be opened names the attempt", "[trial]") {
  auto taken = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  Plan plan = plan_for(Transport::tcp);
  plan.receiver = taken.local();
  CHECK_THROWS_WITH(run(plan), containing(taken.local().to_string()));
}

// Run by tests/netns in a namespace whose interface has a tbf queueing discipline.
TEST_CASE("a drop in this host's queueing discipline is a refusal", "[.tbf]") {
  const char* const to = std::getenv("NETDUEL_TBF_TO");
  REQUIRE(to != nullptr);
  Plan plan = plan_for(Transport::udp);
  plan.offload = GENERATE(true, false);
  plan.time = 300ms;
  const auto outlet =
      carrier(Transport::udp).open_outlet(plan, *Endpoint::parse(to), Deadline::max(), {});
  const SenderReport report = SendingLoop(plan, *outlet).run({});
  CHECK(report.counts.refused > 0);
  CHECK(report.counts.sent > 0);
  CHECK(report.counts.offered == report.counts.sent + report.counts.refused);
  // The shaper lets 8 Mbit/s and its queue of 16 kB through: about 300 messages and not the flood
  // that was offered, so what it dropped was not taken for sent.
  CHECK(report.counts.sent < 1000);
  WARN("offload " << plan.offload << ": sent " << report.counts.sent << ", refused "
                  << report.counts.refused);
}
