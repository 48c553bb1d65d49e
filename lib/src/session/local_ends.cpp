#include "session/local_ends.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "os/host_counters.hpp"
#include "os/thread.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

/// Without a path that asks for patience: room for one lost SYN, which is sent again after a
/// second, and no long wait for a user who wants to stop.
constexpr auto longest_connect = std::chrono::seconds(2);
/// A stream is read to its end; this bounds the wait for a peer that never ends it.
constexpr auto longest_read = std::chrono::seconds(5);
constexpr auto slice = std::chrono::milliseconds(20);
constexpr auto longest_read_when_interrupted = std::chrono::milliseconds(500);

}  // namespace

LocalReceivingEnd::~LocalReceivingEnd() {
  // A thread that still waits for its start gets a broken promise, one that runs gets its end.
  closing_.close(0, Clock::now());
  source_ = {};
}

Endpoint LocalReceivingEnd::open(const Plan& plan) {
  plan_ = plan;
  std::promise<Endpoint> opened;
  auto where = opened.get_future();
  thread_ =
      std::jthread([this, opened = std::move(opened), source = source_.get_future()]() mutable {
        work(std::move(opened), std::move(source));
      });
  return where.get();
}

void LocalReceivingEnd::start(const Endpoint& source) {
  source_.set_value(source);
}

ReceiverReport LocalReceivingEnd::finish(std::uint64_t final_count, std::stop_token stop) {
  auto report = done_.get_future();
  if (!carrier(plan_.transport).guaranteed) {
    closing_.close(final_count, Clock::now() + plan_.drain);
    return report.get();
  }
  const auto deadline = Clock::now() + longest_read + plan_.patience;
  closing_.close(final_count, deadline);
  while (report.wait_for(slice) != std::future_status::ready) {
    if (!stop.stop_requested()) continue;
    closing_.close(final_count, std::min(deadline, Clock::now() + longest_read_when_interrupted));
    break;
  }
  return report.get();
}

void LocalReceivingEnd::work(std::promise<Endpoint> opened, std::future<Endpoint> source) {
  os::prepare_data_thread("netduel-receive");
  os::run_on(place_.processors);
  try {
    if (place_.network != nullptr) place_.network->enter();
    const auto host_before = os::host_totals(plan_.receiver.version());
    inlet_ = carrier(plan_.transport).open_inlet(plan_);
    loop_.emplace(plan_, *inlet_, host_before, place_.alone);
    opened.set_value(inlet_->local());
  } catch (...) {
    opened.set_exception(std::current_exception());
    return;
  }
  try {
    done_.set_value(loop_->run(source.get(), closing_));
  } catch (...) {
    done_.set_exception(std::current_exception());
  }
}

LocalSendingEnd::~LocalSendingEnd() {
  go_ = {};
}

Endpoint LocalSendingEnd::open(const Plan& plan, const Endpoint& to, std::stop_token stop) {
  plan_ = plan;
  std::promise<Endpoint> opened;
  auto where = opened.get_future();
  thread_ = std::jthread([this, to, stop = std::move(stop), opened = std::move(opened),
                          go = go_.get_future()]() mutable {
    work(to, std::move(stop), std::move(opened), std::move(go));
  });
  return where.get();
}

SenderReport LocalSendingEnd::run(std::stop_token stop) {
  auto report = done_.get_future();
  go_.set_value(std::move(stop));
  return report.get();
}

void LocalSendingEnd::work(const Endpoint& to, std::stop_token stop, std::promise<Endpoint> opened,
                           std::future<std::stop_token> go) {
  os::prepare_data_thread("netduel-send");
  // At full speed a thread does without: it never sleeps for long.
  if (plan_.schedule != ScheduleKind::back_to_back) os::prefer_short_turns();
  os::run_on(place_.processors);
  Clock::duration setup{};
  try {
    if (place_.network != nullptr) place_.network->enter();
    const auto before = Clock::now();
    outlet_ =
        carrier(plan_.transport)
            .open_outlet(plan_, to, before + longest_connect + plan_.patience, std::move(stop));
    setup = Clock::now() - before;
    outlet_->prepare();
    loop_.emplace(plan_, *outlet_);
    opened.set_value(outlet_->local());
  } catch (...) {
    opened.set_exception(std::current_exception());
    return;
  }
  try {
    SenderReport report = loop_->run(go.get());
    report.setup = setup;
    report.source = outlet_->local();
    done_.set_value(std::move(report));
  } catch (...) {
    done_.set_exception(std::current_exception());
  }
}

}  // namespace netduel
