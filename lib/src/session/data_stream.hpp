#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "netduel/base/readiness.hpp"
#include "session/carrier.hpp"
#include "session/receiving_loop.hpp"
#include "session/sending_loop.hpp"

namespace netduel {

/// One direction of one data stream, served by a worker's thread together with others. What isn't
/// said to be for any thread is the worker's to call.
class DataStream {
 public:
  virtual ~DataStream() = default;

  struct Turn {
    bool over = false;
    /// Come back soon: there is more to do.
    bool at_once = false;
    std::optional<Interest> interest = {};
    Deadline wake = Deadline::max();
  };
  virtual NativeHandle native_handle() const = 0;
  virtual void start() = 0;
  virtual Turn turn() = 0;
  /// After the last turn.
  virtual void stop() = 0;

  /// Any thread may look.
  virtual LiveFigures live() const = 0;
  virtual Endpoint local() const = 0;
  virtual std::optional<TcpInfo> tcp_info() const = 0;
};

/// Made and reported by one thread, the control's; in between a worker's.
class SendingStream final : public DataStream {
 public:
  SendingStream(Plan plan, std::unique_ptr<Outlet> outlet, std::shared_ptr<MessageBudget> budget);

  NativeHandle native_handle() const override { return outlet_->native_handle(); }
  void start() override { loop_.start(); }
  Turn turn() override;
  void stop() override;
  LiveFigures live() const override { return loop_.live().figures(); }
  Endpoint local() const override { return outlet_->local(); }
  std::optional<TcpInfo> tcp_info() const override { return outlet_->tcp_info(); }

  /// From any thread: the next turn is the last.
  void end() { ended_ = true; }
  /// The same, without a wait for a peer that takes the rest of a message.
  void cut() {
    cut_ = true;
    ended_ = true;
  }
  const Plan& plan() const { return plan_; }
  /// After the last turn.
  const SenderReport& report() const { return report_; }

 private:
  Plan plan_;
  std::unique_ptr<Outlet> outlet_;
  std::shared_ptr<MessageBudget> budget_;
  SendingLoop loop_;
  Turn close();

  std::atomic<bool> ended_{false};
  std::atomic<bool> cut_{false};
  /// When no more was sent.
  std::optional<Deadline> closed_;
  /// Someone's end was the reason for that.
  bool ended_early_ = false;
  SenderReport report_;
};

class ReceivingStream final : public DataStream {
 public:
  /// `may_stay_awake`: nothing else that the test needs runs on the worker's processor.
  ReceivingStream(Plan plan, std::unique_ptr<Inlet> inlet, const Endpoint& source,
                  const os::HostTotals& host_before, bool may_stay_awake = false);

  NativeHandle native_handle() const override { return inlet_->native_handle(); }
  void start() override { loop_.start(source_, closing_); }
  Turn turn() override;
  void stop() override { loop_.stop(); }
  LiveFigures live() const override { return loop_.live().figures(); }
  Endpoint local() const override { return inlet_->local(); }
  std::optional<TcpInfo> tcp_info() const override { return std::nullopt; }

  /// From any thread: receive until the deadline, or to the end of a stream.
  void close(Deadline deadline) { closing_.close(0, deadline); }
  const Plan& plan() const { return plan_; }
  /// After the last turn. `sent`: how many messages the stream holds, where that is known;
  /// those of the omitted time included unless they are numbered apart.
  ReceiverReport report(std::optional<std::uint64_t> sent) const;

 private:
  Plan plan_;
  std::unique_ptr<Inlet> inlet_;
  Endpoint source_;
  std::chrono::nanoseconds awake_;
  Closing closing_;
  ReceivingLoop loop_;
};

}  // namespace netduel
