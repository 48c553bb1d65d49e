#pragma once

#include <future>
#include <optional>
#include <stop_token>
#include <thread>

#include "experiment/local_trials.hpp"
#include "session/local_ends.hpp"

namespace netduel {

/// A trial on a thread of its own, whose ends open at once while its messages wait to be let go: so
/// several begin at one time. Its counters can be looked at meanwhile.
class WaitingTrial {
 public:
  /// Begins to open. `stop` ends it early, and when this is destroyed it is used.
  WaitingTrial(const Plan& plan, const LocalPlaces& places, std::stop_source stop);
  ~WaitingTrial();

  /// Waits until both ends are open. Throws what kept them from it.
  void await_open();
  /// Lets the messages go.
  void begin();
  /// Waits for the end; after `begin`. Throws what kept it from a result.
  TrialResult finish();

  // Once it is open.
  LiveFigures live() const { return receiver_.live(); }
  std::optional<TcpInfo> tcp_info() const { return sender_.sending.tcp_info(); }

 private:
  struct Sender final : SendingEnd {
    explicit Sender(Place place) : sending(std::move(place)) {}
    Endpoint open(const Plan& plan, const Endpoint& to, std::stop_token stop) override;
    SenderReport run(std::stop_token stop) override;

    LocalSendingEnd sending;
    bool is_open = false;
    std::promise<void> opened;
    std::promise<void> go;
  };

  void work(const Plan& plan);

  std::stop_source stop_;
  LocalReceivingEnd receiver_;
  Sender sender_;
  std::future<void> opened_;
  std::promise<TrialResult> result_;
  bool begun_ = false;
  std::jthread thread_;
};

}  // namespace netduel
