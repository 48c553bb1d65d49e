#include "session/sending_loop.hpp"

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "netduel/wire/probe.hpp"
#include "support/catch.hpp"
#include "wire/integrity.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// Answers each send as a test says, and keeps the numbers of what it accepted.
class ScriptedOutlet final : public Outlet {
 public:
  using Answer = std::function<SendResult(std::span<const Bytes>, Deadline)>;
  explicit ScriptedOutlet(Answer answer) : answer_(std::move(answer)) {}

  void prepare() override {}
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override {
    const SendResult result = answer_(batch, deadline);
    for (std::size_t i = 0; i < result.accepted; ++i) {
      accepted.push_back(*decode_probe(batch[i]));
      whole += content.damage_to(batch[i]) ? 0 : 1;
    }
    return result;
  }
  bool finish(Deadline deadline) override {
    finished = true;
    finish_by = deadline;
    return true;
  }
  Endpoint local() const override { return {}; }
  NativeHandle native_handle() const override { return -1; }
  SocketCounters counters() const override { return socket; }
  std::optional<TcpInfo> tcp_info() const override { return std::nullopt; }

  std::vector<Probe> accepted;
  /// Of those, whose content is right by this check.
  std::size_t whole = 0;
  ContentCheck content{11};
  bool finished = false;
  Deadline finish_by;
  SocketCounters socket;

 private:
  Answer answer_;
};

SendResult accept_all(std::span<const Bytes> batch, Deadline) {
  return {.accepted = batch.size(), .refused_messages = 0, .refused = {}};
}

Plan paced_plan(double messages_per_second, std::chrono::milliseconds time) {
  Plan plan;
  plan.message_octets = 100;
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = messages_per_second * 800;
  plan.time = time;
  plan.seed = 3;
  return plan;
}

std::error_code no_buffers() {
  return std::make_error_code(std::errc::no_buffer_space);
}

void check_numbers_without_holes(const std::vector<Probe>& probes) {
  for (std::size_t i = 0; i < probes.size(); ++i) REQUIRE(probes[i].sequence == i);
}

}  // namespace

TEST_CASE("a paced sender offers what is due, numbered without holes", "[sending]") {
  ScriptedOutlet outlet(accept_all);
  const Plan plan = paced_plan(2000, 100ms);
  const SenderReport report = SendingLoop(plan, outlet).run({});
  CHECK(report.counts.offered == report.counts.sent);
  CHECK(report.counts.sent == outlet.accepted.size());
  CHECK(report.counts.refused == 0);
  const auto due = report.counts.offered + report.counts.skipped;
  CHECK(due >= 199);
  CHECK(due <= 200);
  CHECK(outlet.finished);
  check_numbers_without_holes(outlet.accepted);
}

TEST_CASE("a sender whose budget is spent has skipped nothing behind it", "[sending]") {
  ScriptedOutlet outlet(accept_all);
  const Plan plan = paced_plan(2000, 3'600'000ms);
  MessageBudget budget(20);
  const SenderReport report = SendingLoop(plan, outlet, &budget).run({});
  CHECK(report.counts.sent == 20);
  CHECK(report.left_at_the_end == 0);
  // At most what a busy machine was late for on the way: an hour has seven millions.
  CHECK(report.counts.skipped < 100'000);
}

TEST_CASE("refused messages are counted and leave no hole in the numbers", "[sending]") {
  std::size_t calls = 0;
  ScriptedOutlet outlet([&](std::span<const Bytes> batch, Deadline) -> SendResult {
    const std::size_t some = batch.size() / 2;
    if (++calls % 3 != 0 || batch.size() - some == 0) return accept_all(batch, {});
    return {.accepted = some, .refused_messages = 1, .refused = no_buffers()};
  });
  const Plan plan = paced_plan(50000, 100ms);
  const SenderReport report = SendingLoop(plan, outlet).run({});
  CHECK(report.counts.refused > 0);
  CHECK(report.counts.offered == report.counts.sent + report.counts.refused);
  CHECK(report.counts.sent == outlet.accepted.size());
  REQUIRE(report.first_refusal);
  check_numbers_without_holes(outlet.accepted);
}

TEST_CASE("under back-pressure messages keep their due times and none is skipped", "[sending]") {
  // The first were due long before they left: none of them may be left out. Where the machine
  // stops this thread meanwhile some rightly are, so this asks for one run that it left alone.
  const auto whole_run = [] {
    const auto blocked_until = std::chrono::steady_clock::now() + 60ms;
    ScriptedOutlet outlet([&](std::span<const Bytes> batch, Deadline deadline) -> SendResult {
      if (std::chrono::steady_clock::now() >= blocked_until) return accept_all(batch, deadline);
      std::this_thread::sleep_until(std::min(deadline, blocked_until));
      return {};
    });
    const Plan plan = paced_plan(2000, 100ms);
    (void)SendingLoop(plan, outlet).run({});
    check_numbers_without_holes(outlet.accepted);
    if (outlet.accepted.size() <= 110) return false;
    for (std::size_t i = 1; i < 110; ++i) {
      const auto gap = outlet.accepted[i].sent - outlet.accepted[i - 1].sent;
      if (std::abs((gap - 500us).count()) > 1) return false;
    }
    return true;
  };
  bool whole = false;
  for (int run = 0; run < 50 && !whole; ++run) whole = whole_run();
  CHECK(whole);
}

TEST_CASE("a transport that takes nothing more holds up neither the end nor a stop", "[sending]") {
  ScriptedOutlet outlet([&](std::span<const Bytes>, Deadline deadline) -> SendResult {
    std::this_thread::sleep_until(deadline);
    return {};
  });
  SECTION("the end of a paced trial: what was due is counted as skipped") {
    const Plan plan = paced_plan(1000, 100ms);
    const SenderReport report = SendingLoop(plan, outlet).run({});
    CHECK(report.counts.offered == 0);
    CHECK(report.counts.skipped >= 99);
    // A stall of this machine may skip some before.
    CHECK(report.left_at_the_end >= 50);
    CHECK(report.sending < 400ms);
  }
  SECTION("the end of a full-speed trial: nothing was due") {
    Plan plan = paced_plan(1000, 100ms);
    plan.schedule = ScheduleKind::back_to_back;
    const SenderReport report = SendingLoop(plan, outlet).run({});
    CHECK(report.counts.offered == 0);
    CHECK(report.counts.skipped == 0);
  }
  SECTION("a stop") {
    Plan plan = paced_plan(1000, 60'000ms);
    std::stop_source stop;
    stop.request_stop();
    const SenderReport report = SendingLoop(plan, outlet).run(stop.get_token());
    CHECK(report.interrupted);
    CHECK(report.sending < 1s);
  }
}

TEST_CASE("a reliable stream that refuses has failed and ends the sending", "[sending]") {
  Plan plan = paced_plan(1000, 60'000ms);
  plan.transport = Transport::tcp;
  ScriptedOutlet outlet([&](std::span<const Bytes> batch, Deadline) -> SendResult {
    return {.accepted = 0,
            .refused_messages = batch.size(),
            .refused = std::make_error_code(std::errc::connection_reset)};
  });
  const SenderReport report = SendingLoop(plan, outlet).run({});
  CHECK(report.counts.refused >= 1);
  CHECK(report.counts.sent == 0);
  CHECK_FALSE(outlet.finished);
}

TEST_CASE("where the path cuts super-packets each drop at the receiver is one message",
          "[sending]") {
  Plan plan = paced_plan(1000, 20ms);
  for (const bool splits : {false, true}) {
    plan.splits_super_packets = splits;
    ScriptedOutlet outlet(accept_all);
    outlet.socket.smallest_super_packet_messages = 2;
    outlet.socket.largest_super_packet_messages = 45;
    const SuperPacketSize size = SendingLoop(plan, outlet).run({}).counts.super_packets;
    CHECK(size.smallest == (splits ? 1 : 2));
    CHECK(size.largest == (splits ? 1 : 45));
  }
}

TEST_CASE("a slow path gets its patience to close a stream, and an impatient user doesn't",
          "[sending]") {
  Plan plan = paced_plan(1000, 20ms);
  plan.patience = 30s;
  ScriptedOutlet patient(accept_all);
  SendingLoop(plan, patient).run({});
  CHECK(patient.finish_by - std::chrono::steady_clock::now() > 20s);
  std::stop_source stop;
  stop.request_stop();
  ScriptedOutlet impatient(accept_all);
  SendingLoop(plan, impatient).run(stop.get_token());
  CHECK(impatient.finish_by - std::chrono::steady_clock::now() < 2s);
}

TEST_CASE("the longest messages at the highest rate take no more than 4 MiB", "[sending]") {
  Plan plan = paced_plan(0, 2ms);
  plan.transport = Transport::tcp;
  plan.message_octets = std::size_t{1} << 20;
  plan.bits_per_second = GENERATE(1e12, 1e15);
  plan.burst_messages = GENERATE(1, 1000);
  std::size_t most = 0;
  ScriptedOutlet outlet([&](std::span<const Bytes> batch, Deadline) {
    most = std::max(most, batch.size());
    return accept_all(batch, {});
  });
  const SenderReport report = SendingLoop(plan, outlet).run({});
  CHECK(report.counts.sent > 0);
  CHECK(most >= 1);
  CHECK(most <= 4);
}

TEST_CASE("a sender that is ended after a stall has skipped what was due meanwhile", "[sending]") {
  ScriptedOutlet outlet(accept_all);
  const Plan plan = paced_plan(1000, 1000ms);
  SendingLoop loop(plan, outlet);
  const auto start = std::chrono::steady_clock::now();
  loop.start();
  while (std::chrono::steady_clock::now() < start + 10ms) loop.step({});
  std::this_thread::sleep_until(start + 60ms);
  const SenderReport report = loop.finish(start + 50ms, {});
  const auto due = report.counts.offered + report.counts.skipped;
  CHECK(due >= 49);
  CHECK(due <= 51);
  CHECK(report.left_at_the_end >= 1);
  CHECK_FALSE(report.interrupted);
}

TEST_CASE("each verified message has its own content, also when it was numbered anew",
          "[sending]") {
  std::size_t calls = 0;
  ScriptedOutlet outlet([&](std::span<const Bytes> batch, Deadline) -> SendResult {
    if (++calls % 3 != 0) return accept_all(batch, {});
    return {.accepted = batch.size() / 2, .refused_messages = 1, .refused = no_buffers()};
  });
  Plan plan = paced_plan(50000, 50ms);
  plan.verify = GENERATE(true, false);
  plan.pattern_seed = 11;
  const SenderReport report = SendingLoop(plan, outlet).run({});
  CHECK(report.counts.refused > 0);
  REQUIRE_FALSE(outlet.accepted.empty());
  CHECK(outlet.whole == (plan.verify ? outlet.accepted.size() : 0));
  check_numbers_without_holes(outlet.accepted);
}
