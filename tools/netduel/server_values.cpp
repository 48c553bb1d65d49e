#include "netduel/base/units.hpp"
#include "option_values.hpp"
#include "session_texts.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;

constexpr double highest_rate = 1e12;
constexpr auto longest_wait = 86400s;
constexpr std::uint64_t most_tests = 10'000;

std::chrono::nanoseconds time(std::string_view option, const std::string& text) {
  const auto value = parse_duration(text);
  if (!value || *value < 1ms || *value > longest_wait) {
    refuse(option, text, "1ms to 86400 seconds, for example 60 or 5m");
  }
  return *value;
}

}  // namespace

ServerOptions to_options(const ServerTexts& texts) {
  ServerOptions options;
  ServerSpec& spec = options.spec;
  if (texts.port) {
    spec.port = static_cast<std::uint16_t>(
        whole_number("--port", *texts.port, 0, 65535,
                     "a port is a number from 1 to 65535, or 0 for a free one"));
  }
  if (texts.v4 && texts.v6) {
    throw UsageError("-4 -6: choose one of the two; without them both versions are served");
  }
  if (texts.v4 || texts.v6) spec.ip_version = texts.v4 ? IpVersion::v4 : IpVersion::v6;
  options.bind = texts.bind;
  if (texts.bind && texts.bind->empty()) {
    refuse("--bind", *texts.bind, "an address of this host; without it all are served");
  }
  spec.one_off = texts.one_off;
  if (texts.max_tests) {
    spec.most_tests =
        whole_number("--max-tests", *texts.max_tests, 1, most_tests, "1 to 10000 tests");
  }
  if (texts.max_time) spec.longest_time = time("--max-time", *texts.max_time);
  if (texts.max_rate) {
    const auto rate = parse_bit_rate(*texts.max_rate);
    if (!rate || *rate <= 0 || *rate > highest_rate) {
      refuse("--max-rate", *texts.max_rate, "bit/s up to 1T, for example 100M");
    }
    spec.most_bits_per_second = *rate;
  }
  if (texts.idle_timeout) spec.idle_timeout = time("--idle-timeout", *texts.idle_timeout);
  if (texts.receive_timeout) {
    spec.receive_timeout = timeout("--rcv-timeout", *texts.receive_timeout, 100ms, 24h);
  }
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
