#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "experiment/arrival_log_writer.hpp"
#include "lab/lab.hpp"
#include "netduel/base/endpoint.hpp"
#include "session/processors.hpp"
#include "session/trial.hpp"

namespace netduel {

/// The two parts of a comparison: each transport as fast as it goes, and both at one offered rate.
enum class Part : std::uint8_t { full_speed, paced };
std::string_view name_of(Part part);

/// A server, netduel's or iperf3's, at the other end of the path.
struct ServerPath {
  std::string host;  ///< as the user calls it
  /// Tried in this order; not empty.
  std::vector<Endpoint> addresses = {};
  /// The server sends and this end receives.
  bool reverse = false;

  // What it is like, as soon as it has answered.
  Endpoint server = {};
  bool is_netduel = false;
  std::string version = {};
  std::chrono::nanoseconds round_trip{};
  std::size_t mtu_octets = 1500;
};

struct CompareSpec {
  bool udp = true;
  bool tcp = true;
  /// Absent: 10 at full speed and 6 paced.
  std::optional<std::size_t> pairs;
  /// Of a trial. Absent: half a second, or what the path's round trip asks for.
  std::optional<std::chrono::nanoseconds> time;
  /// Payload bits per second. Present: only the paced part runs, unless `flood`.
  std::optional<double> bits_per_second;
  bool flood = false;
  /// Absent: what fits 1500 octets without fragmentation for both transports.
  std::optional<std::size_t> message_octets;
  std::optional<std::size_t> window_octets;
  IpVersion ip_version = IpVersion::v4;
  std::uint16_t port = 0;
  std::string congestion;
  std::uint64_t seed = 0;
  bool offload = true;
  bool no_delay = true;
  /// The receiver looks whether each octet is what was sent.
  bool verify = false;
  /// UDP's; without it nothing but `verify` tells what the path changed. IPv4 only.
  bool udp_checksum = true;
  /// An emulated path, or the way to a server; else loopback.
  std::optional<LabSpec> lab;
  std::optional<ServerPath> server;

  /// Nothing floods a path but loopback unasked: UDP is offered what TCP's trials achieved so far.
  bool udp_follows_tcp() const {
    return !floods_unasked() && udp && tcp && !bits_per_second && !flood;
  }
  bool floods_unasked() const { return !lab && !server; }
  std::chrono::nanoseconds trial_time() const;
  /// Tmax: 50 ms, or as the path needs.
  std::chrono::nanoseconds drain() const;
  std::size_t mtu_octets() const;
  std::size_t message_length() const;
  std::size_t pairs_of(Part part) const;
};

struct ComparedTrial {
  Part part = Part::full_speed;
  std::size_t pair = 0;
  TrialResult result;
  /// On an emulated path: which of the link's flows of its protocol this was.
  std::optional<std::uint64_t> flow_ordinal = {};
};

/// Everything that a comparison measured, also when it was interrupted or failed midway.
struct Comparison {
  CompareSpec spec;
  /// Where the two ends ran.
  Processors processors;
  std::vector<ComparedTrial> trials;
  /// The rate that the paced part offered; absent when it did not run.
  std::optional<double> paced_bits_per_second;
  bool interrupted = false;
  /// What the emulated path did, in all.
  std::optional<Truth> truth = {};
  /// Of arrivals, that were written.
  struct Log {
    Transport transport;
    std::string file;
    std::uint64_t rows;
    bool stopped;
    /// Why it could not be written.
    std::error_code failure = {};
  };
  std::vector<Log> logs = {};
  /// Why the run ended early: set-up failed.
  std::optional<std::string> error;

  std::vector<const TrialResult*> of(Part part, Transport transport) const;
};

/// The log of each transport that has one.
struct ArrivalLogs {
  std::optional<ArrivalLogWriter> udp = {};
  std::optional<ArrivalLogWriter> tcp = {};

  ArrivalLogWriter* of(Transport transport) {
    auto& log = transport == Transport::udp ? udp : tcp;
    return log ? &*log : nullptr;
  }
};

struct Progress {
  Part part;
  std::size_t pair;
  std::size_t pairs;
  Transport transport;
};

/// Where a comparison runs, beside what its spec says.
struct CompareSetting {
  /// That of the spec, started; null for loopback.
  Lab* lab = nullptr;
  /// Where arrivals are written down; null for nowhere.
  ArrivalLogs* logs = nullptr;
  /// Called before the first trial with a server, with all that is planned.
  std::function<void(const Comparison&)> planned = [](const Comparison&) {};
};

/// Runs pairs of trials over loopback, an emulated path or the way to a server; UDP and TCP in
/// random order inside each pair. Never throws for what goes wrong on the way: the comparison then
/// says so and holds what was measured.
Comparison compare(const CompareSpec& spec, std::stop_token stop,
                   const std::function<void(const Progress&)>& progress,
                   const CompareSetting& setting = {});

/// The rate of a paced part: half the lower median of the full-speed goodputs, at most 1 Gb/s and
/// 0.8 of a bottleneck. Without a full-speed part on an emulated path: 0.8 of the bottleneck or 10
/// Mb/s.
std::optional<double> default_paced_rate(const Comparison& comparison);

/// A rate for a path that nothing was measured of yet: 0.8 of its bottleneck, or 10 Mb/s.
double unmeasured_rate(const CompareSpec& spec);

/// One trial of such a comparison: paced at `rate`, payload bits per second, or at full speed.
Plan plan_of(const CompareSpec& spec, Transport transport, std::optional<double> rate,
             std::uint64_t seed);

}  // namespace netduel
