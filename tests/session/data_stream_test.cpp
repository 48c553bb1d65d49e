#include "session/data_stream.hpp"

#include <chrono>
#include <memory>
#include <system_error>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// A connection whose peer takes nothing more: it can't be closed either.
class StuckOutlet final : public Outlet {
 public:
  explicit StuckOutlet(std::error_code refusal) : refusal_(refusal) {}

  void prepare() override {}
  SendResult send(std::span<const Bytes> batch, Deadline) override {
    if (!refusal_) return {};
    return {.accepted = 0, .refused_messages = batch.size(), .refused = refusal_};
  }
  bool finish(Deadline) override { return false; }
  Endpoint local() const override { return {}; }
  NativeHandle native_handle() const override { return -1; }
  SocketCounters counters() const override { return {}; }
  std::optional<TcpInfo> tcp_info() const override { return std::nullopt; }

 private:
  std::error_code refusal_;
};

constexpr std::uint64_t due_in_all = 60'000;

Plan minute() {
  Plan plan;
  plan.transport = Transport::tcp;
  plan.message_octets = 100;
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = 8e5;
  plan.time = 60s;
  plan.half_closes = true;
  return plan;
}

/// Until it waits for its connection.
void take_turns(SendingStream& stream) {
  const auto latest = std::chrono::steady_clock::now() + 10s;
  while (stream.turn().interest != Interest::writable) {
    REQUIRE(std::chrono::steady_clock::now() < latest);
  }
}

std::uint64_t due(const SenderReport& report) {
  return report.counts.offered + report.counts.skipped;
}

}  // namespace

TEST_CASE("who ends a stream that broke doesn't hide what it failed to send", "[sending]") {
  const bool ended = GENERATE(false, true);
  SendingStream stream(
      minute(), std::make_unique<StuckOutlet>(std::make_error_code(std::errc::connection_reset)),
      nullptr);
  stream.start();
  take_turns(stream);
  if (ended) stream.cut();
  (void)stream.turn();
  stream.stop();
  CHECK(due(stream.report()) >= due_in_all - 1);
  CHECK(due(stream.report()) <= due_in_all);
}

TEST_CASE("a stream that is ended early has skipped only what was due until then", "[sending]") {
  SendingStream stream(minute(), std::make_unique<StuckOutlet>(std::error_code{}), nullptr);
  stream.start();
  take_turns(stream);
  stream.cut();
  CHECK(stream.turn().over);
  stream.stop();
  CHECK(due(stream.report()) >= 1);
  CHECK(due(stream.report()) < due_in_all / 2);
}
