#include "session/sending_loop.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "os/thread.hpp"
#include "os/wall_offset.hpp"
#include "wire/integrity.hpp"

namespace netduel {
namespace {

/// No wait is longer, so that a stop is noticed soon.
constexpr auto slice = std::chrono::milliseconds(20);
/// A sleep takes this much longer than asked; shorter pauses within a catch-up are spent awake.
constexpr auto shortest_sleep = std::chrono::microseconds(100);
/// How long a stalled peer may hold up the closing of the stream.
constexpr auto longest_finish = std::chrono::milliseconds(500);

/// Of the messages of one turn: a peer may ask for the longest messages at the highest rate.
constexpr std::size_t most_slab_octets = std::size_t{4} << 20;

Schedule schedule_of(const Plan& plan) {
  const std::size_t room =
      std::clamp<std::size_t>(most_slab_octets / plan.message_octets, 1, Schedule::most_in_a_burst);
  return {plan.schedule, plan.messages_per_second(), carrier(plan.transport).full_speed_batch(plan),
          plan.seed,     plan.omit + plan.time,      plan.burst_messages,
          room};
}

/// Not zeros: a link that compresses would carry them faster than real data.
void fill(std::span<std::byte> slab, const Plan& plan) {
  if (plan.repeating_payload) {
    for (std::size_t i = 0; i < slab.size(); ++i) {
      slab[i] = static_cast<std::byte>('0' + i % plan.message_octets % 10);
    }
    return;
  }
  std::mt19937_64 random(plan.seed);
  std::ranges::generate(slab, [&] { return static_cast<std::byte>(random() & 0xff); });
}

}  // namespace

SendingLoop::SendingLoop(const Plan& plan, Outlet& outlet, MessageBudget* budget)
    : plan_(plan), outlet_(outlet), budget_(budget), schedule_(schedule_of(plan)) {
  const std::size_t most = schedule_.largest_turn();
  slab_.resize(most * plan.message_octets);
  fill(slab_, plan);
  messages_.reserve(most);
  for (std::size_t i = 0; i < most; ++i) {
    messages_.emplace_back(&slab_[i * plan.message_octets], plan.message_octets);
  }
}

SenderReport SendingLoop::run(std::stop_token stop) {
  start();
  while (!stop.stop_requested()) {
    const Step now = step(slice);
    if (now.next == Next::over) break;
    if (now.next == Next::at_time) std::this_thread::sleep_until(now.wake);
  }
  const bool interrupted = stop.stop_requested();
  // Behind the last of so many messages none was to be sent.
  const Deadline due_until = budget_ != nullptr ? Deadline{}
                             : interrupted      ? Clock::now()
                                                : Deadline::max();
  SenderReport report =
      finish(due_until, interrupted ? longest_finish : longest_finish + plan_.patience);
  report.interrupted = interrupted;
  return report;
}

void SendingLoop::start() {
  cpu_before_ = os::thread_cpu_time();
  offset_before_ = os::wall_minus_monotonic();
  omitting_ = plan_.omit > Elapsed{};
  start_ = Clock::now();
  wall_start_ = WallTime(start_.time_since_epoch() + offset_before_);
}

SendingLoop::Step SendingLoop::step(std::chrono::nanoseconds longest_wait) {
  if (pending_.empty()) {
    const Elapsed now = elapsed();
    if (broken_ || over(now)) return {.next = Next::over};
    if (omitting_ && now >= plan_.omit) end_omitted_time(now);
    const auto turn = schedule_.turn(now);
    if (turn.messages == 0) return pause(turn.next);
    const std::size_t granted = budget_ != nullptr ? budget_->take(turn.messages) : turn.messages;
    if (granted == 0) {
      budget_spent_ = true;
      return {.next = Next::over};
    }
    const std::size_t stamped = stamp(granted, turn, now);
    if (budget_ != nullptr) budget_->give_back(granted - stamped);
    pending_ = {messages_.data(), stamped};
    offer(Deadline::min());
  } else {
    // Only where the transport is full does a try wait, so that waiting can be told from this
    // thread's own stalls: it excuses the messages that fall due meanwhile.
    const bool was_full = full_;
    offer(was_full && longest_wait > Elapsed{} ? Clock::now() + longest_wait : Deadline::min());
    if (was_full) schedule_.held_back(elapsed());
  }
  if (!pending_.empty() && (broken_ || elapsed() >= end_of_tries())) give_up_pending();
  return {.next = pending_.empty() || !full_ ? Next::at_once : Next::when_room};
}

SenderReport SendingLoop::finish(Deadline due_until, std::chrono::nanoseconds longest_wait) {
  give_up_pending();
  // Behind the last of so many messages none was to be sent.
  if (budget_spent_) due_until = Deadline{};
  report_.left_at_the_end +=
      due_until == Deadline::max() ? schedule_.give_up() : schedule_.give_up(due_until - start_);
  report_.sending = elapsed() - measured_from_;
  close(longest_wait);
  report_.cpu = os::thread_cpu_time() - cpu_before_;
  report_.clock_step = os::wall_minus_monotonic() - offset_before_;
  report_.tcp = outlet_.tcp_info();
  return std::move(report_);
}

/// Messages that are due may still be waiting for the transport: they get the drain time.
SendingLoop::Elapsed SendingLoop::end_of_tries() const {
  const Elapsed whole = plan_.omit + plan_.time;
  return schedule_.paced() ? whole + plan_.drain : whole;
}

bool SendingLoop::over(Elapsed now) const {
  return schedule_.exhausted() || now >= end_of_tries();
}

SendingLoop::Step SendingLoop::pause(Elapsed next) const {
  const Elapsed now = elapsed();
  if (schedule_.catching_up() && next - now < shortest_sleep) return {.next = Next::at_once};
  return {.next = Next::at_time, .wake = start_ + std::min<Elapsed>(next, now + slice)};
}

/// What was sent until now is left out of the figures; the schedule goes on.
void SendingLoop::end_omitted_time(Elapsed now) {
  omitting_ = false;
  const std::uint64_t omitted = report_.counts.sent;
  report_ = {};
  report_.omitted_messages = omitted;
  skipped_before_ = schedule_.skipped();
  measured_from_ = now;
  cpu_before_ = os::thread_cpu_time();
}

/// Writes the headers of the next messages, the n-th as if all before it will be accepted; returns
/// how many there are, which is fewer when the others are due only after the end of the trial.
std::size_t SendingLoop::stamp(std::size_t messages, const Schedule::Turn& turn, Elapsed now) {
  if (!report_.first_sent) report_.first_sent = wall_start_ + now;
  if (schedule_.paced() && !turn.held_back) {
    report_.lateness.record(now - schedule_.next_due(now));
  }
  for (std::size_t i = 0; i < messages; ++i) {
    if (schedule_.exhausted()) return i;
    write({.sequence = number(report_.counts.sent + i),
           .sent = wall_start_ + schedule_.take(now) + plan_.peer_clock_ahead},
          message(i));
  }
  return messages;
}

/// Tries once to hand over what is pending.
void SendingLoop::offer(Deadline deadline) {
  const SendResult result = outlet_.send(pending_, deadline);
  full_ = !result.refused;
  const std::size_t settled = settle(result);
  pending_ = pending_.subspan(settled);
  report_.counts.offered += settled;
  const std::uint64_t messages = report_.omitted_messages + report_.counts.sent;
  live_.set({.octets = messages * plan_.message_octets, .messages = messages});
}

void SendingLoop::give_up_pending() {
  if (budget_ != nullptr) budget_->give_back(pending_.size());
  if (schedule_.paced()) {
    report_.counts.skipped += pending_.size();
    report_.left_at_the_end += pending_.size();
  }
  pending_ = {};
}

/// Counts what became of the first pending messages and returns how many those are.
std::size_t SendingLoop::settle(const SendResult& result) {
  report_.counts.sent += result.accepted;
  if (!result.refused) return result.accepted;
  report_.counts.refused += result.refused_messages;
  if (!report_.first_refusal) report_.first_refusal = result.refused.message();
  // A reliable stream that refuses has failed for good.
  if (carrier(plan_.transport).guaranteed) broken_ = true;
  const std::size_t settled = result.accepted + result.refused_messages;
  renumber(pending_.subspan(settled));
  return settled;
}

/// Numbers count what was accepted, so that a refusal leaves no hole which the receiver would have
/// to take for a loss.
void SendingLoop::renumber(std::span<const Bytes> batch) {
  if (batch.empty() || plan_.format == MessageFormat::opaque) return;
  const auto first = static_cast<std::size_t>(batch.data() - messages_.data());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::uint64_t sequence = number(report_.counts.sent + i);
    Probe probe = *decode(plan_.format, batch[i], sequence);
    probe.sequence = sequence;
    write(probe, message(first + i));
  }
}

void SendingLoop::write(const Probe& probe, std::span<std::byte> message) const {
  encode(plan_.format, probe, message);
  if (plan_.verify) fill_verified(message, plan_.pattern_seed, probe.sequence);
}

/// The number of a message before which so many of its time, omitted or measured, were sent.
std::uint64_t SendingLoop::number(std::uint64_t sent) const {
  if (plan_.format != MessageFormat::probe) return report_.omitted_messages + sent;
  return omitting_ ? first_omitted_number + sent : sent;
}

std::span<std::byte> SendingLoop::message(std::size_t index) {
  return {&slab_[index * plan_.message_octets], plan_.message_octets};
}

void SendingLoop::close(std::chrono::nanoseconds longest_wait) {
  report_.counts.skipped += schedule_.skipped() - skipped_before_;
  if (!broken_ && plan_.half_closes) (void)outlet_.finish(Clock::now() + longest_wait);
  report_.socket = outlet_.counters();
  report_.counts.super_packets = {
      .smallest = std::max(1u, report_.socket.smallest_super_packet_messages),
      .largest = std::max(1u, report_.socket.largest_super_packet_messages)};
  if (plan_.splits_super_packets) report_.counts.super_packets = {};
}

}  // namespace netduel
