#pragma once

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "session/ends.hpp"
#include "session/place.hpp"
#include "session/receiving_loop.hpp"
#include "session/sending_loop.hpp"

namespace netduel {

// Both ends run on a thread of their own, which also opens their sockets, so that neither the other
// end nor whoever waits for the trial is starved.

class LocalReceivingEnd final : public ReceivingEnd {
 public:
  explicit LocalReceivingEnd(Place place = {}) : place_(std::move(place)) {}
  ~LocalReceivingEnd() override;
  Endpoint open(const Plan& plan) override;
  void start(const Endpoint& source) override;
  ReceiverReport finish(std::uint64_t final_count, std::stop_token stop) override;

  /// What has come so far; once it is open, from any thread.
  LiveFigures live() const { return loop_->live().figures(); }

 private:
  void work(std::promise<Endpoint> opened, std::future<Endpoint> source);

  Place place_;
  Plan plan_;
  Closing closing_;
  std::unique_ptr<Inlet> inlet_;
  std::optional<ReceivingLoop> loop_;
  std::promise<Endpoint> source_;
  std::promise<ReceiverReport> done_;
  std::jthread thread_;
};

class LocalSendingEnd final : public SendingEnd {
 public:
  explicit LocalSendingEnd(Place place = {}) : place_(std::move(place)) {}
  ~LocalSendingEnd() override;
  Endpoint open(const Plan& plan, const Endpoint& to, std::stop_token stop) override;
  SenderReport run(std::stop_token stop) override;

  /// What TCP knows of the connection so far; once it is open, from any thread.
  std::optional<TcpInfo> tcp_info() const { return outlet_->tcp_info(); }

 private:
  void work(const Endpoint& to, std::stop_token stop, std::promise<Endpoint> opened,
            std::future<std::stop_token> go);

  Place place_;
  Plan plan_;
  std::unique_ptr<Outlet> outlet_;
  std::optional<SendingLoop> loop_;
  std::promise<std::stop_token> go_;
  std::promise<SenderReport> done_;
  std::jthread thread_;
};

}  // namespace netduel
