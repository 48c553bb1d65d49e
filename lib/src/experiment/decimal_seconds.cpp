#include "experiment/decimal_seconds.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace netduel {
namespace {

bool is_digit(char one) {
  return one >= '0' && one <= '9';
}

/// Takes a sign away; whether it was a minus.
bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// Of the text behind an "e"; one beyond a million is as good as a million.
std::optional<std::int64_t> exponent_of(std::string_view text) {
  constexpr std::int64_t most = 1'000'000;
  const bool negative = take_sign(text);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::int64_t exponent = 0;
  for (const char digit : text) exponent = std::min(most, 10 * exponent + (digit - '0'));
  return negative ? -exponent : exponent;
}

/// The digits of a number, and how many of them are before its point; that may be less than none,
/// or more than there are.
struct Digits {
  std::string all;
  std::int64_t whole = 0;
};

std::optional<Digits> digits_of(std::string_view text) {
  const auto e = text.find_first_of("eE");
  const auto exponent =
      e == text.npos ? std::optional<std::int64_t>(0) : exponent_of(text.substr(e + 1));
  text = text.substr(0, e);
  const auto point = text.find('.');
  Digits digits{.all = std::string(text.substr(0, point)), .whole = 0};
  digits.whole = static_cast<std::int64_t>(digits.all.size());
  if (point != text.npos) digits.all += text.substr(point + 1);
  if (!exponent || digits.all.empty() || !std::ranges::all_of(digits.all, is_digit)) {
    return std::nullopt;
  }
  const auto zeros = std::min(digits.all.find_first_not_of('0'), digits.all.size());
  digits.all.erase(0, zeros);
  digits.whole += *exponent - static_cast<std::int64_t>(zeros);
  return digits;
}

}  // namespace

std::optional<std::chrono::nanoseconds> decimal_seconds(std::string_view text) {
  constexpr std::int64_t in_nanoseconds = 9;  // digits more before the point
  constexpr std::int64_t most_digits = 19;    // of the furthest time in nanoseconds
  const bool negative = take_sign(text);
  const auto digits = digits_of(text);
  if (!digits) return std::nullopt;
  const std::int64_t before_point = digits->whole + in_nanoseconds;
  if (digits->all.empty() || before_point < 0) return std::chrono::nanoseconds(0);
  if (before_point > most_digits) return std::nullopt;
  const auto digit = [&](std::int64_t n) {
    const auto at = static_cast<std::size_t>(n);
    return static_cast<std::uint64_t>(at < digits->all.size() ? digits->all[at] - '0' : 0);
  };
  std::uint64_t count = 0;
  for (std::int64_t n = 0; n < before_point; ++n) count = 10 * count + digit(n);
  if (digit(before_point) >= 5) ++count;
  if (count > static_cast<std::uint64_t>(furthest_logged_time.count())) return std::nullopt;
  const std::chrono::nanoseconds time(static_cast<std::int64_t>(count));
  return negative ? -time : time;
}

}  // namespace netduel
