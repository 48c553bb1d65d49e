#include "session/receiving_loop.hpp"

#include <algorithm>

#include "os/thread.hpp"
#include "session/host_rises.hpp"
#include "wire/iperf3.hpp"

namespace netduel {
namespace {

/// No wait is longer, so that the closing is noticed soon.
constexpr auto slice = std::chrono::milliseconds(20);
/// The longest that a queue may take to empty after the last send.
constexpr auto longest_queue = std::chrono::seconds(3);
/// To read a full socket buffer takes far less.
constexpr auto longest_rest = std::chrono::milliseconds(100);

/// A hello or the answer to one.
bool is_set_up(Bytes payload) {
  const auto hello = iperf3::decode_hello(payload);
  return hello && payload.size() == iperf3::encode(*hello).size();
}

/// Of those that are written down: room for what a schedule brings and some duplicates, so that
/// none has to be made on the way. At full speed nobody knows, and memory grows when many come.
std::size_t expected_arrivals(const Plan& plan) {
  constexpr std::size_t at_full_speed = std::size_t{1} << 20;
  constexpr double with_duplicates = 1.1;
  constexpr double at_least = 1024;
  if (plan.schedule == ScheduleKind::back_to_back) {
    return std::min(plan.logged_arrivals, at_full_speed);
  }
  const double scheduled =
      plan.messages_per_second() * std::chrono::duration<double>(plan.time).count();
  const double most =
      std::min(with_duplicates * scheduled + at_least, static_cast<double>(plan.logged_arrivals));
  return static_cast<std::size_t>(most);
}

}  // namespace

ReceivingLoop::ReceivingLoop(const Plan& plan, Inlet& inlet, const os::HostTotals& host_before,
                             bool may_stay_awake)
    : plan_(plan),
      inlet_(inlet),
      host_before_(host_before),
      has_an_end_(carrier(plan.transport).guaranteed && plan.format != MessageFormat::opaque),
      stays_awake_(may_stay_awake && plan.schedule == ScheduleKind::back_to_back),
      book_({.checks_times = plan.format == MessageFormat::probe,
             .verify = plan.verify,
             .pattern_seed = plan.pattern_seed,
             .logged_arrivals = plan.logged_arrivals}),
      report_(book_.report()) {
  report_.arrivals.reserve(expected_arrivals(plan));
}

ReceiverReport ReceivingLoop::run(const Endpoint& source, const Closing& closing) {
  start(source, closing);
  while (!step(slice).over) continue;
  stop();
  return finish(closing.final_count());
}

void ReceivingLoop::start(const Endpoint& source, const Closing& closing) {
  source_ = source;
  closing_ = &closing;
  omitting_ = plan_.omit > plan_.omit.zero() && plan_.format != MessageFormat::probe;
  report_.read_to_the_end = !has_an_end_;
  cpu_before_ = os::thread_cpu_time();
  start_ = Clock::now();
  last_arrival_ = start_;
}

ReceivingLoop::Step ReceivingLoop::step(std::chrono::nanoseconds longest_wait) {
  const auto now = Clock::now();
  if (omitting_ && now - start_ >= plan_.omit) end_omitted_time();
  const Deadline until = deadline();
  if (now >= until) return {.over = true};
  const bool waits = longest_wait > longest_wait.zero();
  end_ = receive_some(waits ? std::min(now + longest_wait, until) : Deadline::min());
  if (end_ == End::finished || end_ == End::failed) return {.over = true};
  return {.over = false, .at_once = end_ == End::open, .wake = until};
}

void ReceivingLoop::stop() {
  if (!has_an_end_ && end_ != End::failed) read_what_is_left();
  // A stream that ends inside a message was cut by its sender.
  if (end_ == End::finished) report_.read_to_the_end = report_.counts.truncated == 0;
  report_.receiving = Clock::now() - start_;
  const std::chrono::nanoseconds last = last_arrival_ - start_ - plan_.omit;
  report_.last_read = std::max(last.zero(), last);
  report_.cpu = os::thread_cpu_time() - cpu_before_;
  // The socket's counter first: the host's must cover it.
  report_.socket = inlet_.counters();
  report_.host = rises(plan_.transport, host_before_, os::host_totals(plan_.receiver.version()));
}

ReceiverReport ReceivingLoop::finish(std::uint64_t final_count) {
  book_.close(report_, final_count, report_.socket.receive_queue_drops);
  return std::move(report_);
}

ReceiverReport ReceivingLoop::report(std::uint64_t final_count) const {
  ReceiverReport report = report_;
  book_.close(report, final_count, report.socket.receive_queue_drops);
  return report;
}

End ReceivingLoop::receive_some(Deadline deadline) {
  const auto result = receive(deadline);
  const std::uint64_t before = arrivals();
  for (const Received& received : result.messages) observe(received);
  if (arrivals() > before) {
    last_arrival_ = Clock::now();
    show();
  }
  if (result.end == End::failed) report_.failure = result.error.message();
  return result.end;
}

/// A sender at full speed pays for each sleep of its receiver: to wake it costs more than to send a
/// datagram, in a virtual machine above all. That makes the sender slow, so the receiver soon has
/// nothing to do and sleeps again. Awake, UDP delivered a fifth to a third more on two processors,
/// TCP a tenth.
ReceiveResult ReceivingLoop::receive(Deadline deadline) {
  if (stays_awake_) {
    const auto until = std::min(deadline, Clock::now() + longest_awake);
    do {
      const ReceiveResult result = inlet_.receive(source_, Deadline::min());
      if (result.end != End::timed_out) return result;
    } while (Clock::now() < until);
  }
  return inlet_.receive(source_, deadline);
}

Deadline ReceivingLoop::deadline() const {
  const Deadline closed = closing_->deadline();
  return has_an_end_ ? closed : drained(closed);
}

/// While a queue on the way still empties, there is a drain time from each arrival.
Deadline ReceivingLoop::drained(Deadline closed) const {
  if (closed == Deadline::max()) return closed;
  return std::clamp(last_arrival_ + plan_.drain, closed, closed + longest_queue);
}

/// What arrived in time waits in the socket's buffer when this thread was kept from reading it.
/// Bounded, as others may go on sending to this socket.
void ReceivingLoop::read_what_is_left() {
  const auto until = Clock::now() + longest_rest;
  while (Clock::now() < until) {
    if (receive_some(Deadline::min()) != End::open) return;
  }
}

void ReceivingLoop::observe(const Received& received) {
  ReceiverCounts& counts = report_.counts;
  if (!is_from_source(received.source)) {
    ++counts.foreign;
    return;
  }
  const std::size_t octets = received.payload.size();
  if (plan_.format == MessageFormat::opaque) {
    (omitting_ ? omitted_octets_ : report_.octets) += octets;
    ++(received.stamped_by == StampedBy::kernel ? report_.stamped_by_kernel
                                                : report_.stamped_by_application);
    return;
  }
  // Set-up goes over the same ports, and is repeated where an answer was lost.
  if (octets < plan_.message_octets && is_set_up(received.payload)) return;
  if (received.truncated || octets < plan_.message_octets) {
    ++counts.truncated;
    return;
  }
  const auto probe = decode(plan_.format, received.payload, base_ + book_.next_expected());
  if (!probe || octets > plan_.message_octets) {
    if (!is_set_up(received.payload)) book_.count_corrupted(received.payload);
    return;
  }
  observe_message(received, {probe->sequence, probe->sent - plan_.peer_clock_ahead});
}

void ReceivingLoop::observe_message(const Received& received, const Probe& probe) {
  std::uint64_t number = probe.sequence;
  if (omits(number)) {
    ++report_.omitted_messages;
    omitted_octets_ += received.payload.size();
    return;
  }
  book_.observe(received, probe, number, received.queue_drops);
}

/// Whether a message is of the omitted time; else its number becomes that among the measured ones.
bool ReceivingLoop::omits(std::uint64_t& sequence) {
  if (plan_.format == MessageFormat::probe) return sequence >= first_omitted_number;
  if (omitting_) base_ = std::max(base_, sequence + 1);
  if (omitting_ || sequence < base_) return true;
  sequence -= base_;
  return false;
}

void ReceivingLoop::end_omitted_time() {
  omitting_ = false;
  cpu_before_ = os::thread_cpu_time();
}

std::uint64_t ReceivingLoop::arrivals() const {
  return report_.omitted_messages + book_.arrivals();
}

void ReceivingLoop::show() {
  LiveFigures now = book_.figures();
  now.octets += omitted_octets_;
  now.messages += report_.omitted_messages;
  live_.set(now);
}

bool ReceivingLoop::is_from_source(const Endpoint& from) const {
  // A sender bound to the wildcard address knows its port and not which address the route gave it.
  return source_.is_unspecified() ? from.port() == source_.port() : from == source_;
}

}  // namespace netduel
