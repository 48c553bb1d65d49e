#include "experiment/delivery_ends.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "lab/lab_host.hpp"
#include "netduel/transport/tcp.hpp"
#include "netduel/transport/wait_set.hpp"
#include "os/host_counters.hpp"
#include "os/thread.hpp"
#include "session/group_receivers.hpp"
#include "session/group_sender.hpp"
#include "session/message_budget.hpp"
#include "session/sending_loop.hpp"
#include "session/stream_workers.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Time = std::chrono::nanoseconds;

constexpr std::uint16_t port = 5201;
/// Of the scopes of an organization (RFC 2365) and of a site (RFC 4291).
constexpr std::array<std::uint8_t, 4> group_v4 = {239, 255, 77, 1};
constexpr std::array<std::uint8_t, 16> group_v6 = {0xff, 0x15, 0, 0, 0, 0, 0,    0,
                                                   0,    0,    0, 0, 0, 0, 0x4e, 0x44};
/// A system's first interface is its loopback.
constexpr auto loopback_interface = "1";

/// To join, and for the switch to learn of it.
constexpr auto shortest_lead = 200ms;
/// Beyond the stream's time, its lead and its drain, for receivers that heard no end of it.
constexpr auto longest_rest = 4s;
/// As many threads as receivers of a group share.
constexpr std::size_t most_receiving_threads = 4;
/// Room for one lost SYN, which is sent again after a second.
constexpr auto longest_connect = 2s;
constexpr auto longest_read = 5s;
constexpr auto longest_read_when_interrupted = 500ms;
constexpr auto longest_close = 500ms;
/// No wait is longer, so that a stop is noticed soon.
constexpr auto slice = 20ms;

template <class Call>
auto within(const Place& place, Call call) {
  return place.network != nullptr ? os::in_network(*place.network, call) : call();
}

TcpOptions tcp_options(const Plan& plan) {
  return {.message_octets = plan.message_octets, .no_delay = plan.no_delay};
}

/// A connection to one receiver, at both ends.
struct Connection {
  std::shared_ptr<TcpConnection> there;
  std::unique_ptr<Outlet> outlet;
  std::unique_ptr<MessageBudget> budget;
  std::unique_ptr<SendingLoop> loop;
  std::shared_ptr<ReceivingStream> stream;
  std::promise<void> read_to_the_end;
};

/// What the one thread does that sends over all connections: what is due over each, then a sleep.
class SendingThread {
 public:
  SendingThread(const Plan& plan, std::vector<Connection>& connections)
      : plan_(plan), connections_(connections) {}

  void run(const Place& place, std::stop_token stop, DeliveryOutcome& outcome) {
    os::prepare_data_thread("netduel-send");
    os::prefer_short_turns();
    os::run_on(place.processors);
    const Time before = os::thread_cpu_time();
    std::vector<std::size_t> open;
    for (std::size_t n = 0; n < connections_.size(); ++n) {
      connections_[n].loop->start();
      open.push_back(n);
    }
    while (!open.empty() && !stop.stop_requested()) turn(open);
    outcome.interrupted = stop.stop_requested();
    const Time longest = outcome.interrupted ? Time(longest_close) : longest_close + plan_.patience;
    const Deadline due = outcome.interrupted ? Clock::now() : Deadline::max();
    for (Connection& one : connections_) outcome.senders.push_back(one.loop->finish(due, longest));
    outcome.sender_cpu = os::thread_cpu_time() - before;
  }

 private:
  void turn(std::vector<std::size_t>& open) {
    Deadline wake = Clock::now() + slice;
    bool full = false;
    std::erase_if(open, [&](std::size_t n) {
      const SendingLoop::Step step = connections_[n].loop->step({});
      const bool waits = step.next == SendingLoop::Next::when_room;
      if (waits) waits_.set(connections_[n].outlet->native_handle(), Interest::writable, n);
      if (step.next == SendingLoop::Next::at_once) wake = Deadline::min();
      if (step.next == SendingLoop::Next::at_time) wake = std::min(wake, step.wake);
      full = full || waits;
      return step.next == SendingLoop::Next::over;
    });
    if (open.empty() || wake <= Clock::now()) return;
    if (!full) {
      std::this_thread::sleep_until(wake);
      return;
    }
    for (const Ready& ready : waits_.wait(wake)) {
      waits_.remove(connections_[ready.key].outlet->native_handle());
    }
  }

  const Plan& plan_;
  std::vector<Connection>& connections_;
  WaitSet waits_;
};

/// Opens the n-th, and what receives from it.
Connection connect(const DeliveryTask& task, std::size_t number, const DeliveryPlaces& places,
                   const std::stop_token& stop) {
  const Plan& plan = task.plan;
  const IpVersion version = plan.receiver.version();
  const Place place = places.receiver(number);
  const Deadline deadline = Clock::now() + longest_connect + plan.patience;
  TcpListener listener = within(place, [&] {
    return TcpListener::open(places.receiver_address(number, version), tcp_options(plan));
  });
  Connection made;
  made.there = within(places.sender(), [&] {
    return std::make_shared<TcpConnection>(
        TcpConnection::connect(listener.local(), tcp_options(plan), deadline, stop));
  });
  made.outlet = outlet_over(made.there);
  made.outlet->prepare();
  made.budget = std::make_unique<MessageBudget>(task.messages);
  made.loop = std::make_unique<SendingLoop>(plan, *made.outlet, made.budget.get());
  auto here = listener.accept(deadline);
  if (!here) {
    throw std::system_error(std::make_error_code(std::errc::timed_out),
                            fmt::format("accept the connection of receiver {}", number));
  }
  // The counters of the network that the workers are in; no figure here is of them.
  made.stream = std::make_shared<ReceivingStream>(
      plan, inlet_over(std::make_shared<TcpConnection>(std::move(*here))), made.there->local(),
      os::host_totals(version));
  return made;
}

/// What a receiver got of the sender's stream.
std::optional<DeliveryOutcome::Receiver> received(GroupReception& reception, std::uint64_t stream) {
  const auto found = std::ranges::find(reception.streams, stream, &ReceivedStream::stream);
  if (found == reception.streams.end()) return std::nullopt;
  return DeliveryOutcome::Receiver{std::move(found->report), std::move(found->ledger)};
}

}  // namespace

// An emulated path's own thread may share the receivers' processors.

Place DeliveryPlaces::sender() const {
  return {.processors = processors.sender, .network = star != nullptr ? &star->host(0) : nullptr};
}

Place DeliveryPlaces::receiver(std::size_t number) const {
  return {.processors = processors.receiver,
          .network = star != nullptr ? &star->host(number) : nullptr};
}

Endpoint DeliveryPlaces::sender_address(IpVersion version) const {
  return star != nullptr ? StarLab::address_of(0, version) : Endpoint::loopback(version);
}

Endpoint DeliveryPlaces::receiver_address(std::size_t number, IpVersion version) const {
  return star != nullptr ? StarLab::address_of(number, version) : Endpoint::loopback(version);
}

DeliveryOutcome send_datagrams(const DeliveryTask& task, bool to_group,
                               const DeliveryPlaces& places, std::stop_token stop) {
  const Plan& plan = task.plan;
  const std::size_t receivers = task.receivers;
  const IpVersion version = plan.receiver.version();
  const Endpoint group =
      version == IpVersion::v4 ? Endpoint::v4(group_v4, port) : Endpoint::v6(group_v6, port);
  const std::string interface = places.star != nullptr ? lab_host::interface : loopback_interface;
  const Time lead = std::max<Time>(shortest_lead, plan.drain);
  std::vector<ReceiverPlace> at;
  for (std::size_t n = 1; n <= receivers; ++n) {
    at.push_back({.place = places.receiver(n), .name = StarSpec::name_of(n)});
    if (!to_group) at.back().at = places.receiver_address(n, version);
  }
  GroupReceivers receiving({.group = group,
                            .interface = interface,
                            .source = {},
                            .reports = false,
                            .window_octets = {},
                            .drain = plan.drain,
                            .time = lead + plan.time + 2 * plan.drain + longest_rest},
                           std::move(at));
  GroupSender sending({.plan = plan,
                       .messages = task.messages,
                       .to = to_group ? std::vector{group} : receiving.locals(),
                       .interface = to_group ? interface : std::string(),
                       .reports = false,
                       .lead = lead},
                      places.sender());
  sending.open();
  // Receivers go on until the stream is over, also when that is before its time.
  std::stop_source given_up;
  auto received_all = std::async(std::launch::async, [&receiving, token = given_up.get_token()] {
    return receiving.run(token);
  });
  GroupSending sent;
  try {
    sent = sending.run(stop);
  } catch (...) {
    given_up.request_stop();
    throw;
  }
  DeliveryOutcome outcome;
  outcome.interrupted = sent.interrupted;
  if (sent.interrupted) given_up.request_stop();
  for (GroupReception& one : received_all.get()) {
    outcome.receivers.push_back(received(one, sent.stream));
  }
  outcome.sources.push_back(places.sender_address(version).with_port(sent.source.port()));
  outcome.sender_cpu = sent.sender.cpu;
  outcome.datagrams = sent.sender.counts.sent * (to_group ? 1 : receivers);
  for (const GroupSending::Refusals& one : sent.refusals) outcome.datagrams -= one.refused;
  outcome.senders.push_back(std::move(sent.sender));
  return outcome;
}

DeliveryOutcome send_streams(const DeliveryTask& task, const DeliveryPlaces& places,
                             std::stop_token stop) {
  const Plan& plan = task.plan;
  const std::size_t receivers = task.receivers;
  // Outlives the workers, which tell it of the ends of streams.
  std::vector<Connection> connections;
  for (std::size_t n = 1; n <= receivers; ++n) {
    connections.push_back(connect(task, n, places, stop));
  }
  const std::size_t processors = std::max<std::size_t>(1, os::allowed_processors().size());
  StreamWorkers workers(
      static_cast<unsigned>(std::min({receivers, processors, most_receiving_threads})),
      {.processors = places.processors.receiver});
  for (Connection& one : connections) {
    workers.serve(one.stream, false, [&one] { one.read_to_the_end.set_value(); });
  }
  DeliveryOutcome outcome;
  std::jthread([&] {
    SendingThread(plan, connections).run(places.sender(), stop, outcome);
  }).join();
  const Deadline latest = Clock::now() + (outcome.interrupted ? Time(longest_read_when_interrupted)
                                                              : longest_read + plan.patience);
  for (Connection& one : connections) {
    one.stream->close(latest);
    workers.poke(*one.stream);
  }
  for (std::size_t n = 0; n < receivers; ++n) {
    Connection& one = connections[n];
    one.read_to_the_end.get_future().get();
    DeliveryOutcome::Receiver& receiver =
        outcome.receivers.emplace_back(DeliveryOutcome::Receiver{}).value();
    receiver.report = one.stream->report(outcome.senders[n].counts.sent);
    receiver.ledger = close_ledger(outcome.senders[n].counts, receiver.report.counts,
                                   {.host = receiver.report.host,
                                    .loopback = places.star == nullptr,
                                    .guaranteed_by_service = true,
                                    .cut = !receiver.report.read_to_the_end});
    outcome.sources.push_back(
        places.sender_address(plan.receiver.version()).with_port(one.there->local().port()));
  }
  return outcome;
}

}  // namespace netduel
