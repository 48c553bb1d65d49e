#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "multicast_texts.hpp"
#include "netduel/base/units.hpp"
#include "option_values.hpp"

namespace netduel::tool {
namespace {

constexpr std::size_t most_trials = 1000;
/// Hosts of a lab take a second or so for each hundred, and a stream to each some processor.
constexpr std::size_t most_receivers = 200;
constexpr double usual_rate = 2e6;
constexpr std::size_t usual_octets_v4 = 1448;
constexpr std::size_t usual_octets_v6 = 1428;

std::vector<std::size_t> receivers(const std::string& list) {
  std::vector<std::size_t> numbers;
  for (const std::string& text : parts_of(list)) {
    numbers.push_back(whole_number("--receivers", text, 1, most_receivers,
                                   "numbers from 1 to 200, parted by commas: 1,2,4,8"));
  }
  std::ranges::sort(numbers);
  const auto again = std::ranges::unique(numbers);
  numbers.erase(again.begin(), again.end());
  return numbers;
}

DeliveryStream stream(const MulticastCompareTexts& texts) {
  DeliveryStream stream;
  stream.ip_version = ip_version(texts.v4, texts.v6);
  stream.bits_per_second =
      texts.bitrate ? bitrate(*texts.bitrate, "without -b it is 2 Mbit/s") : usual_rate;
  stream.message_octets = stream.ip_version == IpVersion::v4 ? usual_octets_v4 : usual_octets_v6;
  if (texts.length) stream.message_octets = message_octets(*texts.length, false);
  stream.time = texts.time ? trial_time(*texts.time) : std::chrono::seconds(1);
  const double messages = stream.bits_per_second / 8 / static_cast<double>(stream.message_octets) *
                          std::chrono::duration<double>(stream.time).count();
  if (messages < 1) {
    refuse("--bitrate", format_bit_rate(stream.bits_per_second),
           fmt::format("less than one message of {} octets in a trial; a higher rate, shorter "
                       "messages (-l) or a longer time (-t) works",
                       stream.message_octets));
  }
  return stream;
}

}  // namespace

MulticastCompareOptions to_options(const MulticastCompareTexts& texts) {
  MulticastCompareOptions options;
  MulticastCompareSpec& spec = options.spec;
  spec.receivers = receivers(texts.receivers.value_or("1,2,4,8,16,32"));
  if (texts.trials) {
    spec.trials = whole_number("--trials", *texts.trials, 1, most_trials, "1 to 1000 trials");
  }
  spec.stream = stream(texts);
  spec.seed = seed(texts.seed);
  StarOptions star =
      texts.path.read_star(spec.receivers.back(), texts.ports, spec.seed, spec.stream.ip_version);
  spec.star = std::move(star.star);
  options.truth_file = std::move(star.truth_file);
  options.path_given = texts.path.any_given() || !texts.ports.texts().empty();
  options.json = texts.json;
  options.csv = csv_options(texts.csv, texts.json);
  return options;
}

}  // namespace netduel::tool
