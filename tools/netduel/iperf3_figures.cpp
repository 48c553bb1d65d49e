#include "iperf3_figures.hpp"

#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace netduel::tool {
namespace {

constexpr std::string_view prefixes = " KMGT";

/// Three digits at least, as iperf3 has them.
std::string digits(double value) {
  if (value < 9.995) return fmt::format("{:4.2f}", value);
  if (value < 99.95) return fmt::format("{:4.1f}", value);
  return fmt::format("{:4.0f}", value);
}

std::string scaled(double value, double step, char prefix, std::string_view unit) {
  std::size_t chosen = 0;
  if (prefix == 'A') {
    while (value >= step && chosen + 1 < prefixes.size()) {
      value /= step;
      ++chosen;
    }
  } else {
    chosen = prefixes.find(prefix);
    for (std::size_t i = 0; i < chosen; ++i) value /= step;
  }
  const std::string_view letter = prefixes.substr(chosen, chosen == 0 ? 0 : 1);
  return fmt::format("{} {}{}", digits(value), letter, unit);
}

}  // namespace

std::string transfer_text(double octets) {
  return scaled(octets, 1024, 'A', "Bytes");
}

std::string window_text(double octets) {
  return transfer_text(octets);
}

std::string rate_text(double bits_per_second, char unit) {
  const char prefix = static_cast<char>(std::toupper(static_cast<unsigned char>(unit)));
  if (unit != 'a' && unit == prefix) return scaled(bits_per_second / 8, 1024, prefix, "Bytes/sec");
  return scaled(bits_per_second, 1000, prefix, "bits/sec");
}

std::string span_text(double from_seconds, double to_seconds) {
  return fmt::format("{:6.2f}-{:<6.2f} sec", from_seconds, to_seconds);
}

}  // namespace netduel::tool
