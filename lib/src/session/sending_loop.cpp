#include "session/sending_loop.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "netduel/wire/probe.hpp"
#include "os/thread.hpp"

namespace netduel {
namespace {

/// No wait is longer, so that a stop is noticed soon.
constexpr auto slice = std::chrono::milliseconds(20);
/// A sleep takes this much longer than asked; shorter pauses within a catch-up are spent awake.
constexpr auto shortest_sleep = std::chrono::microseconds(100);
/// How long a stalled peer may hold up the closing of the stream.
constexpr auto longest_finish = std::chrono::milliseconds(500);

Schedule schedule_of(const Plan& plan) {
  return {plan.schedule, plan.messages_per_second(), carrier(plan.transport).full_speed_batch(plan),
          plan.seed, plan.time};
}

/// The wall clock read between two readings of the monotonic one, the closest of a few: this thread
/// may lose the processor in between.
std::chrono::nanoseconds wall_minus_monotonic() {
  using Clock = std::chrono::steady_clock;
  constexpr int readings = 5;
  auto closest = Clock::duration::max();
  std::chrono::nanoseconds offset{};
  for (int i = 0; i < readings; ++i) {
    const auto before = Clock::now();
    const auto wall = wall_now();
    const auto after = Clock::now();
    if (after - before >= closest) continue;
    closest = after - before;
    offset = wall.time_since_epoch() - (before + closest / 2).time_since_epoch();
  }
  return offset;
}

}  // namespace

SendingLoop::SendingLoop(const Plan& plan, Outlet& outlet)
    : plan_(plan), outlet_(outlet), schedule_(schedule_of(plan)) {
  const std::size_t most = schedule_.largest_turn();
  slab_.resize(most * plan.message_octets);
  // Not zeros: a link that compresses would carry them faster than real data.
  std::mt19937_64 random(plan.seed);
  std::ranges::generate(slab_, [&] { return static_cast<std::byte>(random() & 0xff); });
  messages_.reserve(most);
  for (std::size_t i = 0; i < most; ++i) {
    messages_.emplace_back(&slab_[i * plan.message_octets], plan.message_octets);
  }
}

SenderReport SendingLoop::run(std::stop_token stop) {
  const auto cpu_before = os::thread_cpu_time();
  const auto offset_before = wall_minus_monotonic();
  start_ = Clock::now();
  wall_start_ = WallTime(start_.time_since_epoch() + offset_before);
  while (!broken_ && !stop.stop_requested()) {
    const Elapsed now = elapsed();
    if (over(now)) break;
    const auto turn = schedule_.turn(now);
    if (turn.messages == 0) {
      pause(turn.next);
      continue;
    }
    offer({messages_.data(), stamp(turn, now)}, stop);
  }
  report_.interrupted = stop.stop_requested();
  report_.sending = elapsed();
  close();
  report_.cpu = os::thread_cpu_time() - cpu_before;
  report_.clock_step = wall_minus_monotonic() - offset_before;
  report_.tcp = outlet_.tcp_info();
  return std::move(report_);
}

bool SendingLoop::over(Elapsed now) const {
  if (!schedule_.paced()) return now >= plan_.time;
  // Messages that are due may still be waiting for the transport: they get the drain time.
  return schedule_.exhausted() || now >= plan_.time + plan_.drain;
}

void SendingLoop::pause(Elapsed next) {
  const Elapsed now = elapsed();
  if (schedule_.catching_up() && next - now < shortest_sleep) return;
  std::this_thread::sleep_until(start_ + std::min<Elapsed>(next, now + slice));
}

/// Writes the probes of the next messages, the n-th as if all before it will be accepted; returns
/// how many there are, which is fewer when the others are due only after the end of the trial.
std::size_t SendingLoop::stamp(const Schedule::Turn& turn, Elapsed now) {
  if (!report_.first_sent) report_.first_sent = wall_start_ + now;
  if (schedule_.paced() && !turn.held_back) {
    report_.lateness.record(now - schedule_.next_due(now));
  }
  for (std::size_t i = 0; i < turn.messages; ++i) {
    if (schedule_.exhausted()) return i;
    encode({.sequence = report_.counts.sent + i, .sent = wall_start_ + schedule_.take(now)},
           message(i));
  }
  return turn.messages;
}

/// Hands a stamped batch over. Only where the transport is full does a try wait, so that waiting
/// can be told from this thread's own stalls: it excuses the messages that fall due meanwhile.
void SendingLoop::offer(std::span<const Bytes> batch, std::stop_token stop) {
  const std::size_t whole = batch.size();
  const Elapsed end = schedule_.paced() ? plan_.time + plan_.drain : plan_.time;
  SendResult result = outlet_.send(batch, Deadline::min());
  for (;;) {
    batch = batch.subspan(settle(result, batch));
    if (batch.empty() || broken_ || stop.stop_requested() || elapsed() >= end) break;
    const bool full = !result.refused;
    result = outlet_.send(batch, full ? Clock::now() + slice : Deadline::min());
    if (full) schedule_.held_back(elapsed());
  }
  report_.counts.offered += whole - batch.size();
  if (schedule_.paced()) {
    report_.counts.skipped += batch.size();
    report_.left_at_the_end += batch.size();
  }
}

/// Counts what became of the first messages of the batch and returns how many those are.
std::size_t SendingLoop::settle(const SendResult& result, std::span<const Bytes> batch) {
  report_.counts.sent += result.accepted;
  if (!result.refused) return result.accepted;
  report_.counts.refused += result.refused_messages;
  if (!report_.first_refusal) report_.first_refusal = result.refused.message();
  // A reliable stream that refuses has failed for good.
  if (carrier(plan_.transport).guaranteed) broken_ = true;
  const std::size_t settled = result.accepted + result.refused_messages;
  renumber(batch.subspan(settled));
  return settled;
}

/// Numbers count what was accepted, so that a refusal leaves no hole which the receiver would have
/// to take for a loss.
void SendingLoop::renumber(std::span<const Bytes> batch) {
  if (batch.empty()) return;
  const auto first = static_cast<std::size_t>(batch.data() - messages_.data());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Probe probe = *decode_probe(batch[i]);
    probe.sequence = report_.counts.sent + i;
    encode(probe, message(first + i));
  }
}

std::span<std::byte> SendingLoop::message(std::size_t index) {
  return {&slab_[index * plan_.message_octets], plan_.message_octets};
}

void SendingLoop::close() {
  if (!report_.interrupted) report_.left_at_the_end += schedule_.give_up();
  report_.counts.skipped += schedule_.skipped();
  const auto patience = report_.interrupted ? std::chrono::nanoseconds{} : plan_.patience;
  if (!broken_) (void)outlet_.finish(Clock::now() + longest_finish + patience);
  report_.socket = outlet_.counters();
  report_.counts.super_packets = {
      .smallest = std::max(1u, report_.socket.smallest_super_packet_messages),
      .largest = std::max(1u, report_.socket.largest_super_packet_messages)};
  if (plan_.splits_super_packets) report_.counts.super_packets = {};
}

}  // namespace netduel
