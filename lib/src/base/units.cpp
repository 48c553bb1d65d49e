#include "netduel/base/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace netduel {
namespace {

/// A text cut into the digits before the point, those behind it, and the suffix. One of the first
/// two may be empty.
struct Quantity {
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;

  std::string_view number() const {
    const std::size_t point = fraction.empty() ? 0 : 1;
    return {whole.data(), whole.size() + point + fraction.size()};
  }
};

std::string_view leading_digits(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

std::optional<Quantity> split(std::string_view text) {
  Quantity quantity;
  quantity.whole = leading_digits(text);
  if (quantity.whole.empty() && !text.starts_with('.')) return std::nullopt;
  text.remove_prefix(quantity.whole.size());
  if (text.starts_with('.')) {
    quantity.fraction = leading_digits(text.substr(1));
    if (quantity.fraction.empty()) return std::nullopt;
    text.remove_prefix(1 + quantity.fraction.size());
  }
  quantity.suffix = text;
  return quantity;
}

std::optional<double> to_double(const Quantity& quantity) {
  const std::string_view text = quantity.number();
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The number times `factor`, rounded down; exact, since a double would lose octets above 2^53 and
/// make 0.3 of 1000 into 299. nullopt on overflow and for fractions of the smallest unit.
std::optional<std::uint64_t> multiply(const Quantity& quantity, std::uint64_t factor) {
  if (factor == 1 && !quantity.fraction.empty()) return std::nullopt;
  std::uint64_t whole = 0;
  const auto end = quantity.whole.data() + quantity.whole.size();
  if (!quantity.whole.empty() &&
      std::from_chars(quantity.whole.data(), end, whole).ec != std::errc{}) {
    return std::nullopt;
  }

  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (whole > most / factor) return std::nullopt;
  std::uint64_t part = 0;
  for (auto digit = quantity.fraction.rbegin(); digit != quantity.fraction.rend(); ++digit) {
    part = (part + static_cast<std::uint64_t>(*digit - '0') * factor) / 10;
  }
  if (whole * factor > most - part) return std::nullopt;
  return whole * factor + part;
}

struct Suffix {
  std::string_view text;
  std::uint64_t factor;
};

std::optional<std::uint64_t> factor_of(std::string_view suffix, std::span<const Suffix> known) {
  const auto found = std::ranges::find(known, suffix, &Suffix::text);
  if (found == known.end()) return std::nullopt;
  return found->factor;
}

constexpr std::uint64_t kibi = 1024;
constexpr std::uint64_t kilo = 1000;

constexpr Suffix octet_suffixes[] = {
    {"", 1},
    {"B", 1},
    {"K", kibi},
    {"k", kibi},
    {"Ki", kibi},
    {"KiB", kibi},
    {"kB", kilo},
    {"M", kibi* kibi},
    {"m", kibi* kibi},
    {"Mi", kibi* kibi},
    {"MiB", kibi* kibi},
    {"MB", kilo* kilo},
    {"G", kibi* kibi* kibi},
    {"g", kibi* kibi* kibi},
    {"Gi", kibi* kibi* kibi},
    {"GiB", kibi* kibi* kibi},
    {"GB", kilo* kilo* kilo},
    {"T", kibi* kibi* kibi* kibi},
    {"t", kibi* kibi* kibi* kibi},
    {"Ti", kibi* kibi* kibi* kibi},
    {"TiB", kibi* kibi* kibi* kibi},
    {"TB", kilo* kilo* kilo* kilo},
};

constexpr std::uint64_t second = 1'000'000'000;

constexpr Suffix duration_suffixes[] = {
    {"ns", 1},    {"us", 1000},       {"ms", 1'000'000},    {"s", second},
    {"", second}, {"m", 60 * second}, {"h", 3600 * second},
};

/// Takes a decimal prefix of a bit rate off the front of `suffix` and returns what it stands for.
double take_prefix(std::string_view& suffix) {
  constexpr std::string_view letters = "kKmMgGtT";
  const std::size_t letter = suffix.empty() ? letters.npos : letters.find(suffix.front());
  if (letter == letters.npos) return 1;
  suffix.remove_prefix(1);
  constexpr std::array<double, 4> factors = {1e3, 1e6, 1e9, 1e12};
  return factors[letter / 2];
}

constexpr std::uint8_t largest_code_point = 63;

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

/// The names of IANA's registry of code points; csN is 8 N, and afNM is 8 N + 2 M.
std::optional<std::uint8_t> named_code_point(std::string_view name) {
  const auto digit = [&](std::size_t place) { return static_cast<unsigned>(name[place] - '0'); };
  if (name == "ef") return 46;
  if (name == "voice-admit") return 44;
  if (name == "le") return 1;
  if (name.size() == 3 && name.starts_with("cs") && digit(2) <= 7) {
    return static_cast<std::uint8_t>(8 * digit(2));
  }
  if (name.size() == 4 && name.starts_with("af") && digit(2) >= 1 && digit(2) <= 4 &&
      digit(3) >= 1 && digit(3) <= 3) {
    return static_cast<std::uint8_t>(8 * digit(2) + 2 * digit(3));
  }
  return std::nullopt;
}

std::string fixed(double number, int decimals) {
  // The largest double has 309 digits before the point.
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.begin(), text.end(), number, std::chars_format::fixed, decimals).ptr;
  return {text.begin(), end};
}

/// How many decimals show three significant digits; bounded, for what is all but zero.
int decimals_for(double number) {
  const double size = std::abs(number);
  if (size == 0 || !std::isfinite(size)) return 0;
  const int decimals = static_cast<int>(std::clamp(2 - std::floor(std::log10(size)), 0.0, 12.0));
  // 9.996 rounds to 10.0, which has its third digit one place further left.
  const bool carries = decimals > 0 && std::round(size * std::pow(10, decimals)) >= 1000;
  return carries ? decimals - 1 : decimals;
}

bool is_whole(double number) {
  return std::abs(number - std::round(number)) <= 1e-9 * std::abs(number);
}

struct Scale {
  double factor;
  std::string_view unit;
};

/// With the largest unit of which there is one, once rounded: 999.6 of one are 1.00 of the next.
std::string with_scale(double number, std::span<const Scale> scales) {
  std::size_t i = 0;
  while (i + 1 < scales.size() && std::abs(number) / scales[i].factor >= 999.5) ++i;
  return format_number(number / scales[i].factor).append(" ").append(scales[i].unit);
}

}  // namespace

std::optional<double> parse_bit_rate(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  std::string_view unit = quantity->suffix;
  const double factor = take_prefix(unit);
  constexpr std::array<std::string_view, 5> units = {"", "bit", "bit/s", "bps", "b"};
  if (std::ranges::find(units, unit) == units.end()) return std::nullopt;
  const auto number = to_double(*quantity);
  if (!number || !std::isfinite(*number * factor)) return std::nullopt;
  return *number * factor;
}

std::optional<std::uint64_t> parse_octets(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  const auto factor = factor_of(quantity->suffix, octet_suffixes);
  if (!factor) return std::nullopt;
  return multiply(*quantity, *factor);
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  const auto factor = factor_of(quantity->suffix, duration_suffixes);
  if (!factor) return std::nullopt;
  const auto count = multiply(*quantity, *factor);
  if (!count || *count > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  const std::chrono::nanoseconds duration(static_cast<std::int64_t>(*count));
  return negative ? -duration : duration;
}

std::optional<double> parse_ratio(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  const bool percent = quantity->suffix == "%";
  if (!percent && !quantity->suffix.empty()) return std::nullopt;
  const auto number = to_double(*quantity);
  if (!number) return std::nullopt;
  const double ratio = percent ? *number / 100 : *number;
  if (ratio > 1) return std::nullopt;
  return ratio;
}

std::optional<std::uint8_t> parse_dscp(std::string_view text) {
  const std::string name = in_lower_case(text);
  if (const auto point = named_code_point(name)) return point;
  const bool hexadecimal = name.starts_with("0x");
  const std::string_view digits = std::string_view(name).substr(hexadecimal ? 2 : 0);
  if (!hexadecimal && digits.size() > 1 && digits.front() == '0') return std::nullopt;
  std::uint8_t point = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, point, hexadecimal ? 16 : 10);
  if (error != std::errc{} || stop != end || point > largest_code_point) return std::nullopt;
  return point;
}

std::string format_bit_rate(double bits_per_second) {
  constexpr Scale scales[] = {
      {1, "bit/s"}, {1e3, "kbit/s"}, {1e6, "Mbit/s"}, {1e9, "Gbit/s"}, {1e12, "Tbit/s"}};
  return with_scale(bits_per_second, scales);
}

std::string format_octets(std::uint64_t octets) {
  constexpr std::array<std::string_view, 4> units = {" KiB", " MiB", " GiB", " TiB"};
  if (octets == 1) return "1 octet";
  if (octets == 0 || octets % kibi != 0) {
    return (octets < 10'000 ? std::to_string(octets) : format_count(octets)) + " octets";
  }
  std::uint64_t count = octets / kibi;
  std::size_t unit = 0;
  for (; unit + 1 < units.size() && count % kibi == 0; ++unit) count /= kibi;
  return (count < 10'000 ? std::to_string(count) : format_count(count)).append(units[unit]);
}

std::string format_duration(double seconds) {
  if (seconds == 0) return "0 s";
  constexpr Scale scales[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
  return with_scale(seconds * 1e9, scales);
}

std::string format_ratio(double ratio) {
  std::string text = format_number(ratio * 100);
  if (text.find('.') != text.npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

std::string format_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t behind = 3; behind < text.size(); behind += 4) {
    text.insert(text.size() - behind, 1, ' ');
  }
  return text;
}

std::string format_number(double number) {
  if (number == 0) return "0";  // and not "-0"
  return fixed(number, is_whole(number) ? 0 : decimals_for(number));
}

}  // namespace netduel
