#include "session/receiving_loop.hpp"

#include <algorithm>

#include "netduel/wire/probe.hpp"
#include "os/thread.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

/// No wait is longer, so that the closing is noticed soon.
constexpr auto slice = std::chrono::milliseconds(20);
/// How long a receiver at full speed polls before it sleeps: longer than it takes to fill a
/// super-packet. 20 us gave a little less, 100 us no more.
constexpr auto longest_awake = std::chrono::microseconds(50);
/// The longest that a queue may take to empty after the last send.
constexpr auto longest_queue = std::chrono::seconds(3);
/// To read a full socket buffer takes far less.
constexpr auto longest_rest = std::chrono::milliseconds(100);
/// A number this far ahead of all others, or a send time this far from the clock, is no loss or
/// delay that a trial can have: the content is damaged.
constexpr std::uint64_t furthest_jump = std::uint64_t{1} << 32;
constexpr auto furthest_time = std::chrono::minutes(10);

std::optional<std::uint64_t> rise(std::optional<std::uint64_t> before,
                                  std::optional<std::uint64_t> after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
}

std::optional<std::uint64_t> sum(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (!a || !b) return std::nullopt;
  return *a + *b;
}

HostCounters rises(const os::UdpHostTotals& before, const os::UdpHostTotals& after) {
  return {
      .receive_buffer_errors = sum(rise(before.receive_buffer_errors, after.receive_buffer_errors),
                                   rise(before.memory_errors, after.memory_errors)),
      .checksum_errors = rise(before.checksum_errors, after.checksum_errors),
      .softnet_drops = rise(before.softnet_drops, after.softnet_drops)};
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

ReceivingLoop::ReceivingLoop(const Plan& plan, Inlet& inlet, const os::UdpHostTotals& host_before,
                             bool may_stay_awake)
    : plan_(plan),
      inlet_(inlet),
      host_before_(host_before),
      stays_awake_(may_stay_awake && plan.schedule == ScheduleKind::back_to_back) {
  report_.arrivals.reserve(expected_arrivals(plan));
}

ReceiverReport ReceivingLoop::run(const Endpoint& source, const Closing& closing) {
  source_ = source;
  const bool has_an_end = carrier(plan_.transport).guaranteed;
  const auto cpu_before = os::thread_cpu_time();
  report_.read_to_the_end = !has_an_end;
  const auto start = Clock::now();
  last_arrival_ = start;
  End end = End::open;
  while (end != End::finished && end != End::failed) {
    const auto now = Clock::now();
    const Deadline deadline = has_an_end ? closing.deadline() : drained(closing.deadline());
    if (now >= deadline) break;
    end = receive_some(std::min(now + slice, deadline));
  }
  if (!has_an_end && end != End::failed) read_what_is_left();
  // A stream that ends inside a message was cut by its sender.
  if (end == End::finished) report_.read_to_the_end = report_.counts.truncated == 0;
  report_.receiving = Clock::now() - start;
  report_.cpu = os::thread_cpu_time() - cpu_before;
  // The socket's counter first: the host's must cover it.
  report_.socket = inlet_.counters();
  report_.host = rises(host_before_, os::udp_host_totals(plan_.receiver.version()));
  close_counts(closing.final_count());
  return std::move(report_);
}

End ReceivingLoop::receive_some(Deadline deadline) {
  const auto result = receive(deadline);
  const std::uint64_t before = report_.stamped_by_kernel + report_.stamped_by_application;
  for (const Received& received : result.messages) observe(received);
  const std::uint64_t after = report_.stamped_by_kernel + report_.stamped_by_application;
  if (after > before) last_arrival_ = Clock::now();
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
  if (received.truncated || octets < plan_.message_octets) {
    ++counts.truncated;
    return;
  }
  const auto probe = decode_probe(received.payload);
  const bool timely = probe && probe->sent > received.read_at - furthest_time &&
                      probe->sent < received.read_at + furthest_time;
  if (!timely || octets > plan_.message_octets ||
      probe->sequence >= window_.next_expected() + furthest_jump) {
    ++counts.corrupted;
    return;
  }
  const Arrival arrival{.sequence = probe->sequence,
                        .octets = static_cast<std::uint32_t>(octets),
                        .sent = probe->sent,
                        .arrived = received.arrived,
                        .read_at = received.read_at};
  const Placement placement = window_.place(arrival.sequence);
  report_.meter.observe(arrival, placement);
  counts.drop_gaps.observe(placement, received.queue_drops);
  if (report_.arrivals.size() < plan_.logged_arrivals) {
    report_.arrivals.push_back(arrival);
  } else {
    report_.has_all_arrivals = false;
  }
  ++(received.stamped_by == StampedBy::kernel ? report_.stamped_by_kernel
                                              : report_.stamped_by_application);
}

bool ReceivingLoop::is_from_source(const Endpoint& from) const {
  // A sender bound to the wildcard address knows its port and not which address the route gave it.
  return source_.is_unspecified() ? from.port() == source_.port() : from == source_;
}

void ReceivingLoop::close_counts(std::uint64_t final_count) {
  report_.meter.finish(final_count);
  ReceiverCounts& counts = report_.counts;
  counts.unique = report_.meter.get<Loss>().unique();
  counts.stale = report_.meter.get<Loss>().stale();
  counts.reordered = report_.meter.get<Reordering>().reordered();
  counts.duplicates = report_.meter.get<Duplication>().duplicates();
  counts.next_expected = window_.next_expected();
  counts.drops_known = report_.socket.receive_queue_drops.has_value();
  const std::uint64_t seen_to = window_.next_expected();
  counts.drop_gaps.close(final_count > seen_to ? final_count - seen_to : 0,
                         report_.socket.receive_queue_drops);
}

}  // namespace netduel
