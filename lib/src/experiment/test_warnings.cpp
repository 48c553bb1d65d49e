#include "experiment/test_warnings.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "experiment/clock_correction.hpp"
#include "experiment/corruption.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

/// From where on a loss in the receiving host is worth a word.
constexpr double worth_a_word = 0.01;

using Warnings = std::vector<Warning>;

std::string in_words(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

void warn_of_fragments(const TestRecord& record, Warnings& list) {
  if (!fragments(record).value_or(false) || record.parameters.dont_fragment) return;
  list.push_back({"datagrams_fragmented",
                  fmt::format("Datagrams of {} are more than the path takes at once ({} with "
                              "headers), so each is lost with any of its fragments. A smaller "
                              "length (-l) helps.",
                              format_octets(record.parameters.length),
                              format_octets(record.control_info.path_mtu_octets.value_or(0)))});
}

/// What each end that is netduel knows of its own sending, whoever receives.
void warn_of_sending(const TestRecord& record, Warnings& list) {
  SenderCounts all;
  std::string why;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const SenderReport* const sender = sender_report(record, i);
    if (sender == nullptr) continue;
    all.skipped += sender->counts.skipped;
    all.offered += sender->counts.offered;
    all.refused += sender->counts.refused;
    if (why.empty()) why = sender->first_refusal.value_or("");
  }
  if (all.refused > 0) {
    list.push_back({"refused_by_local_stack",
                    fmt::format("The sender's own stack refused {} messages ({}); they never left "
                                "that host.{}",
                                format_count(all.refused), why,
                                record.parameters.dont_fragment
                                    ? " With --dont-fragment a datagram must fit the path (-l)."
                                    : "")});
  }
  const double due = static_cast<double>(all.offered + all.skipped);
  const double missed = due > 0 ? static_cast<double>(all.skipped) / due : 0;
  if (missed < worth_a_word) return;
  list.push_back({"pacing_error",
                  fmt::format("The sender stood still so often that {} of the messages that were "
                              "due were never offered: the rate is its own, not the path's. A "
                              "lower rate or an idle machine helps.",
                              format_ratio(missed))});
}

void warn_of_loss_here(const Ledger& ledger, Warnings& list) {
  const auto& lost = ledger.lost_in_host;
  if (!lost || ledger.sent == 0) return;
  const double share = static_cast<double>(lost->low) / static_cast<double>(ledger.sent);
  if (share < worth_a_word) return;
  list.push_back({"lost_in_receiving_host",
                  fmt::format("The receiver's own socket buffer had no room for {} of the "
                              "messages, which had already crossed the path. A larger buffer (-w "
                              "4M) or a lower rate (-b) helps.",
                              format_ratio(share))});
}

void warn_of_buffers(const TestRecord& record, Warnings& list) {
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto* const sender = sender_report(record, i);
    const auto* const receiver = receiver_report(record, i);
    for (const BufferSize* const buffer : {sender ? &sender->socket.send_buffer : nullptr,
                                           receiver ? &receiver->socket.receive_buffer : nullptr}) {
      if (buffer == nullptr || !buffer->cut || !buffer->asked_octets) continue;
      const bool sends = sender != nullptr && buffer == &sender->socket.send_buffer;
      // The system counts twice what it grants, for its own bookkeeping.
      list.push_back({"buffer_granted_smaller",
                      fmt::format("Asked for a {} buffer of {}, the system granted {}. sysctl -w "
                                  "net.core.{}mem_max={} helps.",
                                  sends ? "send" : "receive", format_octets(*buffer->asked_octets),
                                  format_octets(buffer->granted_octets / 2), sends ? "w" : "r",
                                  *buffer->asked_octets)});
      return;
    }
  }
}

void warn_of_ledgers(const TestRecord& record, Warnings& list) {
  std::vector<Ledger> ledgers;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    if (auto ledger = ledger_of(record, i)) ledgers.push_back(*std::move(ledger));
  }
  if (ledgers.empty()) return;
  const Ledger all = sum(ledgers);
  warn_of_loss_here(all, list);
  if (all.balanced()) return;
  list.push_back({"ledger_not_balanced",
                  "Not every message can be accounted for; the ledger's checks tell which."});
}

void warn_of_corruption(const TestRecord& record, Warnings& list) {
  const TestParameters& parameters = record.parameters;
  std::optional<IntegrityCounts> all;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    if (const auto* const receiver = receiver_report(record, i)) add(all, receiver->integrity);
  }
  const bool udp = parameters.transport == Transport::udp;
  const auto warning = corruption_passed_checksums(
      all, parameters.transport, !udp || parameters.udp_checksum, udp ? "UDP" : "TCP");
  if (warning) list.push_back(*warning);
}

void warn_of_no_comparison(const TestRecord& record, Warnings& list) {
  // A stock peer can't answer, and the server doesn't ask.
  if (record.role == Role::server || !is_peer_netduel(record)) return;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    if (!ledger_of(record, i)) continue;
    list.push_back({"clocks_not_compared",
                    fmt::format("The server answered none of the datagrams that compare clocks, so "
                                "one-way delays between the hosts are not known. A path that lets "
                                "UDP through to port {} helps.",
                                record.remote.port())});
    return;
  }
}

void warn_of_a_step(const TestRecord& record, Warnings& list) {
  list.push_back({"clock_stepped",
                  one_clock(record)
                      ? "The wall clock was set during the test, and the delays of messages that "
                        "were on their way then are off by as much."
                      : "A clock was set during the test or changed its pace, so one-way delays "
                        "are not told. A test while nothing sets a clock helps."});
}

/// What helps depends on what most of the bound is: half of the shortest round trip, or what the
/// clocks drifted apart.
std::string remedy(const ClockOffset& known, std::chrono::nanoseconds bound) {
  if (known.bound && *known.bound < bound / 2) {
    return "Most of that is what the clocks drifted apart meanwhile: a shorter test (-t) helps, "
           "or clocks that are kept at one pace (NTP, PTP).";
  }
  return fmt::format(
      "That is about half of the shortest round trip ({}): nobody can tell how it is "
      "shared out between the two ways, with better clocks neither. Without queues "
      "half of the round trip is the delay, if both ways are alike; delay variation "
      "(PDV) tells what comes on top.",
      in_words(known.minimum_round_trip));
}

/// False when both rows are told.
bool warn_of_bound(const ClockOffset& known, const ComparedDelay& delays, Warnings& list) {
  const auto& to_read = delays.delay.to_read();
  const auto& to_arrival = delays.delay.to_arrival();
  if (to_read.count() == 0 || (delays.tells(to_read) && delays.tells(to_arrival))) return false;
  const bool both = !delays.tells(to_read);
  const auto median = (both ? to_read : to_arrival).percentile(0.5);
  const auto bound = delays.bound.value_or(std::chrono::nanoseconds{});
  list.push_back(
      {"clocks_not_comparable",
       fmt::format("Half of the messages {} within {}, but clocks are known to {} only, "
                   "so {} not told. {}",
                   both ? "were read" : "arrived",
                   in_words(median.value_or(std::chrono::nanoseconds{})), in_words(bound),
                   both ? "one-way delays are" : "the delay until arrival is",
                   remedy(known, bound))});
  return true;
}

/// One word about the clocks is enough: about all streams together, or the first that lacks
/// delays which the others have.
void warn_of_clocks(const TestRecord& record, Warnings& list) {
  if (record.clock && record.clock->known.stepped) return warn_of_a_step(record, list);
  if (one_clock(record)) return;
  if (!record.clock) return warn_of_no_comparison(record, list);
  std::vector<std::size_t> streams;
  for (std::size_t i = 0; i < record.streams.size(); ++i) streams.push_back(i);
  const auto all = delays_of(record, streams);
  if (!all || warn_of_bound(record.clock->known, *all, list)) return;
  for (const std::size_t i : streams) {
    const auto one = delays_of(record, i);
    if (one && warn_of_bound(record.clock->known, *one, list)) return;
  }
}

}  // namespace

std::vector<Warning> warnings_of(const TestRecord& record) {
  Warnings list;
  warn_of_fragments(record, list);
  warn_of_sending(record, list);
  warn_of_ledgers(record, list);
  warn_of_corruption(record, list);
  warn_of_buffers(record, list);
  warn_of_clocks(record, list);
  return list;
}

std::optional<bool> fragments(const TestRecord& record) {
  if (record.parameters.transport == Transport::tcp) return false;
  const auto mtu = record.control_info.path_mtu_octets;
  if (!mtu) return std::nullopt;
  const HeaderStack stack{
      .transport = Transport::udp, .ip_version = record.remote.version(), .mtu_octets = *mtu};
  return record.parameters.length > stack.largest_whole_payload();
}

}  // namespace netduel
