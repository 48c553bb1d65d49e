#include "experiment/server_trials.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "experiment/clock_correction.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"
#include "session/client.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// A server that serves one test after the other may not be ready for the next at once.
constexpr auto longest_between_tests = 5s;
constexpr auto look_again = 100ms;
/// Datagrams of loopback's own 64 KiB would say nothing about any other path.
constexpr std::size_t usual_mtu = 1500;

std::chrono::seconds whole_seconds(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time);
}

TestParameters parameters_for(const Plan& plan, bool reverse) {
  TestParameters parameters;
  parameters.transport = plan.transport;
  parameters.direction = reverse ? TestDirection::reverse : TestDirection::forward;
  parameters.time = whole_seconds(plan.time);
  parameters.length = plan.message_octets;
  if (plan.schedule != ScheduleKind::back_to_back)
    parameters.bits_per_second = plan.bits_per_second;
  parameters.window_octets = plan.window_octets;
  parameters.no_delay = plan.no_delay;
  parameters.congestion = plan.congestion;
  parameters.client_version = NETDUEL_VERSION;
  NetduelParameters& ours = parameters.netduel.emplace();
  ours.version = NETDUEL_VERSION;
  ours.time = plan.time;
  ours.drain = plan.drain;
  ours.schedule = plan.schedule;
  ours.seed = plan.seed;
  ours.offload = plan.offload;
  return parameters;
}

std::chrono::nanoseconds round_trip(const TestRecord& record) {
  if (record.clock) return std::max(0ns, record.clock->known.minimum_round_trip);
  const TcpInfo& info = record.control_info;
  return info.minimum_rtt.value_or(info.smoothed_rtt.value_or(0ns));
}

/// Of a receiver that only counts: which messages were lost, and where, it can't tell.
Ledger ledger_from_counts(const SenderCounts& sender, std::uint64_t delivered, bool guaranteed) {
  const std::uint64_t unique = std::min(delivered, sender.sent);
  Ledger ledger = close_ledger(sender, {.unique = unique, .next_expected = unique},
                               {.guaranteed_by_service = guaranteed, .cut = unique < sender.sent});
  ledger.reordered.reset();
  ledger.duplicates.reset();
  return ledger;
}

std::uint64_t delivered(const TestFigures& figures, const TestParameters& parameters) {
  if (parameters.transport == Transport::tcp) {
    return figures.received_octets.value_or(0) / parameters.length;
  }
  const std::uint64_t packets = figures.packets.value_or(0);
  return packets - std::min(packets, figures.lost.value_or(0));
}

std::chrono::nanoseconds in_nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

/// What the other end would have reported were it netduel.
void complete(const TestRecord& record, TrialResult& trial) {
  const TestFigures figures = figures_of(record, 0);
  const bool tcp = trial.plan.transport == Transport::tcp;
  const std::uint64_t messages = delivered(figures, record.parameters);
  if (!trial.known.sender) {
    // Its last number is the one that the receiver's count rests on.
    const std::uint64_t sent = tcp ? messages : figures.packets.value_or(messages);
    trial.sender.counts = {.offered = sent, .sent = sent};
    trial.sender.sending = record.duration;
    if (tcp) {
      trial.sender.tcp.emplace();
      trial.sender.tcp->congestion = record.theirs ? record.theirs->congestion_used : std::string();
      trial.sender.tcp->retransmitted_segments = figures.retransmits;
    }
  }
  const auto ledger = ledger_of(record, 0);
  trial.ledger = ledger ? *ledger : ledger_from_counts(trial.sender.counts, messages, tcp);
  const bool unique = trial.known.receiver && trial.known.arrivals;
  trial.carried.emplace();
  trial.carried->octets = unique ? trial.receiver.meter.get<Throughput>().unique_octets()
                                 : figures.received_octets.value_or(0);
  trial.carried->time = in_nanoseconds(figures.receiver_seconds);
  if (figures.jitter_seconds) {
    trial.carried->jitter = std::chrono::duration<double>(*figures.jitter_seconds);
  }
}

void correct_times(const TestRecord& record, TrialResult& trial) {
  if (one_clock(record)) return;
  const auto corrected = delays_of(record, 0);
  trial.known.delays = corrected && corrected->tells(corrected->delay.to_read());
  if (!corrected) {
    trial.sender.first_sent.reset();
    return;
  }
  trial.corrected_delay = corrected->delay;
  trial.delay_bound = corrected->bound.value_or(0ns);
  if (!trial.sender.first_sent || !record.clock) return;
  // By the receiver's clock.
  const ClockOffset& clock = record.clock->known;
  WallTime& first = *trial.sender.first_sent;
  first = record.streams.front().sends ? first + clock.at(first) : clock.to_near(first);
}

}  // namespace

ServerTrials::ServerTrials(ServerPath& path)
    : path_(path),
      workers_(std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()))) {
}

void ServerTrials::meet(std::stop_token stop) {
  Plan plan;
  plan.transport = Transport::tcp;
  TestParameters parameters = parameters_for(plan, false);
  parameters.time = {};
  parameters.blocks = 1;
  parameters.netduel->time = {};
  const TestRecord record = test(parameters, stop);
  path_.server = record.remote;
  path_.addresses = {record.remote};
  path_.is_netduel = is_peer_netduel(record);
  path_.version = record.terms ? record.terms->version : std::string();
  path_.round_trip = round_trip(record);
  path_.mtu_octets = record.control_info.path_mtu_octets.value_or(usual_mtu);
  if (path_.server.is_loopback()) path_.mtu_octets = std::min(path_.mtu_octets, usual_mtu);
  has_met_ = true;
}

TrialResult ServerTrials::run(const Plan& plan, std::stop_token stop) {
  return trial_of(test(parameters_for(plan, path_.reverse), stop), plan);
}

TestRecord ServerTrials::test(const TestParameters& parameters, std::stop_token stop) {
  ClientSpec spec;
  spec.server = path_.addresses.front();
  for (auto other = path_.addresses.begin() + 1; other != path_.addresses.end(); ++other) {
    spec.alternatives.push_back({.server = *other, .local = {}, .length = parameters.length});
  }
  spec.parameters = parameters;
  spec.interval = 0ns;
  const auto latest = std::chrono::steady_clock::now() + longest_between_tests;
  while (true) {
    spec.cookie = random_cookie();
    TestRecord record = run_client(spec, {}, workers_, stop);
    const bool not_begun = record.streams.empty();
    if (record.interrupted && !record.theirs) {
      throw std::system_error(std::make_error_code(std::errc::operation_canceled), path_.host);
    }
    if (!record.error) return record;
    const bool may_be_busy = has_met_ && not_begun;
    if (!may_be_busy || std::chrono::steady_clock::now() >= latest) {
      throw std::runtime_error(*record.error);
    }
    std::this_thread::sleep_for(look_again);
  }
}

TrialResult trial_of(const TestRecord& record, const Plan& plan) {
  TrialResult trial;
  trial.plan = plan;
  trial.interrupted = record.interrupted;
  const SenderReport* const sender = sender_report(record, 0);
  const ReceiverReport* const receiver = receiver_report(record, 0);
  const bool messages = message_format(record.parameters) != MessageFormat::opaque;
  trial.known = {.sender = sender != nullptr,
                 .receiver = receiver != nullptr,
                 .arrivals = receiver != nullptr && messages,
                 .delays = sender != nullptr && receiver != nullptr && messages};
  if (sender != nullptr) trial.sender = *sender;
  if (receiver != nullptr) trial.receiver = *receiver;
  trial.sender.setup = record.streams.front().setup;
  if (trial.known.delays) {
    trial.ledger = *ledger_of(record, 0);
    correct_times(record, trial);
  } else {
    complete(record, trial);
  }
  return trial;
}

}  // namespace netduel
