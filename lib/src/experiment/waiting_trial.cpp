#include "experiment/waiting_trial.hpp"

#include <exception>
#include <utility>

namespace netduel {

WaitingTrial::WaitingTrial(const Plan& plan, const LocalPlaces& places, std::stop_source stop)
    : stop_(std::move(stop)),
      receiver_(places.receiver),
      sender_(places.sender),
      opened_(sender_.opened.get_future()),
      thread_([this, plan] { work(plan); }) {}

WaitingTrial::~WaitingTrial() {
  stop_.request_stop();
  begin();
}

void WaitingTrial::await_open() {
  opened_.get();
}

void WaitingTrial::begin() {
  if (!std::exchange(begun_, true)) sender_.go.set_value();
}

TrialResult WaitingTrial::finish() {
  return result_.get_future().get();
}

void WaitingTrial::work(const Plan& plan) {
  try {
    result_.set_value(run_trial(plan, sender_, receiver_, stop_.get_token()));
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    if (!sender_.is_open) sender_.opened.set_exception(failure);
    result_.set_exception(failure);
  }
}

Endpoint WaitingTrial::Sender::open(const Plan& plan, const Endpoint& to, std::stop_token stop) {
  const Endpoint source = sending.open(plan, to, std::move(stop));
  is_open = true;
  opened.set_value();
  return source;
}

SenderReport WaitingTrial::Sender::run(std::stop_token stop) {
  go.get_future().wait();
  return sending.run(std::move(stop));
}

}  // namespace netduel
