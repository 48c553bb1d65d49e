#include "experiment/bufferbloat.hpp"

#include <algorithm>
#include <utility>

#include "experiment/bufferbloat_load.hpp"
#include "session/path_mtu.hpp"
#include "session/round_trip_prober.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Connecting, exchanging results and letting the queue empty.
constexpr auto around_a_phase = 1500ms;
constexpr auto shortest_wait = std::chrono::nanoseconds(1s);
/// How often the kernel is asked for its round trip, and a terminal told.
constexpr auto between_looks = std::chrono::nanoseconds(100ms);

struct Planned {
  std::string name;
  std::optional<Transport> transport = {};
  TestDirection direction = TestDirection::forward;
  std::chrono::nanoseconds time{};
};

std::vector<Planned> plan_of(const BufferbloatSpec& spec) {
  std::vector<Planned> plan{{.name = "idle", .time = spec.time}};
  const auto add = [&](const std::string& way, TestDirection direction) {
    plan.push_back({"tcp_" + way, Transport::tcp, direction, spec.time});
    plan.push_back({"udp_" + way, Transport::udp, direction, spec.time});
  };
  if (spec.up) add("up", TestDirection::forward);
  if (spec.down) add("down", TestDirection::reverse);
  plan.push_back({.name = "idle_after", .time = spec.time_after()});
  return plan;
}

/// The most that a queue held from that time of the link on.
std::uint64_t most_octets_since(const QueueOverTime& queue, std::chrono::nanoseconds since) {
  std::uint64_t most = 0;
  // The stretch in which the phase began may have something of the one before.
  const auto first = static_cast<std::size_t>(since / queue.stretch + 1);
  for (std::size_t i = first; i < queue.most_octets.size(); ++i) {
    most = std::max(most, queue.most_octets[i]);
  }
  return most;
}

class Experiment {
 public:
  Experiment(const BufferbloatSpec& spec, const RunTest& run, const std::function<Truth()>& truth,
             const BufferbloatTold& told, const std::stop_token& stop)
      : run_(run), truth_(truth), told_(told), stop_(stop), plan_(plan_of(spec)) {
    result_.spec = spec;
  }

  Bufferbloat measure() {
    for (std::size_t i = 0; i < plan_.size(); ++i) {
      if (i == 1) told_.loading(result_);
      number_ = i;
      if (!run_phase(plan_[i])) break;
    }
    return std::move(result_);
  }

 private:
  const BufferbloatSpec& spec() const { return result_.spec; }

  /// What a phase's test leaves behind, beside its record.
  struct Running {
    bool has_begun = false;
    std::optional<RoundTripProber> prober = {};
    /// Of the emulated path, when it began.
    std::chrono::nanoseconds link_time{};
  };

  /// False when there is nothing more to be measured.
  bool run_phase(const Planned& planned) {
    Running running;
    const Deadline begins = Clock::now();
    tell_progress(planned, begins);
    ClientEvents events;
    events.began = [&](const TestRecord& record) { begin(planned, record, running); };
    events.interval = [&](const TestRecord&) { tell_progress(planned, begins); };
    const ClientSpec test = test_of(planned);
    // A server that serves one test at a time may not be ready for the next at once.
    const TestRecord record =
        number_ == 0 ? run_(test, events) : run_patiently(test, run_, events, stop_);
    if (running.has_begun) add(phase_of(planned, record, running), record);
    result_.interrupted = record.interrupted || stop_.stop_requested();
    result_.error = record.error;
    return !result_.interrupted && !result_.error;
  }

  void begin(const Planned& planned, const TestRecord& record, Running& running) {
    running.has_begun = true;
    meet(record);
    if (truth_) running.link_time = truth_().duration;
    if (!result_.is_netduel) return;
    running.prober.emplace(RoundTripQuestions{.server = record.remote,
                                              .cookie = record.cookie,
                                              .interval = spec().probe_interval,
                                              .time = planned.time,
                                              .stop = stop_});
  }

  BufferbloatPhase phase_of(const Planned& planned, const TestRecord& record, Running& running) {
    BufferbloatPhase phase{.name = planned.name, .time = planned.time};
    if (planned.transport) {
      phase.settling = spec().settling();
      phase.load = load_of(record);
      phase.queue_most_octets = longest_queue(planned.direction, running.link_time);
    }
    if (running.prober) {
      const auto wait = record.error ? std::nullopt : std::optional(answer_wait());
      phase.round_trips = running.prober->finish(wait, stop_).round_trips();
      phase.by = RoundTripsBy::udp_probes;
    } else if (sends_tcp(record)) {
      phase.round_trips = round_trips_of_kernel(record);
      phase.by = RoundTripsBy::tcp_info;
    }
    return phase;
  }

  /// Since that time of the path's; absent without a bottleneck.
  std::optional<std::uint64_t> longest_queue(TestDirection direction,
                                             std::chrono::nanoseconds since) const {
    const Direction way =
        direction == TestDirection::forward ? Direction::a_to_b : Direction::b_to_a;
    if (!truth_ || !spec().lab->bottleneck_bits_per_second(way)) return std::nullopt;
    return most_octets_since(truth_().of(way).queue, since);
  }

  void add(BufferbloatPhase phase, const TestRecord& record) {
    if (record.error || stop_.stop_requested()) {
      const auto& asked = phase.round_trips;
      phase.time = std::min(phase.time, asked.empty() ? 0ns : asked.back().asked);
    }
    if (phase.load && phase.load->transport == Transport::tcp) {
      tcp_bits_per_second_ = phase.load->goodput_bits_per_second;
    }
    result_.phases.push_back(std::move(phase));
  }

  static bool sends_tcp(const TestRecord& record) {
    return record.parameters.transport == Transport::tcp && record.streams.front().sends;
  }

  void meet(const TestRecord& record) {
    if (result_.server) return;
    result_.server = record.remote;
    result_.is_netduel = record.terms.has_value();
    if (record.terms) result_.version = record.terms->version;
    mtu_octets_ = spec().lab ? spec().lab->mtu_octets
                             : usual_mtu_unless_known(record.control_info.path_mtu_octets);
  }

  ClientSpec test_of(const Planned& planned) const {
    ClientSpec test = spec().client;
    if (result_.server) {
      test.server = *result_.server;
      test.alternatives.clear();
    }
    test.interval = between_looks;
    if (!planned.transport) {
      set_idle(test.parameters, planned.time);
      for (ServerRoute& route : test.alternatives) route.length = test.parameters.length;
      return test;
    }
    set_load(test.parameters, planned.direction, planned.time, left_out(*planned.transport));
    if (planned.transport == Transport::tcp) {
      set_tcp(test.parameters, spec().congestion, spec().tcp_streams);
      return test;
    }
    const std::size_t octets = datagram_octets(mtu_octets_, test.server.version());
    set_udp(test.parameters, octets,
            filling_rate(spec(), planned.direction, tcp_bits_per_second_, octets));
    return test;
  }

  /// iperf3 before 3.14 doesn't tell which of the datagrams that it missed were of the omitted
  /// time, so that they can be held against no others than all.
  std::chrono::nanoseconds left_out(Transport transport) const {
    const bool tells = result_.is_netduel || transport == Transport::tcp;
    return tells ? spec().settling() : 0ns;
  }

  std::chrono::nanoseconds answer_wait() const {
    const auto& lab = spec().lab;
    return lab ? std::max(shortest_wait, lab->round_trip() + lab->longest_queueing())
               : shortest_wait;
  }

  void tell_progress(const Planned& planned, Deadline begins) const {
    auto left = planned.time + around_a_phase - (Clock::now() - begins);
    for (std::size_t i = number_ + 1; i < plan_.size(); ++i) left += plan_[i].time + around_a_phase;
    told_.progress(planned.name, std::max<std::chrono::nanoseconds>(left, 0ns));
  }

  const RunTest& run_;
  const std::function<Truth()>& truth_;
  const BufferbloatTold& told_;
  const std::stop_token& stop_;
  const std::vector<Planned> plan_;
  std::size_t number_ = 0;
  std::size_t mtu_octets_ = 0;
  std::optional<double> tcp_bits_per_second_;
  Bufferbloat result_;
};

}  // namespace

std::chrono::nanoseconds BufferbloatSpec::settling() const {
  constexpr int part_of_a_phase = 5;
  return std::min<std::chrono::nanoseconds>(1s, time / part_of_a_phase);
}

std::chrono::nanoseconds BufferbloatSpec::time_after() const {
  return std::min<std::chrono::nanoseconds>(2s, time);
}

std::chrono::nanoseconds expected_time(const BufferbloatSpec& spec) {
  std::chrono::nanoseconds sum{};
  for (const Planned& planned : plan_of(spec)) sum += planned.time + around_a_phase;
  return sum;
}

Bufferbloat measure_bufferbloat(const BufferbloatSpec& spec, const RunTest& run,
                                const std::function<Truth()>& truth, const BufferbloatTold& told,
                                const std::stop_token& stop) {
  return Experiment(spec, run, truth, told, stop).measure();
}

}  // namespace netduel
