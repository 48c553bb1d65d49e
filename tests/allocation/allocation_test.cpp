// No message costs an allocation: neither on its way through the loops of a trial and real sockets,
// nor in its accounting, whatever becomes of it.

#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "allocation/counting_new.hpp"
#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "session/receiving_loop.hpp"
#include "session/sending_loop.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace netduel::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t warm_up = 20'000;
constexpr std::uint64_t steady = 100'000;

/// What one thread allocated while it moved messages after the warm-up.
class SteadyState {
 public:
  void moved(std::uint64_t messages) {
    messages_ += messages;
    const std::uint64_t now = allocations_of_this_thread();
    if (!at_start_ && messages_ >= warm_up) at_start_ = now;
    if (at_start_) allocations_ = now - *at_start_;
  }
  bool reached() const { return messages_ >= warm_up + steady; }
  std::uint64_t messages() const { return messages_; }
  std::uint64_t allocations() const { return allocations_; }

 private:
  std::uint64_t messages_ = 0;
  std::uint64_t allocations_ = 0;
  std::optional<std::uint64_t> at_start_;
};

class WatchedOutlet final : public Outlet {
 public:
  WatchedOutlet(std::unique_ptr<Outlet> outlet, SteadyState& state)
      : outlet_(std::move(outlet)), state_(state) {}
  void prepare() override { outlet_->prepare(); }
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override {
    const SendResult result = outlet_->send(batch, deadline);
    state_.moved(result.accepted);
    return result;
  }
  bool finish(Deadline deadline) override { return outlet_->finish(deadline); }
  Endpoint local() const override { return outlet_->local(); }
  NativeHandle native_handle() const override { return -1; }
  SocketCounters counters() const override { return outlet_->counters(); }
  std::optional<TcpInfo> tcp_info() const override { return outlet_->tcp_info(); }

 private:
  std::unique_ptr<Outlet> outlet_;
  SteadyState& state_;
};

/// Counts a batch at the receive after it, when the loop is done with it; asks the sender to stop
/// when there were enough.
class WatchedInlet final : public Inlet {
 public:
  WatchedInlet(std::unique_ptr<Inlet> inlet, SteadyState& state, std::stop_source enough)
      : inlet_(std::move(inlet)), state_(state), enough_(std::move(enough)) {}
  Endpoint local() const override { return inlet_->local(); }
  NativeHandle native_handle() const override { return -1; }
  ReceiveResult receive(const Endpoint& source, Deadline deadline) override {
    if (!state_.reached()) state_.moved(last_);
    if (state_.reached()) enough_.request_stop();
    const ReceiveResult result = inlet_->receive(source, deadline);
    last_ = result.messages.size();
    return result;
  }
  SocketCounters counters() const override { return inlet_->counters(); }

 private:
  std::unique_ptr<Inlet> inlet_;
  SteadyState& state_;
  std::stop_source enough_;
  std::uint64_t last_ = 0;
};

struct Ends {
  SteadyState sender;
  SteadyState receiver;
};

/// Full speed until the receiver has had enough, each end's loop on a thread of its own.
Ends run(const Plan& plan) {
  Ends ends;
  std::stop_source enough;
  WatchedInlet inlet(carrier(plan.transport).open_inlet(plan), ends.receiver, enough);
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  WatchedOutlet outlet(
      carrier(plan.transport).open_outlet(plan, inlet.local(), deadline, std::stop_token()),
      ends.sender);
  outlet.prepare();
  ReceivingLoop receiving(plan, inlet, {});
  SendingLoop sending(plan, outlet);
  Closing closing;
  std::jthread receiver([&] { (void)receiving.run(outlet.local(), closing); });
  std::jthread sender([&] {
    const SenderReport report = sending.run(enough.get_token());
    closing.close(report.counts.sent, std::chrono::steady_clock::now() + plan.drain);
  });
  sender.join();
  receiver.join();
  return ends;
}

void check_steady(const SteadyState& state) {
  CHECK(state.messages() >= warm_up + steady);
  CHECK(state.allocations() == 0);
}

/// A stream in which numbers go missing, come late and twice, and drops are told in many ways.
template <class Account>
void bad_stream(Account account) {
  std::mt19937_64 random(1);
  std::uint64_t next = 0;
  std::uint32_t drops = 0;
  for (std::uint64_t n = 0; n < steady; ++n) {
    const std::uint64_t chance = random() % 4;
    std::uint64_t sequence = next;
    if (chance == 0) sequence += random() % 200;
    if (chance == 1) sequence -= std::min(next, random() % 2000);
    next = std::max(next, sequence + 1);
    drops += static_cast<std::uint32_t>(random() % 100);
    const WallTime sent{std::chrono::microseconds(sequence)};
    account(Arrival{.sequence = sequence,
                    .octets = 64,
                    .sent = sent,
                    .arrived = sent + std::chrono::nanoseconds(random() % 10'000'000),
                    .read_at = sent + 10ms},
            drops);
  }
}

}  // namespace

TEST_CASE("the counter sees an allocation", "[allocation]") {
  const std::uint64_t before = allocations_of_this_thread();
  const auto one = std::make_unique<std::string>(1000, 'x');
  CHECK(allocations_of_this_thread() - before == 2);
}

TEST_CASE("no message over UDP costs an allocation", "[allocation]") {
  Plan plan;
  plan.transport = Transport::udp;
  plan.receiver = Endpoint::loopback(IpVersion::v4);
  plan.message_octets = 64;
  plan.time = 20s;
  plan.offload = GENERATE(true, false);
  plan.verify = GENERATE(false, true);
  const Ends ends = run(plan);
  check_steady(ends.sender);
  check_steady(ends.receiver);
}

TEST_CASE("no message over TCP costs an allocation", "[allocation]") {
  Plan plan;
  plan.transport = Transport::tcp;
  plan.receiver = Endpoint::loopback(IpVersion::v4);
  plan.time = 20s;
  plan.verify = GENERATE(false, true);
  const Ends ends = run(plan);
  check_steady(ends.sender);
  check_steady(ends.receiver);
}

TEST_CASE("accounting allocates nothing, whatever the stream is like", "[allocation]") {
  SequenceWindow window;
  StreamMeter meter;
  DropGaps gaps;
  LossPeriods periods;
  DelayVariation variation;
  const std::uint64_t before = allocations_of_this_thread();
  bad_stream([&](const Arrival& arrival, std::uint32_t drops) {
    const Placement placement = window.place(arrival.sequence);
    meter.observe(arrival, placement);
    gaps.observe(placement, drops);
    periods.observe(arrival, placement);
    variation.observe(arrival, placement);
  });
  CHECK(allocations_of_this_thread() - before == 0);
  CHECK(meter.get<Reordering>().reordered() > 1000);
  CHECK(gaps.drops() > 1000);
}
