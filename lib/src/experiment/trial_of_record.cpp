#include "experiment/trial_of_record.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "experiment/clock_correction.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

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

/// Of a congestion control, as a peer gave it; empty where it can be none.
std::string name_from_peer(const std::string& given) {
  const bool plain = std::ranges::all_of(given, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  return plain ? given : std::string();
}

/// What the other end would have reported were it netduel.
void complete(const TestRecord& record, TrialResult& trial) {
  const TestFigures figures = figures_of(record, 0);
  const bool told = trial.known.receiver ? trial.known.sender || figures.sent_octets
                                         : figures.received_octets.has_value();
  if (!told) throw std::runtime_error("the server told nothing of the stream when it had ended");
  const bool tcp = trial.plan.transport == Transport::tcp;
  const std::uint64_t messages = delivered(figures, record.parameters);
  if (!trial.known.sender) {
    // Its last number is the one that the receiver's count rests on.
    const std::uint64_t sent = tcp ? messages : figures.packets.value_or(messages);
    trial.sender.counts = {.offered = sent, .sent = sent};
    trial.sender.sending = record.duration;
    if (tcp) {
      trial.sender.tcp.emplace();
      trial.sender.tcp->congestion =
          record.theirs ? name_from_peer(record.theirs->congestion_used) : std::string();
      trial.sender.tcp->retransmitted_segments = figures.retransmits;
    }
  }
  const auto ledger = ledger_of(record, 0);
  trial.ledger = ledger ? *ledger : ledger_from_counts(trial.sender.counts, messages, tcp);
  const bool unique = trial.known.receiver && trial.known.arrivals;
  trial.carried.emplace();
  trial.carried->octets = unique ? trial.receiver.meter.get<Throughput>().unique_octets()
                                 : figures.received_octets.value_or(0);
  const auto came_in = in_nanoseconds(figures.receiver_seconds);
  trial.carried->time = trial.known.receiver ? came_in : record.taken_after.value_or(came_in);
  if (figures.jitter_seconds) {
    trial.carried->jitter = std::chrono::duration<double>(*figures.jitter_seconds);
  }
}

/// How long messages came, by the receiver's clock alone.
Carried carried_by_one_clock(const ReceiverReport& receiver) {
  const Throughput& throughput = receiver.meter.get<Throughput>();
  Carried carried{.octets = throughput.unique_octets()};
  if (throughput.first_read() && throughput.last_read()) {
    carried.time = *throughput.last_read() - *throughput.first_read();
  }
  return carried;
}

void correct_times(const TestRecord& record, TrialResult& trial) {
  if (one_clock(record)) return;
  const auto corrected = delays_of(record, 0);
  trial.known.delays = record.clock && corrected && corrected->bound;
  if (!trial.known.delays) {
    trial.sender.first_sent.reset();
    trial.carried = carried_by_one_clock(trial.receiver);
    return;
  }
  trial.corrected_delay = corrected->delay;
  trial.delay_bound = *corrected->bound;
  if (!trial.sender.first_sent) return;
  // By the receiver's clock.
  const ClockOffset& clock = record.clock->known;
  WallTime& first = *trial.sender.first_sent;
  first = record.streams.front().sends ? first + clock.at(first) : clock.to_near(first);
}

}  // namespace

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
