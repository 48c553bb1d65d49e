#include "experiment/arrival_log.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "experiment/decimal_seconds.hpp"

namespace netduel {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The fields of a row, one after the other.
class Fields {
 public:
  explicit Fields(std::string_view row) : rest_(row) {}
  /// nullopt behind the last.
  std::optional<std::string_view> next() {
    if (!rest_) return std::nullopt;
    const auto comma = rest_->find(',');
    const std::string_view field = without_quotes(trimmed(rest_->substr(0, comma)));
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

/// What is wrong with a row; nullptr when it was read.
const char* read_row(std::string_view row, LoggedMessage& message) {
  constexpr std::uint64_t largest_sequence = (std::uint64_t{1} << 63) - 1;
  Fields fields(row);
  const auto sequence = number_of<std::uint64_t>(fields.next().value_or(""));
  if (!sequence || *sequence > largest_sequence) {
    return "the sequence is a whole number from 0 to 9223372036854775807";
  }
  const auto sent_text = fields.next();
  const auto sent = decimal_seconds(sent_text.value_or(""));
  const auto arrived_text = fields.next();
  const auto arrived = decimal_seconds(arrived_text.value_or(""));
  message = {.sequence = *sequence,
             .sent = sent.value_or(std::chrono::nanoseconds{}),
             .arrived = arrived.value_or(std::chrono::nanoseconds{})};
  message.lost = arrived_text && arrived_text->empty();
  message.undated = message.lost && sent_text->empty();
  if (!sent && !message.undated)
    return "the time of sending is a number of seconds within 2300000000 of 0";
  if (!message.lost && !arrived) {
    return "the time of arrival is a number of seconds within 2300000000 of 0, or empty for a "
           "message that never came";
  }
  const auto octets_text = fields.next();
  if (!octets_text) return nullptr;
  const auto octets = octets_text->empty() ? 0 : number_of<std::uint32_t>(*octets_text);
  if (!octets || fields.next()) return "behind the times there may be a number of octets";
  message.octets = *octets;
  return nullptr;
}

/// Names of columns; where there is a number it is a row with something wrong.
bool is_heading(std::string_view line) {
  const char first = line.front();
  const bool begins_a_name = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                             first == '"' || first == '_' || (first & 0x80) != 0;
  if (!begins_a_name) return false;
  Fields fields(line);
  while (const auto field = fields.next()) {
    if (decimal_seconds(*field) || number_of<std::uint64_t>(*field)) return false;
  }
  return true;
}

/// Rows that were wrong: what the first was, and where the others are.
class BadRows {
 public:
  void add(const std::string& name, std::uint64_t line, std::string_view row, const char* wrong) {
    constexpr std::size_t shown = 60;
    if (first_.empty()) {
      first_ = fmt::format("{}, line {}: '{}': a row is sequence,sent,arrived[,octets]; {}", name,
                           line, row.substr(0, shown), wrong);
    } else if (others_.size() < most_told) {
      others_.push_back(line);
    } else {
      ++more_;
    }
  }
  void throw_if_any() const {
    if (first_.empty()) return;
    if (others_.empty()) throw LogError(first_);
    throw LogError(fmt::format("{} (also line{} {}{})", first_, others_.size() > 1 ? "s" : "",
                               fmt::join(others_, ", "),
                               more_ > 0 ? fmt::format(" and {} more", more_) : ""));
  }

 private:
  static constexpr std::size_t most_told = 9;
  std::string first_;
  std::vector<std::uint64_t> others_;
  std::uint64_t more_ = 0;
};

/// Whether a comment is the writer's between two trials.
bool begins_stream(std::string_view comment) {
  const auto mark = comment.find(stream_mark);
  return mark != comment.npos &&
         number_of<std::uint64_t>(comment.substr(mark + stream_mark.size())).has_value();
}

/// Rows, sorted into streams.
class Streams {
 public:
  explicit Streams(std::uint64_t octets) : octets_(octets) {}
  void begin() {
    if (streams_.back().empty()) return;
    const std::size_t before = streams_.back().size();
    streams_.back().shrink_to_fit();
    streams_.emplace_back().reserve(before);
  }
  /// Of a row of `octets` in the text.
  void add(const LoggedMessage& message, std::size_t octets) {
    constexpr std::size_t shortest_usual = 16;
    std::vector<LoggedMessage>& stream = streams_.back();
    // Else the vector would be copied again and again as it grows.
    if (streams_.size() == 1 && stream.empty()) {
      stream.reserve(static_cast<std::size_t>(octets_) / std::max(octets, shortest_usual));
    }
    stream.push_back(message);
  }
  ArrivalLog take() {
    if (streams_.back().empty()) streams_.pop_back();
    return std::move(streams_);
  }

 private:
  std::uint64_t octets_;
  ArrivalLog streams_{1};
};

}  // namespace

ArrivalLog read_arrival_log(std::istream& in, const std::string& name, std::uint64_t octets) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  Streams streams(octets);
  BadRows bad;
  std::string line;
  std::uint64_t number = 0;
  bool may_be_heading = true;
  while (std::getline(in, line)) {
    std::string_view row = line;
    if (++number == 1 && row.starts_with(byte_order_mark)) row.remove_prefix(3);
    row = trimmed(row);
    if (row.empty()) continue;
    if (row.front() == '#') {
      if (begins_stream(row)) streams.begin();
      continue;
    }
    if (std::exchange(may_be_heading, false) && is_heading(row)) continue;
    LoggedMessage message;
    if (const char* const wrong = read_row(row, message)) {
      bad.add(name, number, row, wrong);
    } else {
      streams.add(message, line.size() + 1);
    }
  }
  if (in.bad()) throw LogError(name + ": cannot be read");
  bad.throw_if_any();
  ArrivalLog log = streams.take();
  if (log.empty()) {
    throw LogError(name + ": no rows; a row is sequence,sent,arrived[,octets], times in seconds");
  }
  return log;
}

}  // namespace netduel
