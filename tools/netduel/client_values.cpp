#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "experiment/lab_path.hpp"
#include "integrity_options.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/probe.hpp"
#include "option_values.hpp"
#include "session_texts.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;

// iperf3's limits, by its names.
constexpr std::uint64_t most_streams = 128;           // MAX_STREAMS
constexpr std::uint64_t longest_tcp_write = 1 << 20;  // MAX_BLOCKSIZE
constexpr std::uint64_t shortest_datagram = 16;       // MIN_UDP_BLOCKSIZE
constexpr std::uint64_t longest_datagram = 65507;     // MAX_UDP_BLOCKSIZE
constexpr std::uint64_t largest_window = 512 << 20;   // MAX_TCP_BUFFER
constexpr std::uint64_t largest_mss = 9 * 1024;       // MAX_MSS
constexpr auto longest_test = 86400s;                 // MAX_TIME
constexpr auto longest_omit = 600s;                   // MAX_OMIT_TIME
constexpr auto shortest_interval = 100ms;             // MIN_INTERVAL
constexpr auto longest_interval = 60s;                // MAX_INTERVAL
/// Linux refuses less (TCP_MIN_MSS).
constexpr std::uint64_t smallest_mss = 88;
constexpr double highest_rate = 1e12;
constexpr double default_udp_rate = 1e6;
constexpr std::string_view found_rate = "max-lossless";
/// Tmax at the end (RFC 7680, section 2.3): longer than a queue in a usual path holds anything
/// back.
constexpr auto drain = 250ms;
/// ECN has the other two bits of the octet (RFC 2474, section 3).
constexpr unsigned dscp_shift = 2;

std::uint16_t port(std::string_view option, const std::string& text) {
  return static_cast<std::uint16_t>(
      whole_number(option, text, 1, 65535, "a port is a number from 1 to 65535"));
}

std::chrono::seconds whole_seconds(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time);
}

std::uint64_t amount(std::string_view option, const std::string& text, std::string_view works) {
  const auto value = parse_octets(text);
  if (!value || *value == 0) refuse(option, text, works);
  return *value;
}

void read_end(const ClientTexts& texts, TestParameters& parameters) {
  NetduelParameters& netduel = *parameters.netduel;
  if ((texts.time ? 1 : 0) + (texts.octets ? 1 : 0) + (texts.blocks ? 1 : 0) > 1) {
    throw UsageError("-t -n -k: each ends the test; choose one of them");
  }
  netduel.time = 10s;
  if (texts.time) {
    const auto time = parse_duration(*texts.time);
    const bool fits = time && (*time == 0ns || (*time >= 1ms && *time <= longest_test));
    if (!fits) {
      refuse("--time", *texts.time,
             "a test takes 1ms to 86400 seconds, for example 0.5, 500ms or 10; 0 goes on until "
             "Ctrl-C");
    }
    netduel.time = *time == 0ns ? longest_test : *time;
  }
  if (texts.octets) {
    parameters.octets = amount("--bytes", *texts.octets, "octets to send, for example 64K or 1G");
  }
  if (texts.blocks) {
    parameters.blocks = amount("--blockcount", *texts.blocks, "messages to send, for example 1000");
  }
  if (texts.octets || texts.blocks) netduel.time = 0ns;
  if (texts.omit) {
    const auto omit = parse_duration(*texts.omit);
    if (!omit || *omit < 0ns || *omit > longest_omit) {
      refuse("--omit", *texts.omit, "0 to 600 seconds, for example 2 or 500ms");
    }
    netduel.omit = *omit;
  }
  parameters.time = whole_seconds(netduel.time);
  parameters.omit = whole_seconds(netduel.omit);
}

/// The rate that the receiver keeps up with, for tests that could be repeated at one rate after the
/// other.
void read_search(const ClientTexts& texts, ClientOptions& options) {
  const auto refuse_it = [](std::string_view why) {
    throw UsageError(fmt::format("--bitrate {}: {}", found_rate, why));
  };
  if (!texts.udp) {
    refuse_it("it is for UDP, with -u; TCP finds its own rate, without -b");
  }
  if (texts.octets || texts.blocks) {
    refuse_it("its trials end after a time: -t works in place of -n and -k");
  }
  if (texts.time && parse_duration(*texts.time) == 0ns) {
    refuse_it("the rate is confirmed by a test with an end: -t 10 works, -t 0 doesn't");
  }
  options.seeks_lossless_rate = true;
  options.spec.parameters.bits_per_second = default_udp_rate;
}

void read_rate(const ClientTexts& texts, ClientOptions& options) {
  TestParameters& parameters = options.spec.parameters;
  if (texts.bitrate == found_rate) {
    read_search(texts, options);
  } else if (texts.bitrate) {
    const RateAndBurst read = rate_and_burst(
        *texts.bitrate,
        "bit/s up to 1T, for example 10M or 10M/100; 0 for as much as goes; max-lossless "
        "with -u for what the receiver keeps up with");
    parameters.bits_per_second = read.bits_per_second;
    if (read.burst) parameters.burst = *read.burst;
  } else if (texts.udp) {
    parameters.bits_per_second = default_udp_rate;
    options.has_default_rate = true;
  }
  parameters.netduel->schedule =
      parameters.bits_per_second > 0 ? ScheduleKind::periodic : ScheduleKind::back_to_back;
  if (texts.fq_rate) {
    const auto rate = parse_bit_rate(*texts.fq_rate);
    if (!rate || *rate < 8 || *rate > highest_rate) {
      refuse("--fq-rate", *texts.fq_rate, "8 bit/s to 1T, for example 10M");
    }
    parameters.fq_bits_per_second = rate;
  }
}

void read_length(const ClientTexts& texts, ClientOptions& options) {
  if (!texts.length) return;
  const std::uint64_t shortest = texts.udp ? shortest_datagram : 1;
  const std::uint64_t longest = texts.udp ? longest_datagram : longest_tcp_write;
  const auto octets = parse_octets(*texts.length);
  if (!octets || *octets < shortest || *octets > longest) {
    refuse("--length", *texts.length,
           fmt::format("{} {} to {} octets", texts.udp ? "a datagram has" : "TCP takes", shortest,
                       longest));
  }
  options.length = static_cast<std::size_t>(*octets);
}

void read_direction(const ClientTexts& texts, TestParameters& parameters) {
  if ((texts.reverse ? 1 : 0) + (texts.bidir ? 1 : 0) + (texts.full_duplex ? 1 : 0) > 1) {
    throw UsageError("-R --bidir --full-duplex: each is a direction; choose one of them");
  }
  if (texts.full_duplex && texts.udp) {
    throw UsageError("--full-duplex is for TCP; --bidir does it with UDP");
  }
  if (texts.reverse) parameters.direction = TestDirection::reverse;
  if (texts.bidir || texts.full_duplex) parameters.direction = TestDirection::both;
  parameters.netduel->full_duplex = texts.full_duplex;
}

std::uint8_t type_of_service(const std::string& text) {
  int base = 10;
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.starts_with('0')) {
    base = 8;
  }
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size() || value > 255) {
    refuse("--tos", text, "an octet: 0 to 255, 0x0 to 0xff or 0 to 0377");
  }
  return static_cast<std::uint8_t>(value);
}

void refuse_for(const ClientTexts& texts) {
  const auto only = [](std::string_view option, std::string_view transport) {
    throw UsageError(
        fmt::format("{} is for {} only: {}", option, transport,
                    transport == "TCP" ? "leave out -u or it" : "add -u or leave it out"));
  };
  if (texts.udp && texts.mss) only("--set-mss", "TCP");
  if (texts.udp && texts.no_delay) only("--no-delay", "TCP");
  if (texts.udp && texts.congestion) only("--congestion", "TCP");
  if (!texts.udp && texts.dont_fragment) only("--dont-fragment", "UDP");
  if (!texts.udp && texts.counters_64_bit) only("--udp-counters-64bit", "UDP");
  if (!texts.udp && texts.no_offload) only("--no-offload", "UDP");
  if (!texts.udp && texts.no_udp_checksum) only("--no-udp-checksum", "UDP");
}

/// What is checked must be netduel's own, and must be looked at.
void read_integrity(const ClientTexts& texts, ClientOptions& options) {
  const auto not_with = [](bool given, std::string_view option) {
    if (!given) return;
    throw UsageError(fmt::format(
        "--verify {}: messages that are verified have a content of their own, and are read; leave "
        "out one of the two",
        option));
  };
  if (texts.verify) {
    not_with(texts.zero_copy, "--zerocopy");
    not_with(texts.skip_receive_copy, "--skip-rx-copy");
    not_with(texts.repeating_payload, "--repeating-payload");
    if (texts.length) check_verified_length(*texts.length, options.length);
  }
  options.spec.parameters.netduel->verify = texts.verify;
  if (!texts.no_udp_checksum) return;
  check_no_udp_checksum(texts.v6, texts.host);
  options.ip_version = IpVersion::v4;
  options.spec.parameters.udp_checksum = false;
}

void read_sockets(const ClientTexts& texts, TestParameters& parameters) {
  if (texts.window) {
    const auto octets = parse_octets(*texts.window);
    if (!octets || *octets == 0 || *octets > largest_window) {
      refuse("--window", *texts.window, "a socket buffer is 1 octet to 512M, for example 64K");
    }
    parameters.window_octets = static_cast<std::size_t>(*octets);
  }
  if (texts.mss) {
    parameters.mss_octets = whole_number("--set-mss", *texts.mss, smallest_mss, largest_mss,
                                         "a segment is 88 to 9216 octets, for example 1400");
  }
  parameters.no_delay = texts.no_delay;
  if (texts.congestion) {
    parameters.congestion = congestion(*texts.congestion, texts.path.any_given().has_value());
  }
  if (texts.type_of_service && texts.dscp) {
    throw UsageError("-S --dscp: both set the same octet; choose one of them");
  }
  if (texts.type_of_service) parameters.traffic_class = type_of_service(*texts.type_of_service);
  if (texts.dscp) {
    const auto code = parse_dscp(*texts.dscp);
    if (!code) refuse("--dscp", *texts.dscp, "0 to 63, or a name such as ef, af21, cs1 or le");
    parameters.traffic_class = static_cast<std::uint8_t>(*code << dscp_shift);
  }
  parameters.dont_fragment = texts.dont_fragment;
}

void read_places(const ClientTexts& texts, ClientOptions& options) {
  if (texts.port) options.port = port("--port", *texts.port);
  options.has_port = texts.port.has_value();
  if (texts.client_port) options.spec.first_port = port("--cport", *texts.client_port);
  if (texts.v4 && texts.v6) throw UsageError("-4 -6: choose one of the two");
  if (texts.v4 || texts.v6) options.ip_version = texts.v4 ? IpVersion::v4 : IpVersion::v6;
  // iperf3 has a device behind the address here and there.
  const auto take = [&options](const std::string& text) {
    const std::size_t percent = text.find('%');
    // The zone of an IPv6 address belongs to the address.
    if (percent == text.npos || text.find(':') != text.npos) return text;
    options.spec.interface = text.substr(percent + 1);
    return text.substr(0, percent);
  };
  if (texts.host) {
    options.host = take(*texts.host);
    if (options.host->empty()) refuse("HOST", *texts.host, "a name or an address");
  }
  if (texts.bind) {
    options.bind = take(*texts.bind);
    if (options.bind->empty()) refuse("--bind", *texts.bind, "an address of this host");
  }
  if (texts.bind_device) options.spec.interface = *texts.bind_device;
  if (texts.affinity) {
    constexpr auto works = "a processor's number from 0 to 1023, or two with a comma, ours first";
    const std::size_t comma = texts.affinity->find(',');
    options.affinity = static_cast<unsigned>(
        whole_number("--affinity", texts.affinity->substr(0, comma), 0, 1023, works));
    if (comma != std::string::npos) {
      options.spec.parameters.server_affinity = static_cast<unsigned>(
          whole_number("--affinity", texts.affinity->substr(comma + 1), 0, 1023, works));
    }
  }
}

void read_waits(const ClientTexts& texts, ClientSpec& spec) {
  if (texts.connect_timeout) {
    spec.connect_timeout = timeout("--connect-timeout", *texts.connect_timeout, 1ms, 24h);
  }
  if (texts.receive_timeout) {
    spec.stall_timeout = timeout("--rcv-timeout", *texts.receive_timeout, 100ms, 24h);
  }
  if (texts.interval) {
    const auto interval = parse_duration(*texts.interval);
    const bool fits =
        interval &&
        (*interval == 0ns || (*interval >= shortest_interval && *interval <= longest_interval));
    if (!fits) refuse("--interval", *texts.interval, "0.1 to 60 seconds, or 0 for none");
    spec.interval = *interval;
  }
}

void read_output(const ClientTexts& texts, ClientOptions& options) {
  if (texts.format) {
    constexpr std::string_view units = "kmgtKMGT";
    if (texts.format->size() != 1 || units.find(texts.format->front()) == units.npos) {
      refuse("--format", *texts.format, "one of k m g t (bits) and K M G T (octets)");
    }
    options.text.unit = texts.format->front();
  }
  options.text.verbose = texts.verbose;
  options.text.title = texts.title.value_or("");
  // iperf3's default has a space behind it.
  if (!texts.timestamps.empty()) {
    options.text.timestamps = texts.timestamps == "%c" ? "%c " : texts.timestamps;
  }
  options.json = texts.json;
  options.json_stream = texts.json_stream;
  options.log_file = texts.log_file;
  if (texts.log_file && texts.log_file->empty()) {
    refuse("--logfile", *texts.log_file, "a file; without it the output goes to standard output");
  }
}

/// Both ends here, perhaps with an emulated path between them.
void read_path(const ClientTexts& texts, ClientOptions& options) {
  if (texts.host) {
    const auto given = texts.path.any_given();
    if (!given) return;
    throw UsageError(fmt::format(
        "{}: an emulated path runs between two ends here; leave HOST or it out", *given));
  }
  ClientSpec& spec = options.spec;
  NetduelParameters& netduel = *spec.parameters.netduel;
  options.path = texts.path.read(netduel.seed, options.ip_version.value_or(IpVersion::v4));
  if (!options.path.lab) return;
  spec.has_own_path = true;
  spec.path = known_path(*options.path.lab, Direction::a_to_b);
  if (!texts.connect_timeout) spec.connect_timeout += spec.path.patience;
  netduel.drain = std::max(netduel.drain, options.path.lab->drain());
}

}  // namespace

ClientOptions to_options(const ClientTexts& texts) {
  refuse_for(texts);
  ClientOptions options;
  TestParameters& parameters = options.spec.parameters;
  parameters.netduel.emplace();
  parameters.netduel->version = NETDUEL_VERSION;
  parameters.netduel->drain = drain;
  parameters.netduel->offload = !texts.no_offload;
  parameters.netduel->seed = seed(texts.seed);
  parameters.client_version = NETDUEL_VERSION;
  parameters.transport = texts.udp ? Transport::udp : Transport::tcp;
  read_end(texts, parameters);
  read_rate(texts, options);
  read_length(texts, options);
  read_direction(texts, parameters);
  read_sockets(texts, parameters);
  read_places(texts, options);
  read_integrity(texts, options);
  read_waits(texts, options.spec);
  read_path(texts, options);
  read_output(texts, options);
  if (texts.parallel) {
    parameters.parallel = static_cast<unsigned>(
        whole_number("--parallel", *texts.parallel, 1, most_streams, "1 to 128 streams"));
  }
  parameters.zero_copy = texts.zero_copy;
  parameters.skip_receive_copy = texts.skip_receive_copy;
  parameters.repeating_payload = texts.repeating_payload;
  parameters.counters_64_bit = texts.counters_64_bit;
  parameters.wants_server_output = texts.get_server_output;
  parameters.title = texts.title.value_or("");
  parameters.extra_data = texts.extra_data.value_or("");
  const bool has_room = options.length.value_or(parameters.length) >= Probe::octets;
  parameters.netduel->probes = !texts.zero_copy && !texts.skip_receive_copy && has_room;
  return options;
}

}  // namespace netduel::tool
