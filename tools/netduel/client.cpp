#include "client.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "client_text.hpp"
#include "experiment/test_report.hpp"
#include "interrupt.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/network_namespace.hpp"
#include "os/resolve.hpp"
#include "os/thread.hpp"
#include "output.hpp"
#include "own_ends.hpp"
#include "report/json.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"

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

/// `lab`: an emulated path to it.
std::size_t datagram_for(const Endpoint& server, const std::optional<LabSpec>& lab) {
  auto mtu = lab ? lab->mtu_octets : UdpSocket::path_mtu_octets(server);
  if (!mtu) return usual_datagram;
  if (server.is_loopback()) mtu = std::min(*mtu, usual_mtu);
  const std::size_t ip =
      server.version() == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets;
  const std::size_t headers = ip + udp_header_octets;
  return std::min(*mtu - std::min(headers, *mtu), largest_udp_payload_v4);
}

/// Tells of a test as it goes on, in the form that was asked for.
class Teller {
 public:
  Teller(const ClientOptions& options, Output& output) : options_(options), output_(output) {}

  void connecting(const std::string& host, const ClientSpec& spec) {
    if (!is_text()) return;
    output_.lines(connecting_text(host, spec));
    if (!options_.host) output_.lines(own_ends_text(options_));
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

  /// `truth`: of an emulated path, else null.
  void over(const TestRecord& record, const Truth* truth) {
    if (options_.json_stream) {
      if (!began_) event(start_event(record));
      if (record.error) event(error_event(record));
      event(end_event(record, truth));
    } else if (options_.json) {
      output_.raw(to_json(describe_iperf3(record, truth)) + '\n');
    } else {
      output_.lines(summary_text(record, options_.text));
    }
  }

 private:
  bool is_text() const { return !options_.json && !options_.json_stream; }
  void event(const Report& report) { output_.raw(to_json_line(report) + '\n'); }

  const ClientOptions& options_;
  Output& output_;
  bool began_ = false;
};

/// Finds both ends and what depends on the path between them. Throws std::system_error.
void place(const ClientOptions& options, ClientSpec& spec, std::optional<OwnEnds>& own) {
  if (options.host) {
    spec.server = os::resolve(*options.host, options.port, options.ip_version).front();
  } else {
    own.emplace(options);
    spec.server = own->server();
  }
  if (options.bind) spec.local = os::resolve(*options.bind, 0, spec.server.version()).front();
  if (options.length) {
    spec.parameters.length = *options.length;
  } else if (spec.parameters.transport == Transport::udp) {
    spec.parameters.length = datagram_for(spec.server, options.path.lab);
  }
}

/// A test that came to nothing.
TestRecord failed(const ClientSpec& spec, const std::exception& failure) {
  TestRecord record;
  record.parameters = spec.parameters;
  record.cookie = spec.cookie;
  record.remote = spec.server;
  record.began = wall_now();
  record.error = failure.what();
  return record;
}

TestRecord measure(const ClientOptions& options, Teller& teller, std::optional<OwnEnds>& own,
                   std::stop_token stop) {
  ClientSpec spec = options.spec;
  spec.cookie = cookie();
  try {
    place(options, spec, own);
    teller.connecting(options.host.value_or(spec.server.address_to_string()), spec);
    if (own) return own->run(spec, teller.events(), stop);
    auto workers =
        std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()));
    return run_client(spec, teller.events(), workers, stop);
  } catch (const std::exception& failure) {
    TestRecord record = failed(spec, failure);
    record.interrupted = stop.stop_requested();
    return record;
  }
}

}  // namespace

int run(const ClientOptions& options) {
  const auto& lab = options.path.lab;
  TruthFile truth_file(options.path.truth_file, lab ? lab->capture_file : std::nullopt);
  Output output(options.log_file, {options.text.title, options.text.timestamps});
  if (options.affinity) os::run_on({{*options.affinity}});
  if (options.has_default_rate) {
    complain("UDP at 1 Mbit/s, iperf3's default: -b RATE offers another, -b 0 as much as goes");
  }
  Teller teller(options, output);
  std::optional<Interrupt> interrupt;
  std::optional<OwnEnds> own;
  TestRecord record;
  try {
    // Only a process with one thread can.
    if (lab) os::become_able_to_make_namespaces();
    interrupt.emplace();
    record = measure(options, teller, own, interrupt->token());
  } catch (const std::exception& failure) {
    record = failed(options.spec, failure);
  }
  const std::optional<Truth> truth = own ? own->stop() : std::nullopt;
  teller.over(record, truth ? &*truth : nullptr);
  int status = interrupt ? interrupt->exit_status() : 0;
  if (output.finish() != 0) status = 1;
  if (truth && !truth_file.write(*truth)) status = 1;
  if (record.error) {
    complain(*record.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
