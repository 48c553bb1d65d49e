#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "integrity_options.hpp"
#include "multicast_format.hpp"
#include "multicast_texts.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"
#include "option_values.hpp"
#include "os/socket.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;

constexpr double usual_rate = 10e6;
constexpr std::size_t usual_octets_v4 = 1448;
constexpr std::size_t usual_octets_v6 = 1428;
constexpr std::size_t most_addresses = 256;
constexpr std::uint64_t most_messages = 1'000'000'000'000;
constexpr auto longest_lead = 60s;
constexpr auto shortest_interval = 100ms;
constexpr auto longest_interval = 60s;
constexpr std::string_view groups =
    "groups are 224.0.0.0 to 239.255.255.255 and ff00::/8, for example 239.1.2.3 or "
    "[ff15::1234]:6000";

/// RFC 4291, section 2.7: how far a group reaches.
unsigned scope_of(const Endpoint& group) {
  return group.address_octets()[1] & 0xfU;
}

bool is_broadcast_to_all(const Endpoint& to) {
  return to == Endpoint::v4({255, 255, 255, 255}, to.port());
}

Endpoint destination(const std::string& text, std::uint16_t usual_port) {
  const auto to = Endpoint::parse(text, usual_port, os::interface_index);
  if (!to) refuse("GROUP", text, fmt::format("ADDRESS[:PORT], no name; {}", groups));
  if (to->port() == 0) refuse("GROUP", text, "a port is a number from 1 to 65535");
  if (to->is_unspecified()) refuse("GROUP", text, groups);
  const std::uint8_t first = to->address_octets()[0];
  const bool is_v4 = to->version() == IpVersion::v4;
  // RFC 1112, section 4: what is behind the groups is nobody's address.
  if (is_v4 && (first == 0 || first >= 240) && !is_broadcast_to_all(*to)) {
    refuse("GROUP", text, fmt::format("out of the range of groups and hosts: {}", groups));
  }
  if (!is_v4 && to->is_multicast() && (scope_of(*to) == 0 || scope_of(*to) == 0xf)) {
    refuse("GROUP", text, "a group of a reserved scope (RFC 4291); ff15::1234 works, for example");
  }
  return *to;
}

std::vector<Endpoint> destinations(const std::vector<std::string>& texts,
                                   std::uint16_t usual_port) {
  std::vector<Endpoint> all;
  for (const std::string& text : texts) {
    const Endpoint to = destination(text, usual_port);
    if (std::ranges::find(all, to) != all.end()) refuse("GROUP", text, "each address once");
    if (!all.empty() && to.version() != all.front().version()) {
      refuse("GROUP", text, "addresses of one version of IP");
    }
    all.push_back(to);
  }
  const bool some_group = std::ranges::any_of(all, &Endpoint::is_multicast);
  if (all.size() > 1 && some_group) {
    throw UsageError(
        "GROUP: one group alone, or some addresses of hosts; a group goes with no "
        "other address");
  }
  if (all.size() > most_addresses) {
    throw UsageError(
        fmt::format("GROUP: up to {} addresses; a group has as many receivers as "
                    "you like",
                    most_addresses));
  }
  return all;
}

std::chrono::nanoseconds time_between(std::string_view option, const std::string& text,
                                      std::chrono::nanoseconds shortest,
                                      std::chrono::nanoseconds longest, std::string_view works) {
  const auto time = parse_duration(text);
  if (!time || *time < shortest || *time > longest) refuse(option, text, works);
  return *time;
}

void read_way(const MulticastSendTexts& texts, GroupSendSpec& spec) {
  spec.to = destinations(texts.to, usual_group_port(spec.plan.format));
  const bool to_group = spec.to.front().is_multicast();
  if (texts.interface) {
    spec.interface = *texts.interface;
    if (spec.interface.empty()) refuse("--interface", "", "its name or number, for example eth0");
    try {
      (void)os::interface_number(spec.interface, "--interface " + spec.interface);
    } catch (const std::system_error& error) {
      throw UsageError(error.what());
    }
  }
  // Such a group is another one on each link.
  if (to_group && spec.to.front().version() == IpVersion::v6 && scope_of(spec.to.front()) <= 2 &&
      spec.interface.empty() && spec.to.front().scope_id() == 0) {
    throw UsageError(fmt::format(
        "GROUP {}: it is another group on each link; --interface says which, for example "
        "--interface eth0",
        spec.to.front().address_to_string()));
  }
  if (texts.ttl) {
    spec.hop_limit = static_cast<std::uint8_t>(
        whole_number("--ttl", *texts.ttl, to_group ? 0 : 1, 255,
                     to_group ? "0 (this host alone) to 255" : "1 to 255, as it is no group"));
  }
  if (texts.loopback) {
    if (*texts.loopback != "on" && *texts.loopback != "off") {
      refuse("--loopback", *texts.loopback, "on or off");
    }
    if (!to_group) throw UsageError("--loopback: only what goes to a group has a choice");
    spec.loopback = *texts.loopback == "on";
  }
}

void read_rate(const MulticastSendTexts& texts, Plan& plan) {
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = usual_rate;
  if (texts.bitrate) {
    const RateAndBurst read = rate_and_burst(
        *texts.bitrate, "bit/s up to 1T, for example 10M or 10M/100; 0 for as much as goes");
    plan.bits_per_second = read.bits_per_second;
    if (read.burst) plan.burst_messages = *read.burst;
    if (read.bits_per_second <= 0) plan.schedule = ScheduleKind::back_to_back;
  }
  if (!texts.schedule) return;
  if (*texts.schedule != "periodic" && *texts.schedule != "poisson") {
    refuse("--schedule", *texts.schedule, "periodic or poisson");
  }
  if (plan.schedule == ScheduleKind::back_to_back) {
    throw UsageError("--schedule: at full speed (-b 0) there is none; a rate or no schedule works");
  }
  if (*texts.schedule == "poisson") plan.schedule = ScheduleKind::poisson;
}

void read_length(const MulticastSendTexts& texts, GroupSendSpec& spec) {
  const bool is_v4 = spec.to.front().version() == IpVersion::v4;
  Plan& plan = spec.plan;
  plan.message_octets = is_v4 ? usual_octets_v4 : usual_octets_v6;
  plan.verify = texts.verify;
  if (texts.length) plan.message_octets = message_octets(*texts.length, texts.verify);
  if (texts.time && texts.count)
    throw UsageError("-t -k: each ends the stream; choose one of them");
  plan.time = 10s;
  if (texts.time) {
    const auto time = parse_duration(*texts.time);
    if (!time || (*time != 0ns && (*time < 1ms || *time > endless_stream))) {
      refuse("--time", *texts.time,
             "1ms to 86400 seconds, for example 0.5, 500ms or 10; 0 goes on until Ctrl-C");
    }
    plan.time = *time == 0ns ? endless_stream : *time;
  }
  if (texts.count) {
    spec.messages = whole_number("--blockcount", *texts.count, 1, most_messages,
                                 "messages to send, for example 1000");
    plan.time = endless_stream;
  }
  const double messages =
      plan.messages_per_second() * std::chrono::duration<double>(plan.time).count();
  if (plan.schedule != ScheduleKind::back_to_back && messages < 1) {
    refuse("--bitrate", format_bit_rate(plan.bits_per_second),
           fmt::format("less than one message of {} octets in the stream's time; a higher rate, "
                       "shorter messages (-l) or a longer time (-t) works",
                       plan.message_octets));
  }
}

/// What iperf 2 has no word for, it can't be told.
void read_format(const MulticastSendTexts& texts, GroupSendSpec& spec) {
  spec.plan.format = group_format(texts.format);
  spec.reports = !texts.no_reports;
  if (spec.plan.format != MessageFormat::iperf2) return;
  spec.announces = false;
  spec.reports = false;
  if (texts.verify)
    throw UsageError("--verify: receivers of iperf 2 look at no octet of a message");
  if (texts.lead) throw UsageError("--lead: in iperf 2's format no stream is announced");
}

/// Its header, and one message before the last.
void check_room(const MulticastSendTexts& texts, const GroupSendSpec& spec) {
  if (spec.plan.format != MessageFormat::iperf2) return;
  const std::size_t header = header_octets(spec.plan.format);
  if (spec.plan.message_octets < header) {
    refuse("--length", texts.length.value_or(""),
           fmt::format("{} octets at least in iperf 2's format", header));
  }
  if (spec.messages && *spec.messages < 2) {
    refuse("--blockcount", texts.count.value_or(""),
           "2 messages at least in iperf 2's format, as the last one ends the stream");
  }
}

}  // namespace

MulticastSendOptions to_options(const MulticastSendTexts& texts) {
  MulticastSendOptions options;
  GroupSendSpec& spec = options.spec;
  read_format(texts, spec);
  read_way(texts, spec);
  read_rate(texts, spec.plan);
  read_length(texts, spec);
  check_room(texts, spec);
  spec.plan.seed = seed(texts.seed);
  spec.plan.pattern_seed = spec.plan.seed;
  if (texts.window) spec.plan.window_octets = window(*texts.window);
  if (texts.lead) {
    spec.lead =
        time_between("--lead", *texts.lead, 0s, longest_lead, "0 to 60 seconds, for example 500ms");
  }
  if (texts.interval) {
    const auto interval = parse_duration(*texts.interval);
    const bool fits =
        interval &&
        (*interval == 0ns || (*interval >= shortest_interval && *interval <= longest_interval));
    if (!fits) refuse("--interval", *texts.interval, "0.1 to 60 seconds, or 0 for none");
    options.interval = *interval;
  }
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
