#include "session/receiving_loop.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

#include "netduel/wire/probe.hpp"
#include "support/catch.hpp"
#include "wire/integrity.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

const Endpoint sender = *Endpoint::parse("127.0.0.1:1000");
const Endpoint stranger = *Endpoint::parse("127.0.0.1:2000");

/// Hands out the messages that a test has prepared, then nothing until the deadline.
class ScriptedInlet final : public Inlet {
 public:
  void add(std::uint64_t sequence, const Endpoint& source = sender, std::size_t octets = 100,
           std::uint32_t queue_drops = 0) {
    auto& payload = payloads_.emplace_back(octets);
    const WallTime now = wall_now();
    if (octets >= Probe::octets) encode({.sequence = sequence, .sent = now - 5ms}, payload);
    messages_.push_back({.payload = payload,
                         .source = source,
                         .arrived = now - 2ms,
                         .read_at = now,
                         .queue_drops = queue_drops,
                         .stamped_by = StampedBy::kernel,
                         .truncated = false});
  }
  void add_sent_at(std::uint64_t sequence, WallTime sent) {
    add(sequence);
    encode({.sequence = sequence, .sent = sent}, payloads_.back());
  }

  /// Of the seed 0.
  std::span<std::byte> add_verified(std::uint64_t sequence) {
    add(sequence);
    fill_verified(payloads_.back(), 0, sequence);
    return payloads_.back();
  }

  Endpoint local() const override { return {}; }
  NativeHandle native_handle() const override { return -1; }
  ReceiveResult receive(const Endpoint&, Deadline deadline) override {
    if (!first_deadline) first_deadline = deadline;
    if (given_) {
      std::this_thread::sleep_until(deadline);
      return {.messages = {}, .end = End::timed_out, .error = {}};
    }
    given_ = true;
    return {.messages = messages_, .end = End::open, .error = {}};
  }
  SocketCounters counters() const override {
    SocketCounters counters;
    counters.receive_queue_drops = drops;
    return counters;
  }

  std::optional<std::uint64_t> drops = 0;
  std::optional<Deadline> first_deadline;

 private:
  std::deque<std::vector<std::byte>> payloads_;
  std::vector<Received> messages_;
  bool given_ = false;
};

ReceiverReport receive(ScriptedInlet& inlet, std::uint64_t final_count, bool verify = false) {
  Plan plan;
  plan.message_octets = 100;
  plan.verify = verify;
  Closing closing;
  closing.close(final_count, std::chrono::steady_clock::now() + 30ms);
  return ReceivingLoop(plan, inlet, {}).run(sender, closing);
}

}  // namespace

TEST_CASE("what is not of the stream is counted apart and metered nowhere", "[receiving]") {
  ScriptedInlet inlet;
  inlet.add(0);
  inlet.add(1, stranger);
  inlet.add(1, sender, 40);
  inlet.add(1, sender, 8);
  inlet.add(1, sender, 140);
  inlet.add(std::uint64_t{1} << 40);
  inlet.add_sent_at(1, wall_now() + 1h);
  const ReceiverReport report = receive(inlet, 2);
  CHECK(report.counts.unique == 1);
  CHECK(report.counts.foreign == 1);
  CHECK(report.counts.truncated == 2);
  CHECK(report.counts.corrupted == 3);
  CHECK(report.counts.next_expected == 1);
}

TEST_CASE("a duplicate never repairs a loss, and tail loss is exact", "[receiving]") {
  ScriptedInlet inlet;
  for (const std::uint64_t sequence : {0, 1, 1, 1, 3}) inlet.add(sequence);
  const ReceiverReport report = receive(inlet, 7);
  CHECK(report.counts.unique == 3);
  CHECK(report.counts.duplicates == 2);
  const Ledger ledger = close_ledger({.offered = 7, .sent = 7}, report.counts, {});
  CHECK(ledger.delivered == 3);
  CHECK(ledger.lost_elsewhere == Bounds{4, 4});
  CHECK(ledger.lost_in_host == Bounds{0, 0});
}

TEST_CASE("drops of the socket are tied to the gap they fall into, also at the tail",
          "[receiving]") {
  ScriptedInlet inlet;
  inlet.add(0, sender, 100, 0);
  inlet.add(1, sender, 100, 0);
  inlet.add(4, sender, 100, 2);
  // 5 is lost without a drop: elsewhere.
  inlet.add(6, sender, 100, 2);
  inlet.drops = 5;
  const ReceiverReport report = receive(inlet, 10);
  const Ledger ledger = close_ledger({.offered = 10, .sent = 10}, report.counts, {});
  CHECK(ledger.lost_in_host == Bounds{5, 5});
  CHECK(ledger.lost_elsewhere == Bounds{1, 1});
}

TEST_CASE("delay is taken from due to read and, beside it, to the kernel's stamp", "[receiving]") {
  ScriptedInlet inlet;
  inlet.add(0);
  const ReceiverReport report = receive(inlet, 1);
  const auto& delay = report.meter.get<Delay>();
  CHECK(delay.to_read().max() == 5ms);
  CHECK(delay.to_arrival().max() == 3ms);
  CHECK(report.stamped_by_kernel == 1);
}

TEST_CASE("where the platform counts no drops, what is missing is bounded and not split",
          "[receiving]") {
  ScriptedInlet inlet;
  inlet.add(0);
  inlet.drops = std::nullopt;
  const ReceiverReport report = receive(inlet, 4);
  const Ledger ledger = close_ledger({.offered = 4, .sent = 4}, report.counts, {});
  CHECK(ledger.lost_in_host == Bounds{0, 3});
  CHECK(ledger.lost_elsewhere == Bounds{0, 3});
}

TEST_CASE("a reader that comes too late still reads what had arrived in time", "[receiving]") {
  ScriptedInlet inlet;
  inlet.add(0);
  inlet.add(1);
  Plan plan;
  plan.message_octets = 100;
  Closing closing;
  closing.close(2, std::chrono::steady_clock::now() - 10ms);
  const ReceiverReport report = ReceivingLoop(plan, inlet, {}).run(sender, closing);
  CHECK(report.counts.unique == 2);
}

TEST_CASE("only a receiver at full speed that is alone on its processor polls before it sleeps",
          "[receiving]") {
  const auto first_deadline = [](ScheduleKind schedule, bool may_stay_awake) {
    ScriptedInlet inlet;
    Plan plan;
    plan.message_octets = 100;
    plan.schedule = schedule;
    Closing closing;
    closing.close(0, std::chrono::steady_clock::now() + 5ms);
    (void)ReceivingLoop(plan, inlet, {}, may_stay_awake).run(sender, closing);
    return *inlet.first_deadline;
  };
  CHECK(first_deadline(ScheduleKind::back_to_back, true) == Deadline::min());
  CHECK(first_deadline(ScheduleKind::back_to_back, false) > Deadline::min());
  CHECK(first_deadline(ScheduleKind::periodic, true) > Deadline::min());
}

TEST_CASE("memory for a log is taken for what may come and not for what is allowed",
          "[receiving]") {
  const auto kind = GENERATE(ScheduleKind::periodic, ScheduleKind::back_to_back);
  ScriptedInlet inlet;
  Plan plan;
  plan.message_octets = 100;
  plan.schedule = kind;
  plan.bits_per_second = 8e6;
  plan.logged_arrivals = 100'000'000;
  Closing closing;
  closing.close(0, std::chrono::steady_clock::now() - 1ms);
  const ReceiverReport report = ReceivingLoop(plan, inlet, {}).run(sender, closing);
  // 10000 in a second; the trial takes half of one.
  CHECK(report.arrivals.capacity() >= 5'000);
  CHECK(report.arrivals.capacity() <= (kind == ScheduleKind::periodic ? 10'000 : 2'000'000));
}

TEST_CASE("a clock that nobody compared may be hours away, but not jump", "[receiving]") {
  ScriptedInlet inlet;
  const WallTime there = wall_now() - 3h;
  inlet.add_sent_at(0, there);
  inlet.add_sent_at(1, there + 1ms);
  inlet.add_sent_at(2, there + 2h);
  inlet.add_sent_at(3, there + 3ms);
  const ReceiverReport report = receive(inlet, 4);
  CHECK(report.counts.unique == 3);
  CHECK(report.counts.corrupted == 1);
}

TEST_CASE("a message that isn't what was sent counts as corrupted, by what was changed",
          "[receiving]") {
  ScriptedInlet inlet;
  inlet.add_verified(0);
  inlet.add_verified(1)[50] ^= std::byte{8};
  inlet.add_verified(2)[3] ^= std::byte{1};  // in the probe
  const auto swapped = inlet.add_verified(3);
  std::swap_ranges(swapped.begin() + 20, swapped.begin() + 22, swapped.begin() + 60);
  const auto wiped = inlet.add_verified(4);
  std::fill(wiped.begin() + 30, wiped.begin() + 60, std::byte{0});
  inlet.add_verified(5);
  inlet.add_verified(5);
  // Of the omitted time, which has no figures.
  inlet.add_verified(first_omitted_number)[50] ^= std::byte{8};
  const ReceiverReport report = receive(inlet, 6, true);
  CHECK(report.counts.unique == 2);
  CHECK(report.counts.duplicates == 1);
  CHECK(report.counts.corrupted == 4);
  CHECK(report.integrity ==
        IntegrityCounts{.verified = 3, .bits_flipped = 2, .words_swapped = 1, .other = 1});
}

TEST_CASE("nobody looks at the content of messages unasked", "[receiving]") {
  ScriptedInlet inlet;
  inlet.add_verified(0)[50] ^= std::byte{8};
  const ReceiverReport report = receive(inlet, 1);
  CHECK(report.counts.unique == 1);
  CHECK(report.counts.corrupted == 0);
  CHECK_FALSE(report.integrity);
}
