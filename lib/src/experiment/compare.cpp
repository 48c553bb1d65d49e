#include "experiment/compare.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <random>
#include <system_error>

#include <fmt/format.h>

#include "experiment/lab_path.hpp"
#include "experiment/local_trials.hpp"
#include "experiment/server_trials.hpp"
#include "experiment/summary.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

constexpr std::size_t default_full_speed_pairs = 10;
constexpr std::size_t default_paced_pairs = 6;
constexpr double highest_default_rate = 1e9;
constexpr double share_of_a_bottleneck = 0.8;
/// For UDP alone on an emulated path without a bottleneck.
constexpr double modest_rate = 10e6;
constexpr auto shortest_trial = std::chrono::milliseconds(500);
constexpr int round_trips_in_a_trial = 10;
/// Slow start takes about ten up to some hundred megabits a second, and is then a small part.
constexpr int round_trips_in_a_trial_with_a_server = 40;
/// A path that nobody has drawn up may stop for a while, as wireless ones do.
constexpr auto shortest_drain_with_a_server = std::chrono::milliseconds(250);
constexpr int round_trips_to_drain_to_a_server = 4;

std::vector<Transport> transports_of(const CompareSpec& spec) {
  std::vector<Transport> transports;
  if (spec.udp) transports.push_back(Transport::udp);
  if (spec.tcp) transports.push_back(Transport::tcp);
  return transports;
}

/// What would work in place of a set-up that failed; empty when nobody knows.
std::string remedy(const std::error_code& code, const CompareSpec& spec) {
  if (code == std::errc::address_in_use) return " (another port works, or none for any free one)";
  if (code == std::errc::permission_denied && spec.port != 0 && spec.port < 1024) {
    return " (a port from 1024 on works, or none for any free one)";
  }
  const bool no_address =
      code == std::errc::address_not_available || code == std::errc::address_family_not_supported;
  if (no_address && spec.ip_version == IpVersion::v6) {
    return " (this host has no IPv6 on loopback; IPv4 works)";
  }
  return {};
}

/// One part of a comparison: its pairs, one after the other.
class PartRun {
 public:
  PartRun(Comparison& comparison, std::stop_token stop,
          const std::function<void(const Progress&)>& progress, const CompareSetting& setting,
          ServerTrials* server)
      : comparison_(comparison),
        stop_(std::move(stop)),
        progress_(progress),
        local_(setting.lab, comparison.processors),
        logs_(setting.logs),
        server_(server),
        random_(comparison.spec.seed) {}

  void run(Part part, std::optional<double> rate) {
    const std::size_t pairs = comparison_.spec.pairs_of(part);
    auto transports = transports_of(comparison_.spec);
    const bool follows = part == Part::full_speed && comparison_.spec.udp_follows_tcp();
    if (follows) transports = {Transport::tcp, Transport::udp};
    for (std::size_t pair = 0; pair < pairs && !stop_.stop_requested(); ++pair) {
      if (!follows) std::shuffle(transports.begin(), transports.end(), random_);
      const std::uint64_t seed = random_();
      for (const Transport transport : transports) {
        if (stop_.stop_requested()) break;
        progress_({part, pair, pairs, transport});
        if (follows && transport == Transport::udp) {
          rate = median(over_whole_trials(comparison_.of(part, Transport::tcp), goodput));
          // Where TCP carried nothing there is no rate to follow.
          if (!rate || *rate <= 0) continue;
        }
        const bool paced = !follows || transport == Transport::udp;
        run_one(part, pair,
                plan_of(comparison_.spec, transport, paced ? rate : std::nullopt, seed));
      }
    }
  }

 private:
  void run_one(Part part, std::size_t pair, Plan plan) {
    if (server_ != nullptr) {
      comparison_.trials.push_back({part, pair, server_->run(plan, stop_), std::nullopt});
    } else {
      run_here(part, pair, std::move(plan));
    }
  }

  void run_here(Part part, std::size_t pair, Plan plan) {
    ArrivalLogWriter* const log = logs_ != nullptr ? logs_->of(plan.transport) : nullptr;
    if (log != nullptr) plan.logged_arrivals = log->room();
    PathTrial done = local_.run(plan, stop_);
    ComparedTrial& trial = comparison_.trials.emplace_back(
        ComparedTrial{part, pair, std::move(done.result), std::nullopt});
    if (done.link) trial.flow_ordinal = done.link->ordinal;
    if (log != nullptr) write_down(*log, trial);
  }

  static void write_down(ArrivalLogWriter& log, ComparedTrial& trial) {
    ReceiverReport& receiver = trial.result.receiver;
    log.add(fmt::format("{} trial of pair {}, {}", name_of(trial.part), trial.pair,
                        carrier(trial.result.plan.transport).name),
            receiver.arrivals, trial.result.ledger.sent, receiver.has_all_arrivals);
    receiver.arrivals = {};
  }

  Comparison& comparison_;
  std::stop_token stop_;
  const std::function<void(const Progress&)>& progress_;
  LocalTrials local_;
  ArrivalLogs* logs_;
  ServerTrials* server_;
  std::mt19937_64 random_;
};

/// What a bottleneck lets pass with room to spare, as payload.
std::optional<double> share_of_bottleneck(const CompareSpec& spec) {
  const auto rate =
      spec.lab ? spec.lab->bottleneck_bits_per_second(Direction::a_to_b) : std::nullopt;
  if (!rate) return std::nullopt;
  // The bottleneck counts IP octets.
  const HeaderStack stack{.transport = Transport::udp, .ip_version = spec.ip_version};
  const auto payload = static_cast<double>(spec.message_length());
  const double headers =
      static_cast<double>(stack.ip_header_octets() + stack.transport_header_octets());
  return share_of_a_bottleneck * *rate * payload / (payload + headers);
}

void close(ArrivalLogs& logs, Comparison& comparison) {
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    ArrivalLogWriter* const log = logs.of(transport);
    if (log == nullptr) continue;
    const auto failure = log->close();
    if (failure && !comparison.error) {
      comparison.error = fmt::format("write the log {}: {}", log->file(), failure.message());
    }
    comparison.logs.push_back({transport, log->file(), log->rows(), log->stopped(), failure});
  }
}

}  // namespace

Plan plan_of(const CompareSpec& spec, Transport transport, std::optional<double> rate,
             std::uint64_t seed) {
  Plan plan;
  plan.transport = transport;
  plan.receiver = spec.server ? spec.server->server
                  : spec.lab  ? Lab::address_of_b(spec.ip_version).with_port(spec.port)
                              : Endpoint::loopback(spec.ip_version, spec.port);
  plan.message_octets = spec.message_length();
  plan.schedule = rate ? ScheduleKind::periodic : ScheduleKind::back_to_back;
  plan.bits_per_second = rate.value_or(0);
  plan.time = spec.trial_time();
  plan.drain = spec.drain();
  plan.mtu_octets = spec.mtu_octets();
  if (spec.lab) {
    const KnownPath path = known_path(*spec.lab, Direction::a_to_b);
    plan.splits_super_packets = path.splits_super_packets;
    plan.patience = path.patience;
  }
  plan.seed = seed;
  plan.window_octets = spec.window_octets;
  plan.offload = spec.offload;
  plan.congestion = spec.congestion;
  plan.no_delay = spec.no_delay;
  plan.verify = spec.verify;
  plan.pattern_seed = seed;
  plan.udp_checksum = spec.udp_checksum;
  return plan;
}

std::string_view name_of(Part part) {
  return part == Part::full_speed ? "full_speed" : "paced";
}

std::size_t CompareSpec::message_length() const {
  if (message_octets) return *message_octets;
  const HeaderStack stack{
      .transport = Transport::tcp, .ip_version = ip_version, .mtu_octets = mtu_octets()};
  return std::min<std::size_t>(stack.largest_whole_payload(), largest_udp_payload_v4);
}

std::size_t CompareSpec::mtu_octets() const {
  return server ? server->mtu_octets : lab ? lab->mtu_octets : 1500;
}

std::chrono::nanoseconds CompareSpec::trial_time() const {
  if (time) return *time;
  if (server) {
    return std::max<std::chrono::nanoseconds>(
        shortest_trial, round_trips_in_a_trial_with_a_server * server->round_trip);
  }
  if (!lab) return shortest_trial;
  return std::max<std::chrono::nanoseconds>(shortest_trial,
                                            round_trips_in_a_trial * lab->round_trip());
}

std::chrono::nanoseconds CompareSpec::drain() const {
  const auto least = Plan{}.drain;
  if (server) {
    return std::max<std::chrono::nanoseconds>(
        {least, shortest_drain_with_a_server,
         round_trips_to_drain_to_a_server * server->round_trip});
  }
  return lab ? std::max(least, lab->drain()) : least;
}

std::size_t CompareSpec::pairs_of(Part part) const {
  const bool runs = part == Part::paced || !bits_per_second || flood;
  const bool would_flood_unasked = part == Part::full_speed && !floods_unasked() && !tcp && !flood;
  if (!runs || would_flood_unasked) return 0;
  return pairs.value_or(part == Part::full_speed ? default_full_speed_pairs : default_paced_pairs);
}

std::vector<const TrialResult*> Comparison::of(Part part, Transport transport) const {
  std::vector<const TrialResult*> found;
  for (const auto& trial : trials) {
    if (trial.part == part && trial.result.plan.transport == transport) {
      found.push_back(&trial.result);
    }
  }
  return found;
}

Comparison compare(const CompareSpec& spec, std::stop_token stop,
                   const std::function<void(const Progress&)>& progress,
                   const CompareSetting& setting) {
  Comparison comparison;
  comparison.spec = spec;
  comparison.processors = spec.server              ? Processors{}
                          : setting.lab != nullptr ? processors_apart_with_path()
                                                   : processors_apart();
  try {
    std::optional<ServerTrials> server;
    if (spec.server) {
      server.emplace(*comparison.spec.server);
      server->meet(spec.verify, stop);
      comparison.spec.ip_version = comparison.spec.server->server.version();
      setting.planned(comparison);
    }
    PartRun run(comparison, stop, progress, setting, server ? &*server : nullptr);
    run.run(Part::full_speed, std::nullopt);
    const auto rate = spec.bits_per_second ? spec.bits_per_second : default_paced_rate(comparison);
    if (!stop.stop_requested() && rate) {
      comparison.paced_bits_per_second = rate;
      run.run(Part::paced, rate);
    }
  } catch (const std::system_error& failure) {
    // A user who ends the wait for a connection knows why there is none.
    const bool cancelled = stop.stop_requested() && failure.code() == std::errc::operation_canceled;
    if (!cancelled) comparison.error = failure.what() + remedy(failure.code(), spec);
  } catch (const std::bad_alloc&) {
    const bool logs = setting.logs != nullptr && (setting.logs->udp || setting.logs->tcp);
    comparison.error = logs ? "out of memory; fewer --log-rows need less" : "out of memory";
  } catch (const std::exception& failure) {
    comparison.error = failure.what();
  }
  if (setting.logs != nullptr) close(*setting.logs, comparison);
  comparison.interrupted = stop.stop_requested();
  return comparison;
}

std::optional<double> default_paced_rate(const Comparison& comparison) {
  std::optional<double> lower;
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    const auto middle =
        median(over_whole_trials(comparison.of(Part::full_speed, transport), goodput));
    if (middle && *middle > 0) lower = std::min(lower.value_or(*middle), *middle);
  }
  const CompareSpec& spec = comparison.spec;
  if (!lower) {
    const bool no_full_speed = !spec.floods_unasked() && spec.pairs_of(Part::full_speed) == 0;
    return no_full_speed ? std::optional(unmeasured_rate(spec)) : std::nullopt;
  }
  return std::min(
      {*lower / 2, highest_default_rate, share_of_bottleneck(spec).value_or(highest_default_rate)});
}

double unmeasured_rate(const CompareSpec& spec) {
  return share_of_bottleneck(spec).value_or(modest_rate);
}

}  // namespace netduel
