#include "session_commands.hpp"

#include <array>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "usage_error.hpp"

namespace netduel::tool {
namespace {

constexpr auto client_examples =
    R"(Without HOST both ends run in this process, over loopback or an emulated path.

Examples:
  netduel client 192.0.2.7                 TCP for 10 s to a server, netduel's or iperf3's
  netduel client host.example -u -b 50M    UDP at 50 Mbit/s
  netduel client host.example -R -P 4      the server sends, 4 streams
  netduel client -u -b 0 -t 500ms          UDP at full speed over loopback
  netduel client -u --loss 1% --delay 20ms both ends here, over a bad network
  netduel client host.example -u -b max-lossless   the rate that the receiver keeps up with
  netduel client host.example --json > result.json

Exit status: 0 done, 1 the test failed, 2 the call was wrong; 129, 130 or 143
interrupted (what was measured until then is printed all the same).
)";

constexpr auto server_examples = R"(Serves clients of netduel and of iperf3, many at the same time.

Examples:
  netduel server
  netduel server -p 5300 --max-tests 4 --max-rate 1G
  netduel server -1 --json                 one test, its result as one line of JSON
)";

struct Missing {
  std::string_view names;
  std::string_view instead;
};

constexpr std::string_view no_sctp = "netduel has no SCTP; TCP (without the option) or -u for UDP";
constexpr std::string_view no_sctp_here = "netduel has no SCTP; it serves TCP and UDP without it";
constexpr std::string_view no_login =
    "netduel has no logins; bind the server to an address that only friends reach (-B), or use a "
    "tunnel";
constexpr std::string_view no_debug = "netduel has no debug output; -V says more, -J says all";

/// What iperf3 has in both modes and netduel has not.
constexpr auto missing_in_both = std::to_array<Missing>({
    {"-I,--pidfile", "netduel writes none; the shell's $! is the number of what it started"},
    {"--forceflush", "netduel writes out each line at once; leave it out"},
    {"-d,--debug", no_debug},
});

constexpr std::string_view servers_only = "that is the server's; leave it out";

constexpr auto missing_in_client = std::to_array<Missing>({
    {"-1,--one-off", servers_only},
    {"-D,--daemon", "that is the server's; a client ends with its test, and & puts it behind"},
    {"--idle-timeout", "that is the server's; --rcv-timeout ends a test that stands still"},
    {"--server-bitrate-limit", "that is the server's; -b sets the rate of a client"},
    {"--server-max-duration", "that is the server's; -t sets the time of a test"},
    {"--rsa-private-key-path", no_login},
    {"--authorized-users-path", no_login},
    {"--time-skew-threshold", no_login},
    {"--sctp", no_sctp},
    {"-X,--xbind", no_sctp},
    {"--nstreams", no_sctp},
    {"-F,--file", "netduel sends no files; without it random octets are sent"},
    {"-L,--flowlabel", "netduel sets no flow labels; -S or --dscp mark packets"},
    {"--username", no_login},
    {"--rsa-public-key-path", no_login},
    {"--use-pkcs1-padding", no_login},
    {"--pacing-timer", "netduel paces each message by itself; leave it out"},
    {"--snd-timeout", "netduel has --rcv-timeout, which watches both directions"},
    {"--cntl-ka", "netduel sends no keepalives; --rcv-timeout ends a test that stands still"},
    {"--json-stream-full-output", "--json-stream gives the events, -J the whole document"},
    {"-m,--mptcp", "netduel has no multipath TCP; -P gives parallel streams"},
    {"--gsro", "netduel uses UDP's offload by itself; --no-offload turns it off"},
});

constexpr std::string_view clients_say = "the client says that; leave it out";

constexpr auto missing_in_server = std::to_array<Missing>({
    {"-u,--udp", "the client says that; one server serves both UDP and TCP"},
    {"-t,--time", "the client says that; --max-time bounds it"},
    {"-b,--bitrate", "the client says that; --max-rate bounds it"},
    {"-n,--bytes", clients_say},
    {"-k,--blockcount", clients_say},
    {"-l,--length", clients_say},
    {"-P,--parallel", clients_say},
    {"-O,--omit", clients_say},
    {"-R,--reverse", clients_say},
    {"--bidir", clients_say},
    {"--full-duplex", clients_say},
    {"-w,--window", clients_say},
    {"-M,--set-mss", clients_say},
    {"-N,--no-delay", clients_say},
    {"-C,--congestion", clients_say},
    {"-S,--tos", clients_say},
    {"--dscp", clients_say},
    {"--fq-rate", clients_say},
    {"--dont-fragment", clients_say},
    {"--cport", clients_say},
    {"--connect-timeout", clients_say},
    {"-Z,--zerocopy", clients_say},
    {"--skip-rx-copy", clients_say},
    {"--repeating-payload", clients_say},
    {"--udp-counters-64bit", clients_say},
    {"--verify", clients_say},
    {"--no-udp-checksum", clients_say},
    {"-T,--title", clients_say},
    {"--extra-data", clients_say},
    {"--get-server-output", clients_say},
    {"-L,--flowlabel", clients_say},
    {"-F,--file", "netduel stores no payload; leave it out"},
    {"--json-stream", "-J prints a line of JSON for each test"},
    {"--sctp", no_sctp_here},
    {"-X,--xbind", no_sctp_here},
    {"--nstreams", no_sctp_here},
    {"--username", no_login},
    {"--rsa-public-key-path", no_login},
    {"--use-pkcs1-padding", no_login},
    {"-D,--daemon", "netduel stays in the foreground; a service manager or nohup ... & keeps it"},
    {"--server-bitrate-limit", "netduel has --max-rate"},
    {"--server-max-duration", "netduel has --max-time"},
    {"--rsa-private-key-path", no_login},
    {"--authorized-users-path", no_login},
    {"--time-skew-threshold", no_login},
    {"--cntl-ka", "netduel sends no keepalives; --rcv-timeout ends a test that stands still"},
    {"-i,--interval", "netduel's server tells of whole tests; the client has -i"},
    {"-f,--format", "netduel's server picks units that suit; -J has plain numbers"},
    {"-V,--verbose", "netduel's server has one kind of text; -J says all"},
    {"--logfile", "the shell's > writes the output into a file"},
    {"--timestamps", "ts(1) puts the time before each line; -J has the time of each test"},
    {"-A,--affinity", "taskset(1) puts the server on a processor; a client's -A n,m asks for one"},
    {"--bind-dev", "netduel server has -B ADDRESS"},
});

void add_missing(CLI::App& command, std::span<const Missing> options) {
  for (const Missing& option : options) {
    // A hidden flag, so that whatever follows it doesn't matter.
    const auto tell = [&option](const std::string&) {
      throw UsageError(
          fmt::format("{}: {}", option.names.substr(option.names.rfind(',') + 1), option.instead));
    };
    command.add_option_function<std::string>(std::string(option.names), tell)
        ->expected(0, 1)
        ->trigger_on_parse()
        ->group("");
  }
}

void add_amount(CLI::App& client, ClientTexts& texts) {
  client.add_option("-t,--time", texts.time,
                    "Length of the test in seconds, also 1.5 or 500ms (default: 10; 0: until "
                    "Ctrl-C, a day at most)");
  client.add_option("-n,--bytes", texts.octets,
                    "Send this many octets, K M G binary, in place of -t");
  client.add_option("-k,--blockcount", texts.blocks, "Send this many messages, in place of -t");
  client.add_option(
      "-b,--bitrate", texts.bitrate,
      "Payload rate of each stream, bit/s with k M G decimal, or RATE/BURST (default: "
      "UDP 1M as iperf3, TCP as much as goes); 0: as much as goes; max-lossless, with -u: finds "
      "the highest rate without loss");
  client.add_option("-l,--length", texts.length,
                    "Octets written at once, or of a datagram, K M binary (default: TCP 128K; UDP "
                    "what fits the path, on loopback 1472 or 1452 with IPv6)");
  client.add_option("-P,--parallel", texts.parallel, "Streams at the same time (default: 1)");
  client.add_option("-O,--omit", texts.omit, "Leave the first seconds out of the results");
}

void add_direction(CLI::App& client, ClientTexts& texts) {
  client.add_flag("-R,--reverse", texts.reverse, "The server sends, the client receives");
  client.add_flag("--bidir", texts.bidir, "Both send, on streams of their own");
  client.add_flag("--full-duplex", texts.full_duplex,
                  "Both send on the same TCP connections (netduel servers only)");
}

void add_sockets(CLI::App& client, ClientTexts& texts) {
  client.add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  client.add_option("-M,--set-mss", texts.mss, "TCP's maximum segment size");
  client.add_flag("-N,--no-delay", texts.no_delay, "Turn off Nagle's algorithm");
  client.add_option("-C,--congestion", texts.congestion,
                    "TCP's congestion control (default: the system's)");
  client.add_option("-S,--tos", texts.type_of_service,
                    "The type of service octet, 0 to 255, also 0x34 or 064");
  client.add_option("--dscp", texts.dscp, "Differentiated services, by number or name (ef, af21)");
  client.add_option("--fq-rate", texts.fq_rate, "Let the kernel's fq pace the sockets, bit/s");
  client.add_flag("--dont-fragment", texts.dont_fragment, "Set IPv4's Don't Fragment for UDP");
  client.add_option("-B,--bind", texts.bind, "Come from this address, or ADDRESS%DEVICE");
  client.add_option("--bind-dev", texts.bind_device, "Use this network interface alone");
  client.add_option("--cport", texts.client_port, "Port of the first stream; others have the next");
  client.add_flag("-4,--version4", texts.v4, "IPv4 only");
  client.add_flag("-6,--version6", texts.v6, "IPv6 only");
  client.add_option("--connect-timeout", texts.connect_timeout,
                    "Give up connecting after this many milliseconds (or 3s)");
  client.add_option("--rcv-timeout", texts.receive_timeout,
                    "Give up when nothing moved for this many milliseconds (default: 120000)");
}

void add_payload(CLI::App& client, ClientTexts& texts) {
  client.add_flag("-Z,--zerocopy", texts.zero_copy, "Send without copying; no probes in messages");
  client.add_flag("--skip-rx-copy", texts.skip_receive_copy,
                  "Receive without copying; no probes in messages");
  client.add_flag("--repeating-payload", texts.repeating_payload, "Digits in place of noise");
  client.add_flag("--udp-counters-64bit", texts.counters_64_bit, "64-bit numbers in UDP datagrams");
  client.add_flag("--no-offload", texts.no_offload,
                  "Send and receive single UDP packets, without UDP_SEGMENT and UDP_GRO");
  client.add_flag("--verify", texts.verify,
                  "Fill messages with a pattern and a CRC32C, and check each that comes (netduel "
                  "servers only)");
  client.add_flag("--no-udp-checksum", texts.no_udp_checksum,
                  "Send UDP without its checksum (IPv4; one datagram at a time)");
  client.add_option("--seed", texts.seed, "Seed of payload and schedules (default: random)");
}

void add_output(CLI::App& client, ClientTexts& texts) {
  client.add_option("-i,--interval", texts.interval,
                    "Seconds between reports (default: 1; 0: only at the end)");
  client.add_option("-f,--format", texts.format,
                    "Unit of rates: k m g t for bits, K M G T for octets");
  client.add_flag("-V,--verbose", texts.verbose, "Say more");
  client.add_flag("-J,--json", texts.json, "Print one JSON document, iperf3's, and nothing else");
  client.add_flag("--json-stream", texts.json_stream, "Print a line of JSON for each event");
  client.add_option("--logfile", texts.log_file, "Append the output to this file");
  client.add_flag("--timestamps{%c}", texts.timestamps,
                  "The time before each line; =FORMAT as strftime(3) has it");
  client.add_option("-T,--title", texts.title, "Put this before each line");
  client.add_option("--extra-data", texts.extra_data, "Carry this text into the JSON documents");
  client.add_flag("--get-server-output", texts.get_server_output, "Print the server's words too");
  client.add_option("-A,--affinity", texts.affinity,
                    "Run on processor N, or N,M with the server's");
}

}  // namespace

CLI::App* add_client(CLI::App& app, ClientTexts& texts) {
  CLI::App* client = app.add_subcommand(
      "client", "Measure TCP or UDP to a server, netduel's or iperf3's; iperf3's options");
  // As getopt(3) programs have it: wrappers put their options behind those of a user.
  client->option_defaults()->take_last();
  client->add_option(
      "HOST", texts.host,
      "Name or address (default: both ends here, over loopback or an emulated path)");
  client->add_option("-p,--port", texts.port,
                     "The server's port (default: 5201; without HOST: any free one)");
  client->add_flag("-u,--udp", texts.udp, "UDP in place of TCP");
  add_amount(*client, texts);
  add_direction(*client, texts);
  add_sockets(*client, texts);
  add_payload(*client, texts);
  add_output(*client, texts);
  texts.path.bind(*client);
  add_missing(*client, missing_in_both);
  add_missing(*client, missing_in_client);
  client->footer(client_examples);
  return client;
}

CLI::App* add_server(CLI::App& app, ServerTexts& texts) {
  CLI::App* server = app.add_subcommand("server", "Serve clients of netduel and of iperf3");
  server->option_defaults()->take_last();
  server->add_option("-p,--port", texts.port, "Port to listen on (default: 5201; 0: a free one)");
  server->add_option("-B,--bind", texts.bind, "Listen on this address only");
  server->add_flag("-4,--version4", texts.v4, "IPv4 only");
  server->add_flag("-6,--version6", texts.v6, "IPv6 only");
  server->add_flag("-1,--one-off", texts.one_off, "End after one test");
  server->add_flag("-J,--json", texts.json, "Print a line of JSON for each test and nothing else");
  server->add_option("--max-tests", texts.max_tests,
                     "Tests at the same time (default: any number)");
  server->add_option("--max-time", texts.max_time, "Refuse longer tests, seconds or 5m");
  server->add_option("--max-rate", texts.max_rate,
                     "Refuse tests of more bit/s in all, and those without a limit");
  server->add_option("--idle-timeout", texts.idle_timeout,
                     "End when no test ran for this long, seconds or 5m");
  server->add_option("--rcv-timeout", texts.receive_timeout,
                     "End a test when nothing came for this many milliseconds (default: 120000)");
  add_missing(*server, missing_in_both);
  add_missing(*server, missing_in_server);
  server->footer(server_examples);
  return server;
}

}  // namespace netduel::tool
