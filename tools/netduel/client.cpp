#include "client.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "client_text.hpp"
#include "experiment/lossless_report.hpp"
#include "experiment/test_report.hpp"
#include "interrupt.hpp"
#include "lossless.hpp"
#include "lossless_text.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/resolve.hpp"
#include "os/thread.hpp"
#include "output.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

/// What a datagram carries where the path's MTU is unknown, as iperf3 has it.
constexpr std::size_t usual_datagram = 1460;
/// Datagrams of loopback's own 64 KiB would say nothing about any other path.
constexpr std::size_t usual_mtu = 1500;

std::string cookie() {
  std::random_device device;
  std::array<std::uint8_t, iperf3::cookie_characters> octets{};
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(device());
  return iperf3::make_cookie(octets);
}

std::size_t datagram_for(const Endpoint& server) {
  auto mtu = UdpSocket::path_mtu_octets(server);
  if (!mtu) return usual_datagram;
  if (server.is_loopback()) mtu = std::min(*mtu, usual_mtu);
  const std::size_t ip =
      server.version() == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets;
  const std::size_t headers = ip + udp_header_octets;
  return std::min(*mtu - std::min(headers, *mtu), largest_udp_payload_v4);
}

/// The other end, where no host was named: a server in this process. An emulated path, or another
/// network for the server, would begin here.
class OwnServer {
 public:
  explicit OwnServer(IpVersion version)
      : server_(on_loopback(version), {}),
        thread_([this](std::stop_token stop) { server_.run(std::move(stop)); }) {}

  Endpoint endpoint() const { return server_.endpoints().front(); }

 private:
  static ServerSpec on_loopback(IpVersion version) {
    ServerSpec spec;
    spec.port = 0;
    spec.address = Endpoint::loopback(version);
    return spec;
  }

  Server server_;
  std::jthread thread_;
};

/// Tells of a test as it goes on, in the form that was asked for.
class Teller {
 public:
  Teller(const ClientOptions& options, Output& output) : options_(options), output_(output) {}

  void connecting(const std::string& host, const ClientSpec& spec) {
    if (is_text()) output_.lines(connecting_text(host, spec));
  }

  ClientEvents events() {
    ClientEvents events;
    if (options_.json && !options_.json_stream) return events;
    events.began = [this](const TestRecord& record) {
      began_ = true;
      if (is_text()) {
        output_.lines(began_text(record, options_.text));
      } else {
        event(start_event(record));
      }
    };
    events.interval = [this](const TestRecord& record) {
      if (options_.spec.interval.count() == 0) return;
      if (is_text()) {
        output_.lines(interval_text(record, options_.text));
      } else {
        event(interval_event(record, record.intervals.size() - 1));
      }
    };
    return events;
  }

  LosslessTold search_events(const ClientSpec& spec) {
    const LosslessSearchSpec search = lossless_search_of(spec);
    complain(announcement(search));
    if (is_text()) output_.lines(search_head(search));
    LosslessTold told;
    told.begins = [this](const LosslessPlan& plan) { trial_begins(plan); };
    told.ended = [this](const LosslessTrial& trial) { trial_ended(trial); };
    told.confirming = events();
    streams_ = streams_of(spec.parameters);
    return told;
  }

  void found(LosslessFinding finding) {
    show_progress("");
    finding_ = std::move(finding);
  }

  void over(const TestRecord& record) {
    if (options_.json_stream) {
      if (!began_) event(start_event(record));
      if (record.error) event(error_event(record));
      event(with_finding(end_event(record)));
    } else if (options_.json) {
      output_.raw(to_json(with_finding(describe_iperf3(record))) + '\n');
    } else {
      output_.lines(summary_text(record, options_.text));
      if (finding_) output_.lines(finding_text(*finding_, streams_));
    }
  }

 private:
  bool is_text() const { return !options_.json && !options_.json_stream; }
  void event(const Report& report) { output_.raw(to_json_line(report) + '\n'); }

  void trial_begins(const LosslessPlan& plan) {
    ++trials_;
    if (is_text() && plan.confirming) {
      show_progress("");
      output_.lines(confirming_head(plan, streams_));
    } else {
      show_progress(search_progress(plan, trials_, streams_));
    }
  }

  void trial_ended(const LosslessTrial& trial) {
    show_progress("");
    if (is_text()) output_.lines(trial_text(trial, streams_));
    if (options_.json_stream) event(search_trial_event(trial, streams_));
  }

  Report with_finding(Report report) const {
    if (!finding_) return report;
    const Report::Scope scope(report, "netduel.search");
    describe(*finding_, streams_, report);
    return report;
  }

  const ClientOptions& options_;
  Output& output_;
  bool began_ = false;
  // Of a search.
  std::size_t trials_ = 0;
  std::size_t streams_ = 0;
  std::optional<LosslessFinding> finding_;
};

/// Finds both ends and what depends on the path between them. Throws std::system_error.
void place(const ClientOptions& options, ClientSpec& spec, std::optional<OwnServer>& own) {
  if (options.host) {
    spec.server = os::resolve(*options.host, options.port, options.ip_version).front();
  } else {
    own.emplace(options.ip_version.value_or(IpVersion::v4));
    spec.server = own->endpoint();
  }
  if (options.bind) spec.local = os::resolve(*options.bind, 0, spec.server.version()).front();
  if (options.length) {
    spec.parameters.length = *options.length;
  } else if (spec.parameters.transport == Transport::udp) {
    spec.parameters.length = datagram_for(spec.server);
  }
}

TestRecord measure(const ClientOptions& options, Teller& teller, std::stop_token stop) {
  ClientSpec spec = options.spec;
  spec.cookie = cookie();
  std::optional<OwnServer> own;
  try {
    place(options, spec, own);
    teller.connecting(options.host.value_or(spec.server.address_to_string()), spec);
    auto workers =
        std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()));
    if (!options.seeks_lossless_rate) return run_client(spec, teller.events(), workers, stop);
    const auto run = [&](ClientSpec trial, const ClientEvents& events) {
      trial.cookie = cookie();
      return run_client(trial, events, workers, stop);
    };
    LosslessRun search = find_lossless_rate(spec, run, teller.search_events(spec), stop);
    teller.found(std::move(search.finding));
    return std::move(search.record);
  } catch (const std::exception& failure) {
    TestRecord record;
    record.parameters = spec.parameters;
    record.cookie = spec.cookie;
    record.remote = spec.server;
    record.began = wall_now();
    record.error = failure.what();
    record.interrupted = stop.stop_requested();
    return record;
  }
}

}  // namespace

int run(const ClientOptions& options) {
  Output output(options.log_file, {options.text.title, options.text.timestamps});
  if (options.affinity) os::run_on({{*options.affinity}});
  if (options.has_default_rate) {
    complain("UDP at 1 Mbit/s, iperf3's default: -b RATE offers another, -b 0 as much as goes");
  }
  const Interrupt interrupt;
  Teller teller(options, output);
  const TestRecord record = measure(options, teller, interrupt.token());
  teller.over(record);
  int status = interrupt.exit_status();
  if (output.finish() != 0) status = 1;
  if (record.error) {
    complain(*record.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
