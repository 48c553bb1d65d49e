#include "option_values.hpp"

#include <algorithm>
#include <charconv>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"
#include "os/stream.hpp"

namespace netduel::tool {

void refuse(std::string_view option, std::string_view given, std::string_view works) {
  throw UsageError(fmt::format("{} {}: {}", option, given.empty() ? "''" : given, works));
}

std::uint64_t whole_number(std::string_view option, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest, std::string_view works) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < lowest || value > highest) refuse(option, text, works);
  return value;
}

std::uint64_t seed(const std::optional<std::string>& text) {
  if (!text) return std::random_device{}();
  return whole_number("--seed", *text, 0, UINT64_MAX,
                      "a whole number from 0 to 18446744073709551615");
}

std::string congestion(const std::string& name) {
  const auto known = os::available_congestion_controls();
  if (!known.empty() && std::ranges::find(known, name) == known.end()) {
    refuse("--congestion", name,
           fmt::format("this kernel has no such congestion control; it has {}",
                       fmt::join(known, ", ")));
  }
  return name;
}

std::size_t message_octets(const std::string& text) {
  constexpr std::uint64_t largest_message = largest_udp_payload_v4;
  const auto octets = parse_octets(text);
  if (!octets || *octets < Probe::octets || *octets > largest_message) {
    refuse("--length", text,
           fmt::format("a message is {} to {} octets long (its probe takes {})", Probe::octets,
                       largest_message, Probe::octets));
  }
  return static_cast<std::size_t>(*octets);
}

IpVersion ip_version(bool v4, bool v6) {
  if (v4 && v6) throw UsageError("-4 -6: choose one of the two");
  return v6 ? IpVersion::v6 : IpVersion::v4;
}

std::chrono::nanoseconds timeout(std::string_view option, const std::string& text,
                                 std::chrono::nanoseconds shortest,
                                 std::chrono::nanoseconds longest) {
  const bool plain =
      !text.empty() && text.size() < 12 && text.find_first_not_of("0123456789") == text.npos;
  const auto time = parse_duration(plain ? text + "ms" : text);
  if (!time || *time < shortest || *time > longest) {
    const auto seconds = [](std::chrono::nanoseconds value) {
      return format_duration(std::chrono::duration<double>(value).count());
    };
    refuse(option, text,
           fmt::format("{} to {}: 3000 (milliseconds, as iperf3 has it) or 3s, for example",
                       seconds(shortest), seconds(longest)));
  }
  return *time;
}

}  // namespace netduel::tool
