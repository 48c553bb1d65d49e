#include "session/data_stream.hpp"

#include <algorithm>
#include <utility>

#include "os/host_counters.hpp"

namespace netduel {
namespace {

/// A stream that always has more to do lets others have their turn after as many steps.
constexpr int most_steps = 16;
/// To hand over the rest of a message that is being sent.
constexpr auto longest_close = std::chrono::seconds(5);

}  // namespace

SendingStream::SendingStream(Plan plan, std::unique_ptr<Outlet> outlet,
                             std::shared_ptr<MessageBudget> budget)
    : plan_(std::move(plan)),
      outlet_(std::move(outlet)),
      budget_(std::move(budget)),
      loop_(plan_, *outlet_, budget_.get()) {}

DataStream::Turn SendingStream::turn() {
  for (int i = 0; i < most_steps; ++i) {
    if (closed_) return close();
    if (ended_) {
      ended_early_ = true;
      return close();
    }
    const SendingLoop::Step step = loop_.step({});
    switch (step.next) {
      case SendingLoop::Next::over:
        return close();
      case SendingLoop::Next::at_time:
        return {.wake = step.wake};
      case SendingLoop::Next::when_room:
        return {.interest = Interest::writable};
      case SendingLoop::Next::at_once:
        break;
    }
  }
  return {.at_once = true};
}

/// Behind the last of so many messages none was to be sent. Where the stream broke, all that was
/// due in its time was, also when someone ended it while it was being closed.
void SendingStream::stop() {
  const bool ended_early = ended_early_ || (ended_ && !closed_);
  const Deadline due_until = budget_ != nullptr ? Deadline{}
                             : ended_early      ? closed_.value_or(Deadline{})
                                                : Deadline::max();
  report_ = loop_.finish(due_until, {});
}

/// A peer that has stalled may hold up the rest of a message.
DataStream::Turn SendingStream::close() {
  const auto now = std::chrono::steady_clock::now();
  if (!closed_) closed_ = now;
  const bool whole = !plan_.half_closes || outlet_->finish(Deadline::min());
  const Deadline latest = *closed_ + longest_close + plan_.patience;
  if (whole || cut_ || now >= latest) return {.over = true};
  return {.interest = Interest::writable, .wake = latest};
}

ReceivingStream::ReceivingStream(Plan plan, std::unique_ptr<Inlet> inlet, const Endpoint& source,
                                 const os::HostTotals& host_before, bool may_stay_awake)
    : plan_(std::move(plan)),
      inlet_(std::move(inlet)),
      source_(source),
      awake_(may_stay_awake && plan_.schedule == ScheduleKind::back_to_back
                 ? ReceivingLoop::longest_awake
                 : std::chrono::nanoseconds::zero()),
      loop_(plan_, *inlet_, host_before, may_stay_awake) {}

DataStream::Turn ReceivingStream::turn() {
  for (int i = 0; i < most_steps; ++i) {
    const ReceivingLoop::Step step = loop_.step(awake_);
    if (step.over) return {.over = true};
    if (!step.at_once) return {.interest = Interest::readable, .wake = step.wake};
  }
  return {.at_once = true, .interest = Interest::readable};
}

ReceiverReport ReceivingStream::report(std::optional<std::uint64_t> sent) const {
  std::uint64_t measured = loop_.least_count();
  if (sent) {
    const std::uint64_t omitted = loop_.omitted_numbers();
    measured = std::max(measured, *sent - std::min(*sent, omitted));
  }
  return loop_.report(measured);
}

}  // namespace netduel
