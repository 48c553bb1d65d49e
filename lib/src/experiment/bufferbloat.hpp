#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lab/lab_spec.hpp"
#include "lab/truth.hpp"
#include "session/client.hpp"
#include "session/patient_client.hpp"
#include "session/round_trip_log.hpp"

namespace netduel {

// Latency under load: round trips while the path is idle against round trips while TCP or UDP fills
// it, one way and then the other. The difference is what packets wait in queues (RFC 8033, section
// 1; Gettys and Nichols, Bufferbloat, 2011).

struct BufferbloatSpec {
  /// Whom to ask; addresses are complete, and parameters hold what all tests have in common.
  ClientSpec client;
  /// As it was called; empty for an emulated path.
  std::string host;
  std::optional<LabSpec> lab;
  bool up = true;
  bool down = true;
  /// Of each phase, its settling included.
  std::chrono::nanoseconds time = std::chrono::seconds(5);
  std::chrono::nanoseconds probe_interval = std::chrono::milliseconds(20);
  std::string congestion;
  unsigned tcp_streams = 4;
  /// Absent: UDP is offered somewhat more than what TCP has just carried.
  std::optional<double> udp_bits_per_second;
  std::uint64_t seed = 0;

  /// What a load is given to fill the path, and which its figures leave out.
  std::chrono::nanoseconds settling() const;
  /// Of the phase at the end that tells whether the queues emptied again.
  std::chrono::nanoseconds time_after() const;
};

/// What filled the path.
struct BufferbloatLoad {
  Transport transport = Transport::tcp;
  /// forward is up, from the client.
  TestDirection direction = TestDirection::forward;
  std::size_t streams = 0;
  std::string congestion = {};
  std::optional<double> goodput_bits_per_second = {};
  /// Of UDP alone: TCP sends what it can, and loses nothing of it.
  std::optional<double> offered_bits_per_second = {};
  /// What it was to offer; 0 with TCP.
  double planned_bits_per_second = 0;
  std::optional<double> loss_ratio = {};
};

enum class RoundTripsBy : std::uint8_t {
  udp_probes,  ///< asked of a netduel server, beside the load
  tcp_info,    ///< the kernel's smoothed round trip of the load's own stream, ten times a second
};

struct BufferbloatPhase {
  /// "idle", "tcp_up", "udp_down", "idle_after", ...
  std::string name;
  std::optional<BufferbloatLoad> load = {};
  /// Absent where nothing could be told.
  std::optional<RoundTripsBy> by = {};
  std::vector<RoundTrip> round_trips = {};
  /// How much of the planned time is left out at least.
  std::chrono::nanoseconds settling{};
  std::chrono::nanoseconds time{};
  /// The most octets of IP that the emulated queue in the load's direction held.
  std::optional<std::uint64_t> queue_most_octets = {};
};

/// The phases of an experiment, as far as it came. A plain value.
struct Bufferbloat {
  BufferbloatSpec spec;
  /// As the first phase met it; absent when no server answered.
  std::optional<Endpoint> server = {};
  bool is_netduel = false;
  std::string version = {};
  std::vector<BufferbloatPhase> phases = {};
  bool interrupted = false;
  std::optional<std::string> error = {};
  std::optional<Truth> truth = {};
};

/// What is told meanwhile. Called on the thread that runs a phase.
struct BufferbloatTold {
  /// Before each phase, and ten times a second in it: `left` is all that is still to come.
  std::function<void(const std::string& phase, std::chrono::nanoseconds left)> progress;
  /// The server is known and the path will be loaded at once.
  std::function<void(const Bufferbloat&)> loading;
};

/// `run` runs a test in the client's network. `truth` is what the emulated path has done so far;
/// empty without one. Never throws for what goes wrong on the way: the result says so and holds
/// what was measured.
Bufferbloat measure_bufferbloat(const BufferbloatSpec& spec, const RunTest& run,
                                const std::function<Truth()>& truth, const BufferbloatTold& told,
                                const std::stop_token& stop);

/// The rate at which UDP fills a path: enough above what TCP carried, and above a known bottleneck,
/// that the queue is full after a part of the phase, and no flood. `tcp_bits_per_second` is absent
/// where TCP carried nothing. Pure.
double filling_rate(const BufferbloatSpec& spec, TestDirection direction,
                    std::optional<double> tcp_bits_per_second, std::size_t datagram_octets);

/// How long all phases take, about.
std::chrono::nanoseconds expected_time(const BufferbloatSpec& spec);

}  // namespace netduel
