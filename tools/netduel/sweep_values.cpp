#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "experiment_texts.hpp"
#include "integrity_options.hpp"
#include "lab/value_list.hpp"
#include "option_values.hpp"

namespace netduel::tool {
namespace {

constexpr std::size_t most_trials = 1000;

/// Each once: the same contender twice would only share its trials out between two rows.
std::vector<std::string> congestions(const std::string& list) {
  std::vector<std::string> names;
  for (const std::string& name : parts_of(list)) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(congestion(name, true));
  }
  return names;
}

/// Those of the path's impairments that hold a list, and the message length if it does.
std::vector<SweepAxis> lists(const SweepTexts& texts) {
  std::vector<SweepAxis> found;
  try {
    for (const ImpairmentText& typed : texts.path.impairments()) {
      auto values = values_of(typed);
      if (values.size() > 1) found.push_back({typed.name, std::move(values)});
    }
  } catch (const ImpairmentError& error) {
    throw UsageError(error.what());
  }
  if (texts.length) {
    auto values = parts_of(*texts.length);
    if (values.size() > 1) found.push_back({"length", std::move(values)});
  }
  return found;
}

SweepAxis axis_of(const SweepTexts& texts) {
  auto found = lists(texts);
  if (found.empty()) {
    throw UsageError(
        "sweep: nothing changes from one path to the next; give one option a list (an impairment "
        "of the path or the length), for example --loss 0,0.1%,1%,3%,10% or --length 64,512,1448");
  }
  if (found.size() > 1) {
    throw UsageError(
        fmt::format("--{} --{}: only one option may hold a list; give the other one "
                    "value, or run a sweep for each of its values",
                    found[0].name, found[1].name));
  }
  return std::move(found.front());
}

/// An option for a transport that isn't measured would be ignored, and its user mistaken.
void check_transports(const SweepTexts& texts) {
  if (texts.transport != "both" && texts.transport != "udp" && texts.transport != "tcp") {
    refuse("--transport", texts.transport, "udp, tcp or both");
  }
  if (texts.transport == "tcp" && texts.no_udp_checksum) {
    throw UsageError(
        "--no-udp-checksum is for UDP, which --transport leaves out; leave out one of the two");
  }
  if (texts.transport != "udp") return;
  const auto needs = [](std::string_view option) {
    throw UsageError(fmt::format(
        "{} is for TCP, which --transport leaves out; leave out one of the two", option));
  };
  if (texts.congestions) needs("--congestion");
  if (texts.nagle) needs("--nagle");
}

/// A sweep has as many paths as values, and its document tells of each of them.
void check_files(const PathOptions& path) {
  const auto has_one_path = [](std::string_view option) {
    throw UsageError(fmt::format(
        "{}: a sweep makes a path for each value, and its --json tells what each of them did; "
        "netduel compare with one of the values takes {}",
        option, option));
  };
  if (path.truth_file) has_one_path("--truth");
  if (path.lab && path.lab->capture_file) has_one_path("--pcap");
}

CompareSpec point(const SweepTexts& texts, CompareSpec spec, const SweepAxis& axis,
                  const std::string& value) {
  auto impairments = texts.path.impairments();
  for (ImpairmentText& typed : impairments) {
    if (typed.name == axis.name) typed.value = value;
  }
  const PathOptions path = texts.path.read_with(impairments, spec.seed, spec.ip_version);
  check_files(path);
  spec.lab = path.lab;
  if (axis.name == "length") {
    spec.message_octets = message_octets(value, texts.verify);
  } else if (texts.length) {
    spec.message_octets = message_octets(*texts.length, texts.verify);
  }
  check_rate(spec);
  return spec;
}

CompareSpec common(const SweepTexts& texts) {
  CompareSpec spec;
  spec.seed = seed(texts.seed);
  spec.ip_version = ip_version(texts.v4, texts.v6);
  if (texts.time) spec.time = trial_time(*texts.time);
  if (texts.bitrate) {
    spec.bits_per_second =
        bitrate(*texts.bitrate, "without -b it is 0.8 of the bottleneck, or 10 Mbit/s");
  }
  if (texts.window) spec.window_octets = window(*texts.window);
  spec.no_delay = !texts.nagle;
  spec.verify = texts.verify;
  if (texts.no_udp_checksum) check_no_udp_checksum(texts.v6, std::nullopt);
  spec.udp_checksum = !texts.no_udp_checksum;
  return spec;
}

}  // namespace

SweepOptions to_options(const SweepTexts& texts) {
  SweepOptions options;
  SweepSpec& spec = options.spec;
  check_transports(texts);
  spec.udp = texts.transport != "tcp";
  spec.tcp = texts.transport != "udp";
  if (texts.trials) {
    spec.trials = whole_number("--trials", *texts.trials, 1, most_trials, "1 to 1000 trials");
  }
  if (texts.congestions) spec.congestions = congestions(*texts.congestions);
  spec.axis = axis_of(texts);
  const CompareSpec all = common(texts);
  spec.seed = all.seed;
  for (const std::string& value : spec.axis.values) {
    spec.points.push_back(point(texts, all, spec.axis, value));
  }
  options.json = texts.json;
  options.csv = csv_options(texts.csv, texts.json);
  return options;
}

}  // namespace netduel::tool
