#pragma once

#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "session/ends.hpp"
#include "session/place.hpp"
#include "session/receiving_loop.hpp"

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

 private:
  void work(std::promise<Endpoint> opened, std::future<Endpoint> source);

  Place place_;
  Plan plan_;
  Closing closing_;
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

 private:
  void work(const Endpoint& to, std::stop_token stop, std::promise<Endpoint> opened,
            std::future<std::stop_token> go);

  Place place_;
  Plan plan_;
  std::promise<std::stop_token> go_;
  std::promise<SenderReport> done_;
  std::jthread thread_;
};

}  // namespace netduel
