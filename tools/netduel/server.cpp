#include "server.hpp"

#include "experiment/test_report.hpp"
#include "interrupt.hpp"
#include "os/resolve.hpp"
#include "output.hpp"
#include "report/json.hpp"
#include "server_text.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

ServerEvents events_as_text(Output& output, ServerText& text) {
  const auto now = std::chrono::steady_clock::now;
  ServerEvents events;
  events.began = [&output, &text, now](const TestRecord& record) {
    output.lines(text.began(record, now()));
  };
  events.ended = [&output, &text, now](const TestRecord& record) {
    output.lines(text.ended(record, now()));
  };
  events.output_text = [](const TestRecord& record) { return streams_text(record); };
  events.turned_away = [](const std::string& why) { complain(why); };
  return events;
}

ServerEvents events_as_json(Output& output) {
  ServerEvents events;
  events.ended = [&output](const TestRecord& record) {
    output.raw(to_json_line(describe_iperf3(record)) + '\n');
  };
  events.output_json = [](const TestRecord& record) {
    return to_json_line(describe_iperf3(record));
  };
  events.turned_away = [](const std::string& why) { complain(why); };
  return events;
}

}  // namespace

int run(const ServerOptions& options) {
  ServerSpec spec = options.spec;
  if (options.bind) {
    spec.address = os::resolve(*options.bind, spec.port, spec.ip_version).front();
  }
  Output output({}, {});
  ServerText text;
  const Interrupt interrupt;
  Server server(spec, options.json ? events_as_json(output) : events_as_text(output, text));
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

}  // namespace netduel::tool
