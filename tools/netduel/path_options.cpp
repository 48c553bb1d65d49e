#include "path_options.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "lab/star_text.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

constexpr auto group =
    "Emulated path (any of these makes one; each impairment also as --up-... for "
    "a to b and --down-... for b to a)";
constexpr auto hidden = "";
/// What every host takes whole (RFC 1122, section 3.3.2), and what IPv6 needs of a link (RFC 8200,
/// section 5).
constexpr std::size_t smallest_mtu_v4 = 576;
constexpr std::size_t smallest_mtu_v6 = 1280;
constexpr std::size_t largest_mtu = 65535;

std::size_t mtu_of(const std::string& text, IpVersion version) {
  const std::size_t smallest_mtu = version == IpVersion::v4 ? smallest_mtu_v4 : smallest_mtu_v6;
  std::size_t mtu = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mtu);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || mtu < smallest_mtu || mtu > largest_mtu) {
    throw UsageError(fmt::format("--mtu {}: an emulated path's MTU is {} to {} octets with {}",
                                 text.empty() ? "''" : text, smallest_mtu, largest_mtu,
                                 version == IpVersion::v4 ? "IPv4" : "IPv6"));
  }
  return mtu;
}

std::string list_of_presets() {
  std::string text = "Begin with a kind of network:";
  for (const Preset& preset : presets()) {
    text += fmt::format(" {} ({});", preset.name, preset.summary);
  }
  text.back() = '.';
  return text;
}

}  // namespace

void PathTexts::bind_impairment(CLI::App& command, const ImpairmentOption& option,
                                const std::string& prefix) {
  Setting& setting = settings_.emplace_back(Setting{prefix + std::string(option.name), {}});
  const std::string name = "--" + setting.name;
  const std::string help(option.help);
  CLI::Option* added = nullptr;
  if (option.value.empty()) {
    added = command.add_flag(name, setting.is_set, help);
  } else {
    const auto take = [&setting](const std::string& text) {
      setting.value = text;
      setting.is_set = true;
    };
    added = command.add_option_function<std::string>(name, take, help)
                ->type_name(std::string(option.value));
  }
  added->group(prefix.empty() ? group : hidden);
}

void PathTexts::bind(CLI::App& command) {
  for (const ImpairmentOption& option : impairment_options()) {
    for (const char* prefix : {"", "up-", "down-"}) bind_impairment(command, option, prefix);
  }
  command.add_option("--preset", preset_, list_of_presets())->group(group)->type_name("NAME");
  command
      .add_option("--at", changes_,
                  "Change something after a time: 2s=down, 5s=up, 7s=loss:3%, 7s=up-delay:40ms; "
                  "may be given again")
      ->group(group)
      ->type_name("TIME=CHANGE")
      ->expected(1)
      ->take_all();
  command
      .add_option("--mtu", mtu_,
                  "MTU of the path in octets, at least 576, 1280 for IPv6 (default: 1500)")
      ->group(group)
      ->type_name("OCTETS");
  command.add_flag("--lab", clean_, "An emulated path, also without an impairment")->group(group);
  command.add_option("--truth", truth_file_, "Write what the link did, as JSON, into a file")
      ->group(group)
      ->type_name("FILE");
  command.add_option("--pcap", capture_file_, "Capture both sides into a pcapng file")
      ->group(group)
      ->type_name("FILE");
}

std::string path_in_words(const std::optional<LabSpec>& lab) {
  return lab ? "an emulated path (" + lab->description + ")" : "loopback";
}

std::optional<std::string> PathTexts::any_given() const {
  for (const Setting& setting : settings_) {
    if (setting.is_set) return "--" + setting.name;
  }
  const std::pair<bool, const char*> others[] = {
      {preset_.has_value(), "--preset"},    {!changes_.empty(), "--at"},
      {mtu_.has_value(), "--mtu"},          {clean_, "--lab"},
      {truth_file_.has_value(), "--truth"}, {capture_file_.has_value(), "--pcap"}};
  for (const auto& [is_given, name] : others) {
    if (is_given) return name;
  }
  return std::nullopt;
}

PathOptions PathTexts::read(std::uint64_t seed, IpVersion version) const {
  return any_given() ? read_with(impairments(), seed, version) : PathOptions{};
}

std::vector<ImpairmentText> PathTexts::impairments() const {
  std::vector<ImpairmentText> given;
  for (const Setting& setting : settings_) {
    if (setting.is_set) given.push_back({setting.name, setting.value});
  }
  return given;
}

PathOptions PathTexts::read_with(const std::vector<ImpairmentText>& impairments, std::uint64_t seed,
                                 IpVersion version) const {
  PathOptions options;
  try {
    options.lab = read_lab_spec(preset_, impairments, changes_);
  } catch (const ImpairmentError& error) {
    throw UsageError(error.what());
  }
  options.lab->seed = seed;
  if (mtu_) options.lab->mtu_octets = mtu_of(*mtu_, version);
  options.lab->capture_file = capture_file_;
  options.truth_file = truth_file_;
  return options;
}

StarOptions PathTexts::read_star(std::size_t hosts, const PortTexts& ports, std::uint64_t seed,
                                 IpVersion version) const {
  StarOptions options;
  try {
    options.star = read_star_spec(hosts, preset_, impairments(), changes_, ports.texts());
  } catch (const ImpairmentError& error) {
    throw UsageError(error.what());
  }
  options.star.seed = seed;
  if (mtu_) options.star.mtu_octets = mtu_of(*mtu_, version);
  options.star.capture_file = capture_file_;
  options.truth_file = truth_file_;
  return options;
}

void PortTexts::bind(CLI::App& command) {
  command
      .add_option("--port", texts_,
                  "What the links of some hosts have of their own: 3:loss=5%, "
                  "3-7:down-loss=burst:2%,5,up-delay=3ms, a:up-loss=2%; may be given again")
      ->group(group)
      ->type_name("HOST:NAME=VALUE,...")
      ->expected(1)
      ->take_all();
}

}  // namespace netduel::tool
