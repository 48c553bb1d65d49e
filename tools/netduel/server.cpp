#include "server.hpp"

#include <chrono>
#include <exception>

#include "concurrent_tests.hpp"
#include "experiment/test_report.hpp"
#include "interrupt.hpp"
#include "os/resolve.hpp"
#include "output.hpp"
#include "report/json.hpp"
#include "server_text.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

const auto now = std::chrono::steady_clock::now;

ServerEvents events_as_text(Output& output, ConcurrentTests& tests) {
  ServerEvents events;
  events.began = [&output, &tests](const TestRecord& record) {
    tests.began(record, now());
    output.lines(began_text(record));
  };
  events.ended = [&output, &tests](const TestRecord& record) {
    output.lines(ended_text(record, tests.ended(record, now())));
  };
  events.output_text = [](const TestRecord& record) { return streams_text(record); };
  events.turned_away = [](const std::string& why) { complain(why); };
  return events;
}

Report with_share(Report report, const ConcurrentTests::Share& share) {
  const Report::Scope scope(report, "netduel.concurrent");
  report.add("tests", std::uint64_t{share.tests});
  report.add_optional("jain_index", share.jain_index);
  return report;
}

ServerEvents events_as_json(Output& output, ConcurrentTests& tests) {
  ServerEvents events;
  events.began = [&tests](const TestRecord& record) { tests.began(record, now()); };
  events.ended = [&output, &tests](const TestRecord& record) {
    const auto beside = tests.ended(record, now());
    output.raw(to_json_line(with_share(describe_iperf3(record), beside.so_far)) + '\n');
  };
  events.output_json = [](const TestRecord& record) {
    return to_json_line(describe_iperf3(record));
  };
  events.turned_away = [](const std::string& why) { complain(why); };
  return events;
}

}  // namespace

namespace {

int serve(const ServerOptions& options, Output& output) {
  ServerSpec spec = options.spec;
  if (options.bind) {
    spec.address = os::resolve(*options.bind, spec.port, spec.ip_version).front();
  }
  ConcurrentTests tests;
  const Interrupt interrupt;
  Server server(spec, options.json ? events_as_json(output, tests) : events_as_text(output, tests));
  const std::string listening = listening_text(server.endpoints());
  if (options.json) {
    (void)std::fwrite(listening.data(), 1, listening.size(), stderr);
  } else {
    output.lines(listening);
  }
  if (!server.run(interrupt.token())) complain("no test for the idle time: the server ends");
  const int status = interrupt.exit_status();
  return output.finish() != 0 ? 1 : status;
}

}  // namespace

int run(const ServerOptions& options) {
  Output output({}, {});
  try {
    return serve(options, output);
  } catch (const std::exception& failure) {
    // Whoever reads lines of JSON learns of it there as well.
    TestRecord record;
    record.role = Role::server;
    record.error = failure.what();
    if (options.json) output.raw(to_json_line(describe_iperf3(record)) + '\n');
    throw;
  }
}

}  // namespace netduel::tool
