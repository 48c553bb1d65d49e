#include "bufferbloat.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "bufferbloat_text.hpp"
#include "experiment/bufferbloat_report.hpp"
#include "interrupt.hpp"
#include "os/network_namespace.hpp"
#include "os/resolve.hpp"
#include "own_ends.hpp"
#include "report/json.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"

namespace netduel::tool {
namespace {

/// Both ends here; a test sends one way or the other, so no end has a processor to itself.
ClientOptions own_ends_for(const BufferbloatOptions& options) {
  ClientOptions ends;
  ends.path = options.path;
  ends.port = options.port;
  ends.ip_version = options.ip_version;
  ends.spec = options.spec.client;
  ends.spec.parameters.direction = TestDirection::both;
  return ends;
}

void place(const BufferbloatOptions& options, BufferbloatSpec& spec, std::optional<OwnEnds>& own) {
  if (!options.host) {
    own.emplace(own_ends_for(options));
    spec.client.server = own->server();
    return;
  }
  const auto servers = os::resolve(*options.host, options.port, options.ip_version);
  spec.client.server = servers.front();
  for (auto other = servers.begin() + 1; other != servers.end(); ++other) {
    spec.client.alternatives.push_back({.server = *other, .local = {}, .length = 0});
  }
}

Bufferbloat measure(const BufferbloatSpec& spec, std::optional<OwnEnds>& own,
                    const std::stop_token& stop) {
  const auto workers =
      std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()));
  const RunTest run = [&](ClientSpec test, const ClientEvents& events) {
    test.cookie = random_cookie();
    return own ? own->run(test, events, stop) : run_client(test, events, workers, stop);
  };
  const BufferbloatTold told{
      .progress = [](const std::string& phase,
                     std::chrono::nanoseconds left) { show_progress(progress_text(phase, left)); },
      .loading =
          [&](const Bufferbloat& known) {
            if (own) return;
            show_progress({});
            complain(announcement(known));
          }};
  const std::function<Truth()> truth =
      own ? std::function<Truth()>([&] { return own->truth(); }) : nullptr;
  return measure_bufferbloat(spec, run, truth, told, stop);
}

int report(const BufferbloatOptions& options, const Bufferbloat& result) {
  if (options.json) return print(to_json(describe(result)) + '\n');
  return result.phases.empty() ? 0 : print(as_text(result, output_is_styled()));
}

}  // namespace

int run(const BufferbloatOptions& options) {
  const auto& lab = options.path.lab;
  TruthFile truth_file(options.path.truth_file, lab ? lab->capture_file : std::nullopt);
  std::optional<Interrupt> interrupt;
  std::optional<OwnEnds> own;
  Bufferbloat result;
  result.spec = options.spec;
  try {
    // Only a process with one thread can.
    if (lab) os::become_able_to_make_namespaces();
    interrupt.emplace();
    place(options, result.spec, own);
    result = measure(result.spec, own, interrupt->token());
  } catch (const std::exception& failure) {
    result.error = failure.what();
  }
  show_progress({});
  if (own) result.truth = own->stop();
  int status = interrupt ? interrupt->exit_status() : 0;
  if (interrupt && status != 0) result.interrupted = true;
  if (report(options, result) != 0) status = 1;
  if (result.interrupted && result.phases.empty())
    complain("interrupted before anything was measured");
  if (result.truth && !truth_file.write(*result.truth)) status = 1;
  if (result.error) {
    complain(*result.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
