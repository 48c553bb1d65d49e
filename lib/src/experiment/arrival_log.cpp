#include "experiment/arrival_log.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The fields of a row, one after the other.
class Fields {
 public:
  explicit Fields(std::string_view row) : rest_(row) {}
  /// nullopt behind the last.
  std::optional<std::string_view> next() {
    if (!rest_) return std::nullopt;
    const auto comma = rest_->find(',');
    const std::string_view field = trimmed(rest_->substr(0, comma));
    rest_ =
        comma == std::string_view::npos ? std::nullopt : std::optional(rest_->substr(comma + 1));
    return field;
  }

 private:
  std::optional<std::string_view> rest_;
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Decimal seconds, to the nanosecond: a double would lose those of today's dates.
std::optional<Time> seconds_of(std::string_view text) {
  constexpr std::int64_t in_a_second = 1'000'000'000;
  constexpr std::uint64_t most_seconds = 9'000'000'000;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole_text = text.substr(0, point);
  std::string_view part_text = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (text.starts_with('-') || (whole_text.empty() && part_text.empty())) return std::nullopt;
  if (text.find_first_of("eE") != text.npos) {
    const auto number = number_of<double>(text);
    if (!number || !(*number < static_cast<double>(most_seconds))) return std::nullopt;
    const Time time(std::llround(*number * static_cast<double>(in_a_second)));
    return negative ? -time : time;
  }
  const auto whole = whole_text.empty() ? 0 : number_of<std::uint64_t>(whole_text);
  if (!whole || *whole > most_seconds) return std::nullopt;
  std::int64_t part = 0;
  std::int64_t worth = in_a_second / 10;
  for (const char digit : part_text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    part += worth * (digit - '0');
    worth /= 10;
  }
  const Time time(static_cast<std::int64_t>(*whole) * in_a_second + part);
  return negative ? -time : time;
}

/// What is wrong with a row; nullptr when it was read.
const char* read_row(std::string_view row, LoggedMessage& message) {
  constexpr std::uint64_t largest_sequence = (std::uint64_t{1} << 63) - 1;
  Fields fields(row);
  const auto sequence = number_of<std::uint64_t>(fields.next().value_or(""));
  if (!sequence || *sequence > largest_sequence) {
    return "the sequence is a whole number from 0 to 9223372036854775807";
  }
  const auto sent_text = fields.next();
  const auto sent = seconds_of(sent_text.value_or(""));
  const auto arrived_text = fields.next();
  const auto arrived = seconds_of(arrived_text.value_or(""));
  message = {
      .sequence = *sequence, .sent = sent.value_or(Time{}), .arrived = arrived.value_or(Time{})};
  message.lost = arrived_text && arrived_text->empty();
  message.undated = message.lost && sent_text->empty();
  if (!sent && !message.undated) return "the time of sending is a number of seconds";
  if (!message.lost && !arrived) {
    return "the time of arrival is a number of seconds, or empty for a message that never came";
  }
  const auto octets_text = fields.next();
  if (!octets_text) return nullptr;
  const auto octets = number_of<std::uint32_t>(*octets_text);
  if (!octets || fields.next()) return "behind the times there may be a number of octets";
  message.octets = *octets;
  return nullptr;
}

bool is_heading(std::string_view line) {
  const char first = line.front();
  return (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '"';
}

}  // namespace

std::vector<LoggedMessage> read_arrival_log(std::istream& in, const std::string& name,
                                            std::uint64_t octets) {
  constexpr std::size_t shortest_usual = 16;
  std::vector<LoggedMessage> messages;
  std::string line;
  std::uint64_t number = 0;
  std::string first_error;
  std::uint64_t errors = 0;
  while (std::getline(in, line)) {
    ++number;
    const std::string_view row = trimmed(line);
    if (row.empty() || row.front() == '#' || (number == 1 && is_heading(row))) continue;
    LoggedMessage message;
    if (const char* const wrong = read_row(row, message)) {
      if (errors++ > 0) continue;
      constexpr std::size_t shown = 60;
      first_error = fmt::format("{}, line {}: '{}': a row is sequence,sent,arrived[,octets]; {}",
                                name, number, row.substr(0, shown), wrong);
    } else {
      // Else the vector would be copied again and again as it grows.
      if (messages.empty()) messages.reserve(octets / std::max(line.size() + 1, shortest_usual));
      messages.push_back(message);
    }
  }
  if (in.bad()) throw LogError(name + ": cannot be read");
  if (errors > 1) first_error += fmt::format(" ({} more lines are wrong)", errors - 1);
  if (errors > 0) throw LogError(first_error);
  if (messages.empty()) {
    throw LogError(name + ": no rows; a row is sequence,sent,arrived[,octets], times in seconds");
  }
  return messages;
}

}  // namespace netduel
