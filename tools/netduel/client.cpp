#include "client.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client_text.hpp"
#include "experiment/lossless_report.hpp"
#include "experiment/test_report.hpp"
#include "interrupt.hpp"
#include "lossless.hpp"
#include "lossless_text.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "option_values.hpp"
#include "os/network_namespace.hpp"
#include "os/resolve.hpp"
#include "os/thread.hpp"
#include "output.hpp"
#include "own_ends.hpp"
#include "report/json.hpp"
#include "session/path_mtu.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"

namespace netduel::tool {
namespace {

/// What a datagram carries where the path's MTU is unknown, as iperf3 has it.
constexpr std::size_t usual_datagram = 1460;

/// `lab`: an emulated path to it.
std::size_t datagram_for(const Endpoint& server, const std::optional<LabSpec>& lab) {
  const auto known = lab ? lab->mtu_octets : UdpSocket::path_mtu_octets(server);
  if (!known) return usual_datagram;
  const std::size_t mtu = lab ? *known : usual_mtu_unless_known(known);
  const std::size_t ip =
      server.version() == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets;
  const std::size_t headers = ip + udp_header_octets;
  return std::min(mtu - std::min(headers, mtu), largest_udp_payload_v4);
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

  /// `truth`: of an emulated path, else null.
  void over(const TestRecord& record, const Truth* truth) {
    if (options_.json_stream) {
      if (!began_) event(start_event(record));
      if (record.error) event(error_event(record));
      event(with_finding(end_event(record, truth)));
    } else if (options_.json) {
      output_.raw(to_json(with_finding(describe_iperf3(record, truth))) + '\n');
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

/// Throws std::system_error when the client has no address of the server's IP version.
ServerRoute route_to(const Endpoint& server, const ClientOptions& options) {
  ServerRoute route{.server = server, .local = {}, .length = options.spec.parameters.length};
  if (options.bind) route.local = os::resolve(*options.bind, 0, server.version()).front();
  if (options.length) {
    route.length = *options.length;
  } else if (options.spec.parameters.transport == Transport::udp) {
    route.length = datagram_for(server, options.path.lab);
  }
  return route;
}

/// To all addresses that there is a way to, in their order.
std::vector<ServerRoute> routes_to(const std::vector<Endpoint>& servers,
                                   const ClientOptions& options) {
  std::vector<ServerRoute> routes;
  std::exception_ptr first_failure;
  for (const Endpoint& server : servers) {
    try {
      routes.push_back(route_to(server, options));
    } catch (const std::system_error&) {
      if (!first_failure) first_failure = std::current_exception();
    }
  }
  if (routes.empty()) std::rethrow_exception(first_failure);
  return routes;
}

/// Finds both ends and what depends on the path between them. Throws std::system_error.
void place(const ClientOptions& options, ClientSpec& spec, std::optional<OwnEnds>& own) {
  std::vector<Endpoint> servers;
  if (options.host) {
    servers = os::resolve(*options.host, options.port, options.ip_version);
  } else {
    own.emplace(options);
    servers = {own->server()};
  }
  const std::vector<ServerRoute> routes = routes_to(servers, options);
  spec.server = routes.front().server;
  spec.local = routes.front().local;
  spec.parameters.length = routes.front().length;
  spec.alternatives.assign(routes.begin() + 1, routes.end());
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
  try {
    place(options, spec, own);
    teller.connecting(options.host.value_or(spec.server.address_to_string()), spec);
    const auto workers =
        std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()));
    const auto run = [&](ClientSpec test, const ClientEvents& events) {
      test.cookie = random_cookie();
      return own ? own->run(test, events, stop) : run_client(test, events, workers, stop);
    };
    if (!options.seeks_lossless_rate) return run(spec, teller.events());
    LosslessRun search = find_lossless_rate(spec, run, teller.search_events(spec), stop);
    teller.found(std::move(search.finding));
    return std::move(search.record);
  } catch (const std::exception& failure) {
    TestRecord record = failed(spec, failure);
    record.interrupted = stop.stop_requested();
    return record;
  }
}

/// Before there are other threads, which go where this one does.
void run_on(unsigned processor) {
  if (os::run_on({{processor}})) return;
  const auto allowed = os::allowed_processors();
  refuse("--affinity", std::to_string(processor),
         allowed.empty() ? "this system can't bind a program to a processor"
                         : fmt::format("this program may run on {}", fmt::join(allowed, ", ")));
}

}  // namespace

int run(const ClientOptions& options) {
  const auto& lab = options.path.lab;
  TruthFile truth_file(options.path.truth_file, lab ? lab->capture_file : std::nullopt);
  Output output(options.log_file, {options.text.title, options.text.timestamps});
  if (options.affinity) run_on(*options.affinity);
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
    output.stop_on_failure(interrupt->source());
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

void print_failure(JsonForm form, const std::string& why) {
  TestRecord record;
  record.began = wall_now();
  record.error = why;
  print((form == JsonForm::events ? to_json_line(error_event(record))
                                  : to_json(describe_iperf3(record))) +
        '\n');
}

}  // namespace netduel::tool
