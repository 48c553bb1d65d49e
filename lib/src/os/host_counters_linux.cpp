#include "os/host_counters.hpp"

#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include <sys/utsname.h>

namespace netduel::os {
namespace {

// Of the calling thread and not of the process: each end of a trial may run in a network namespace
// of its own, and /proc/net shows that of the process's first thread.
constexpr const char* snmp_file = "/proc/thread-self/net/snmp";
constexpr const char* snmp6_file = "/proc/thread-self/net/snmp6";
constexpr const char* softnet_file = "/proc/net/softnet_stat";

std::optional<std::uint64_t> number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in_file(const char* path) {
  std::string text;
  std::ifstream(path) >> text;
  return number(text);
}

std::optional<std::string> word_in_file(const char* path) {
  std::string word;
  std::ifstream(path) >> word;
  return word.empty() ? std::nullopt : std::optional(word);
}

/// A figure of the two lines "Udp: names..." and "Udp: values...", or those of another protocol.
std::optional<std::uint64_t> figure_of_snmp(std::string_view protocol, std::string_view name) {
  std::ifstream file(snmp_file);
  std::string names, values;
  while (std::getline(file, names) && std::getline(file, values)) {
    if (!names.starts_with(protocol)) continue;
    std::istringstream each_name(names), each_value(values);
    std::string candidate, value;
    while (each_name >> candidate && each_value >> value) {
      if (candidate == name) return number(value);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> udp_of_snmp(std::string_view name) {
  return figure_of_snmp("Udp:", name);
}

/// A figure of the lines "Udp6Name value".
std::optional<std::uint64_t> udp_of_snmp6(std::string_view name) {
  std::ifstream file(snmp6_file);
  const std::string wanted = "Udp6" + std::string(name);
  std::string candidate, value;
  while (file >> candidate >> value) {
    if (candidate == wanted) return number(value);
  }
  return std::nullopt;
}

/// Packets dropped because a processor's backlog was full: the second, hexadecimal column of a
/// line for each processor (net/core/net-procfs.c).
std::optional<std::uint64_t> softnet_drops() {
  std::ifstream file(softnet_file);
  std::optional<std::uint64_t> total;
  std::string line, processed, dropped;
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    if (!(columns >> processed >> dropped)) return std::nullopt;
    const auto drops = number(dropped, 16);
    if (!drops) return std::nullopt;
    total = total.value_or(0) + *drops;
  }
  return total;
}

/// Linux books most of IPv6's under IPv4's counter (udp_recvmsg knows but one), so that it takes
/// both to cover them.
std::optional<std::uint64_t> checksum_errors_of_v6() {
  const auto own = udp_of_snmp6("InCsumErrors");
  const auto misplaced = udp_of_snmp("InCsumErrors");
  return own ? std::optional(*own + misplaced.value_or(0)) : std::nullopt;
}

}  // namespace

HostTotals host_totals(IpVersion version) {
  const auto udp = version == IpVersion::v4 ? udp_of_snmp : udp_of_snmp6;
  return {
      .receive_buffer_errors = udp("RcvbufErrors"),
      .memory_errors = udp("MemErrors"),
      .checksum_errors = version == IpVersion::v4 ? udp("InCsumErrors") : checksum_errors_of_v6(),
      .tcp_checksum_errors = figure_of_snmp("Tcp:", "InCsumErrors"),
      .softnet_drops = softnet_drops()};
}

HostFacts host_facts() {
  HostFacts facts;
  utsname system{};
  if (uname(&system) == 0) {
    facts.system =
        std::string(system.sysname) + " " + system.release + " " + std::string(system.machine);
  }
  facts.processors = std::thread::hardware_concurrency();
  facts.receive_buffer_limit_octets = number_in_file("/proc/sys/net/core/rmem_max");
  facts.send_buffer_limit_octets = number_in_file("/proc/sys/net/core/wmem_max");
  facts.clock_source =
      word_in_file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  return facts;
}

}  // namespace netduel::os
