#include "multicast_commands.hpp"

#include <CLI/CLI.hpp>

namespace netduel::tool {
namespace {

constexpr auto multicast_examples = R"(Examples:
  netduel multicast demo                       the four patterns, on this machine
  netduel multicast receive 239.1.2.3          on each receiver
  netduel multicast send 239.1.2.3 -b 10M      on the sender: a line for each receiver
  netduel multicast compare --receivers 1,2,4,8,16,32

Each takes --help and --json.
)";

constexpr auto send_examples = R"(Examples:
  netduel multicast send 239.1.2.3 -b 10M -t 5
  netduel multicast send 239.1.2.3:6000 --interface eth0 --ttl 4
  netduel multicast send ff15::1234 --interface eth0
  netduel multicast send 10.0.0.255                a broadcast address
  netduel multicast send 10.0.0.2,10.0.0.3         the same to some addresses, one by one
  netduel multicast send 239.1.2.3 --format iperf2 to iperf -s -u -B 239.1.2.3

Exit status: 0 done, 1 the run failed, 2 the call was wrong; 129, 130 or 143
interrupted (what was seen until then is printed all the same).
)";

constexpr auto receive_examples = R"(Examples:
  netduel multicast receive 239.1.2.3
  netduel multicast receive 232.1.2.3 --source 10.0.0.1 --interface eth0
  netduel multicast receive 239.1.2.3 --receivers 200
  netduel multicast receive 0.0.0.0                what is sent to this host or broadcast
  netduel multicast receive 239.1.2.3 --streams 3  until three senders are done

Ends when the streams that it heard are over. Exit status: 0 done, 1 the run failed, 2 the
call was wrong; 129, 130 or 143 interrupted (what was seen until then is printed all the same).
)";

constexpr auto compare_examples = R"(Examples:
  netduel multicast compare
  netduel multicast compare --receivers 1,4,16 -b 10M --trials 5
  netduel multicast compare --loss 1% --delay 10ms         each receiver's link
  netduel multicast compare --receivers 1,8 --port 3:loss=5%
  netduel multicast compare --csv costs.csv
  netduel multicast compare --json                         schema netduel/multicast-compare/1

Each receiver is a host of its own in an emulated network, or, where none can be made, all
are over loopback. Exit status: 0 done, 1 the run failed, 2 the call was wrong; 129, 130 or
143 interrupted (what was measured until then is printed all the same).
)";

constexpr auto demo_examples = R"(Examples:
  netduel multicast demo
  netduel multicast demo --receivers 16 --seed 7   the same links each time

Each receiver is a host of its own with a link that loses some packets (netduel lab --hosts);
where no networks can be made, all goes over loopback. Exit status: 0 done, 1 a run failed or a
receiver counted something else than its link, 2 the call was wrong; 129, 130 or 143 interrupted.
)";

constexpr auto json_help = "Print one JSON document and nothing else";

void add_send(CLI::App& multicast, MulticastSendTexts& texts) {
  CLI::App& send = *multicast.add_subcommand(
      "send", "Send a stream to a group, and show what each of its receivers got");
  send.add_option("GROUP", texts.to,
                  "ADDRESS[:PORT] of a group, a broadcast address or some addresses parted by "
                  "commas (port: 5201; iperf 2's: 5001)")
      ->required()
      ->delimiter(',');
  send.add_option("-I,--interface", texts.interface, "Multicast leaves through this interface");
  send.add_option("-T,--ttl", texts.ttl, "TTL or hop limit of multicast, 0 to 255 (default: 1)");
  send.add_option("--loopback", texts.loopback,
                  "Whether receivers on this host get it, too: on (default) or off");
  send.add_option("-b,--bitrate", texts.bitrate,
                  "Payload rate, bit/s with k M G decimal, or RATE/BURST (default: 10M); 0: as "
                  "much as goes");
  send.add_option("-l,--length", texts.length,
                  "Octets in a message, K M binary (default: 1448, or 1428 with IPv6)");
  send.add_option("-t,--time", texts.time, "Length of the stream (default: 10s)");
  send.add_option("-k,--blockcount", texts.count, "Send this many messages, in place of -t");
  send.add_option("--schedule", texts.schedule,
                  "When messages are due at a bitrate: periodic (default) or poisson");
  send.add_option("--format", texts.format,
                  "Of messages: netduel (default) or iperf2, for receivers of iperf 2");
  send.add_option("--lead", texts.lead,
                  "Announce the stream for this long before it begins (default: 500ms)");
  send.add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  send.add_option("-i,--interval", texts.interval,
                  "Time between two looks at a terminal (default: 1s)");
  send.add_option("--seed", texts.seed, "Seed of payload and schedule (default: random)");
  send.add_flag("--no-reports", texts.no_reports, "Ask receivers for no reports: pure one-way");
  send.add_flag("--verify", texts.verify,
                "Fill messages with a pattern and a CRC32C, for receivers to check");
  send.add_flag("-J,--json", texts.json, json_help);
  send.footer(send_examples);
}

void add_receive(CLI::App& multicast, MulticastReceiveTexts& texts) {
  CLI::App& receive = *multicast.add_subcommand(
      "receive", "Join a group, and tell what came of each of its senders");
  receive
      .add_option("GROUP", texts.group,
                  "ADDRESS[:PORT] of a group, a broadcast address or one of this host (port: "
                  "5201; iperf 2's: 5001)")
      ->required();
  receive.add_option("-I,--interface", texts.interface, "Join on this interface");
  receive.add_option("-S,--source", texts.source,
                     "Only what this address sends (source-specific multicast)");
  receive.add_option("--receivers", texts.receivers,
                     "So many receivers, each with a socket of its own (default: 1)");
  receive.add_option("--streams", texts.streams,
                     "Wait until so many streams have come and are over (default: 1)");
  receive.add_option("-t,--time", texts.time, "End after this time, whatever comes");
  receive.add_option("--format", texts.format,
                     "Of messages: netduel (default) or iperf2, for senders of iperf 2");
  receive.add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  receive.add_option("-i,--interval", texts.interval,
                     "Time between two looks at a terminal (default: 1s)");
  receive.add_option("--name", texts.name,
                     "What the sender's table calls this receiver (default: the host's name)");
  receive.add_flag("--no-reports", texts.no_reports, "Send no reports");
  receive.add_flag("-J,--json", texts.json, json_help);
  receive.footer(receive_examples);
}

void add_demo(CLI::App& multicast, MulticastDemoTexts& texts) {
  CLI::App& demo = *multicast.add_subcommand(
      "demo", "One-to-one, one-to-many, many-to-one and many-to-many, in plain words");
  demo.add_option("--receivers", texts.receivers, "How many receivers, 2 to 32 (default: 8)");
  demo.add_option("--seed", texts.seed, "Seed of all that is random (default: random)");
  demo.add_flag("-J,--json", texts.json, json_help);
  demo.footer(demo_examples);
}

void add_compare(CLI::App& multicast, MulticastCompareTexts& texts) {
  CLI::App& compare = *multicast.add_subcommand(
      "compare", "The same stream to N receivers by multicast, by unicast and by TCP");
  compare.add_option("--receivers", texts.receivers,
                     "How many receivers, a list parted by commas (default: 1,2,4,8,16,32)");
  compare.add_option("--trials", texts.trials,
                     "Trials of each method with each number of receivers (default: 3)");
  compare.add_option("-b,--bitrate", texts.bitrate,
                     "Payload rate of the stream, in bit/s with k M G decimal (default: 2M)");
  compare.add_option("-l,--length", texts.length,
                     "Octets in a message, K M binary (default: 1448, or 1428 with IPv6)");
  compare.add_option("-t,--time", texts.time, "Length of a trial (default: 1s)");
  compare.add_flag("-4", texts.v4, "IPv4 (default)");
  compare.add_flag("-6", texts.v6, "IPv6");
  compare.add_option("--seed", texts.seed,
                     "Seed of order, schedules and emulated links (default: random)");
  compare
      .add_option("--csv", texts.csv,
                  "Print comma-separated values in place of the table, or write them into a FILE")
      ->expected(0, 1)
      ->type_name("[FILE]");
  compare.add_flag("-J,--json", texts.json, json_help);
  texts.path.bind(compare);
  texts.ports.bind(compare);
  compare.footer(compare_examples);
}

}  // namespace

CLI::App* add_multicast(CLI::App& app, MulticastTexts& texts) {
  CLI::App* multicast =
      app.add_subcommand("multicast", "One sender, many receivers: what did each of them get?");
  multicast->require_subcommand(1);
  add_send(*multicast, texts.send);
  add_receive(*multicast, texts.receive);
  add_demo(*multicast, texts.demo);
  add_compare(*multicast, texts.compare);
  multicast->footer(multicast_examples);
  return multicast;
}

std::optional<Request> multicast_request(const CLI::App& multicast, const MulticastTexts& texts) {
  if (!multicast.parsed()) return std::nullopt;
  if (multicast.got_subcommand("send")) return to_options(texts.send);
  if (multicast.got_subcommand("receive")) return to_options(texts.receive);
  if (multicast.got_subcommand("demo")) return to_options(texts.demo);
  return to_options(texts.compare);
}

}  // namespace netduel::tool
