#include "experiment/compare.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <system_error>

#include "experiment/summary.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/local_ends.hpp"

namespace netduel {
namespace {

constexpr std::size_t default_full_speed_pairs = 10;
constexpr std::size_t default_paced_pairs = 6;
constexpr double highest_default_rate = 1e9;

Plan plan_of(const CompareSpec& spec, Transport transport, std::optional<double> rate,
             std::uint64_t seed) {
  Plan plan;
  plan.transport = transport;
  plan.receiver = Endpoint::loopback(spec.ip_version, spec.port);
  plan.message_octets = spec.message_length();
  plan.schedule = rate ? ScheduleKind::periodic : ScheduleKind::back_to_back;
  plan.bits_per_second = rate.value_or(0);
  plan.time = spec.time;
  plan.seed = seed;
  plan.window_octets = spec.window_octets;
  plan.offload = spec.offload;
  plan.congestion = spec.congestion;
  plan.no_delay = spec.no_delay;
  return plan;
}

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
          const std::function<void(const Progress&)>& progress)
      : comparison_(comparison),
        stop_(std::move(stop)),
        progress_(progress),
        random_(comparison.spec.seed) {}

  void run(Part part, std::optional<double> rate) {
    const std::size_t pairs = comparison_.spec.pairs_of(part);
    auto transports = transports_of(comparison_.spec);
    for (std::size_t pair = 0; pair < pairs && !stop_.stop_requested(); ++pair) {
      std::shuffle(transports.begin(), transports.end(), random_);
      const std::uint64_t seed = random_();
      for (const Transport transport : transports) {
        if (stop_.stop_requested()) break;
        progress_({part, pair, pairs, transport});
        LocalReceivingEnd receiver(comparison_.processors.receiver);
        LocalSendingEnd sender(comparison_.processors.sender);
        const Plan plan = plan_of(comparison_.spec, transport, rate, seed);
        comparison_.trials.push_back({part, pair, run_trial(plan, sender, receiver, stop_)});
      }
    }
  }

 private:
  Comparison& comparison_;
  std::stop_token stop_;
  const std::function<void(const Progress&)>& progress_;
  std::mt19937_64 random_;
};

}  // namespace

std::size_t CompareSpec::message_length() const {
  if (message_octets) return *message_octets;
  return HeaderStack{.transport = Transport::tcp, .ip_version = ip_version}.largest_whole_payload();
}

std::size_t CompareSpec::pairs_of(Part part) const {
  const bool runs = part == Part::paced || !bits_per_second || flood;
  if (!runs) return 0;
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
                   const std::function<void(const Progress&)>& progress) {
  Comparison comparison;
  comparison.spec = spec;
  comparison.processors = processors_apart();
  try {
    PartRun run(comparison, stop, progress);
    run.run(Part::full_speed, std::nullopt);
    const auto rate = spec.bits_per_second ? spec.bits_per_second : default_paced_rate(comparison);
    if (!stop.stop_requested() && rate) {
      comparison.paced_bits_per_second = rate;
      run.run(Part::paced, rate);
    }
  } catch (const std::system_error& failure) {
    comparison.error = failure.what() + remedy(failure.code(), spec);
  } catch (const std::exception& failure) {
    comparison.error = failure.what();
  }
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
  if (!lower) return std::nullopt;
  return std::min(*lower / 2, highest_default_rate);
}

}  // namespace netduel
