#include "option_values.hpp"

#include <algorithm>
#include <charconv>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "integrity_options.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"
#include "os/stream.hpp"

namespace netduel::tool {
namespace {

constexpr std::uint64_t largest_message = largest_udp_payload_v4;
constexpr double highest_bitrate = 1e12;
constexpr auto longest_time = std::chrono::hours(1);
constexpr std::uint64_t longest_burst = 1000;  // iperf3's MAX_BURST

}  // namespace

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

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma = list.find(','); comma != list.npos; comma = list.find(',', begin)) {
    parts.push_back(list.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.push_back(list.substr(begin));
  return parts;
}

std::uint64_t seed(const std::optional<std::string>& text) {
  if (!text) return std::random_device{}();
  return whole_number("--seed", *text, 0, UINT64_MAX,
                      "a whole number from 0 to 18446744073709551615");
}

std::string congestion(const std::string& name, bool in_own_network) {
  const auto known =
      in_own_network ? os::loaded_congestion_controls() : os::available_congestion_controls();
  if (!known.empty() && std::ranges::find(known, name) == known.end()) {
    refuse("--congestion", name,
           fmt::format("this kernel has no such congestion control; it has {}",
                       fmt::join(known, ", ")));
  }
  return name;
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

std::size_t message_octets(const std::string& text, bool verify) {
  const auto octets = parse_octets(text);
  if (verify) check_verified_length(text, octets);
  if (!octets || *octets < Probe::octets || *octets > largest_message) {
    refuse("--length", text,
           fmt::format("a message is {} to {} octets long (its probe takes {})", Probe::octets,
                       largest_message, Probe::octets));
  }
  return static_cast<std::size_t>(*octets);
}

std::chrono::nanoseconds trial_time(const std::string& text) {
  const auto time = parse_duration(text);
  if (!time || *time < std::chrono::milliseconds(1) || *time > longest_time) {
    refuse("--time", text, "a trial takes 1ms to 1h, for example 0.5, 500ms or 10s");
  }
  return *time;
}

double bitrate(const std::string& text, std::string_view otherwise) {
  const auto rate = parse_bit_rate(text);
  if (rate && *rate > highest_bitrate) refuse("--bitrate", text, "at most 1T, a terabit a second");
  if (!rate || *rate <= 0) {
    refuse("--bitrate", text,
           fmt::format("a paced run needs a rate above 0, for example 10M or 1.5Gbit/s; {}",
                       otherwise));
  }
  return *rate;
}

RateAndBurst rate_and_burst(const std::string& text, std::string_view works) {
  const std::size_t slash = text.find('/');
  // The slash may belong to a unit: 10Mbit/s.
  const bool has_burst = slash != text.npos && slash + 1 < text.size() && text[slash + 1] >= '0' &&
                         text[slash + 1] <= '9';
  const auto rate = parse_bit_rate(std::string_view(text).substr(0, has_burst ? slash : text.npos));
  if (!rate || *rate > highest_bitrate) refuse("--bitrate", text, works);
  RateAndBurst read{.bits_per_second = *rate};
  if (has_burst) {
    read.burst = whole_number("--bitrate", text.substr(slash + 1), 1, longest_burst,
                              "behind the slash, a burst of 1 to 1000 messages");
  }
  return read;
}

std::size_t window(const std::string& text) {
  constexpr std::uint64_t largest_window = std::uint64_t{1} << 30;
  const auto octets = parse_octets(text);
  if (!octets || *octets == 0 || *octets > largest_window) {
    refuse("--window", text, "a socket buffer is 1 octet to 1G, for example 64K or 4M");
  }
  return static_cast<std::size_t>(*octets);
}

IpVersion ip_version(bool v4, bool v6) {
  if (v4 && v6) throw UsageError("-4 -6: choose one of the two");
  return v6 ? IpVersion::v6 : IpVersion::v4;
}

void check_rate(const CompareSpec& spec) {
  if (!spec.bits_per_second) return;
  const double per_message = 8.0 * static_cast<double>(spec.message_length());
  const double time = std::chrono::duration<double>(spec.trial_time()).count();
  const double messages = *spec.bits_per_second / per_message * time;
  if (messages >= 1) return;
  throw UsageError(fmt::format(
      "--bitrate {}: less than one message of {} octets in {}; a higher rate, shorter "
      "messages (-l) or a longer time (-t) works",
      format_bit_rate(*spec.bits_per_second), spec.message_length(), format_duration(time)));
}

}  // namespace netduel::tool
