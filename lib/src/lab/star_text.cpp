#include "lab/star_text.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "netduel/base/units.hpp"

namespace netduel {
namespace {

/// What some ports have of their own, as typed.
struct TypedPorts {
  std::size_t first = 0;
  std::size_t last = 0;
  OwnSettings own;
};

[[noreturn]] void refuse(const std::string& text, std::string_view why) {
  throw ImpairmentError(fmt::format("--port {}: {}", text.empty() ? "''" : text, why));
}

/// "a" or "0", "3" or "h3".
std::size_t read_host(const std::string& text, std::string_view name, std::size_t hosts) {
  if (name == "a") return 0;
  const std::string_view number = name.starts_with('h') ? name.substr(1) : name;
  std::size_t port = 0;
  const char* const end = number.data() + number.size();
  const auto [behind, error] = std::from_chars(number.data(), end, port);
  const bool is_number = error == std::errc() && behind == end;
  if (!is_number && error != std::errc::result_out_of_range) {
    refuse(text,
           "a port and its impairments, for example --port 3:loss=5%, --port 3-7:down-delay=20ms "
           "or, for host a, --port a:up-loss=2%");
  }
  if (!is_number || port > hosts) {
    refuse(text, fmt::format("there {} {}, and a", hosts == 1 ? "is host" : "are hosts 1 to",
                             format_count(hosts)));
  }
  return port;
}

bool is_flag(std::string_view name) {
  for (const std::string_view prefix : {"up-", "down-"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  const auto& all = impairment_options();
  const auto found = std::ranges::find(all, name, &ImpairmentOption::name);
  return found != all.end() && found->value.empty();
}

/// Values may hold commas: one that nothing of its own follows belongs to the value.
std::vector<ImpairmentText> read_settings(const std::string& text, std::string_view list) {
  std::vector<ImpairmentText> settings;
  bool takes_more = false;
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string_view piece = list.substr(0, comma);
    more = comma != list.npos;
    if (more) list.remove_prefix(comma + 1);
    const std::size_t equals = piece.find('=');
    if (equals != piece.npos) {
      const std::string name(piece.substr(0, equals));
      if (is_flag(name)) refuse(text, name + " takes no value");
      settings.push_back({name, std::string(piece.substr(equals + 1))});
      takes_more = true;
    } else if (is_flag(piece)) {
      settings.push_back({std::string(piece), {}});
      takes_more = false;
    } else if (takes_more) {
      settings.back().value += ',' + std::string(piece);
    } else {
      refuse(text, "impairments and their values, for example --port 3:loss=5%,up-delay=3ms");
    }
  }
  return settings;
}

TypedPorts read_ports(const std::string& text, std::size_t hosts) {
  const std::string_view whole = text;
  const std::size_t colon = whole.find(':');
  const std::string_view range = whole.substr(0, colon);
  const std::size_t dash = range.find('-');
  TypedPorts typed;
  typed.first = read_host(text, range.substr(0, dash), hosts);
  typed.last = typed.first;
  if (dash != range.npos) typed.last = read_host(text, range.substr(dash + 1), hosts);
  if (typed.last < typed.first) refuse(text, "a range begins with the lower number");
  const std::string_view list = colon == whole.npos ? "" : whole.substr(colon + 1);
  typed.own = {fmt::format("--port {}:", range), read_settings(text, list)};
  return typed;
}

}  // namespace

StarSpec read_star_spec(std::size_t hosts, const std::optional<std::string>& preset,
                        const std::vector<ImpairmentText>& settings,
                        const std::vector<std::string>& changes,
                        const std::vector<std::string>& ports) {
  // Alone first, so that its mistakes are told without a port.
  const LabSpec of_each = read_lab_spec(preset, settings, changes);
  std::vector<TypedPorts> typed;
  for (const std::string& text : ports) typed.push_back(read_ports(text, hosts));
  StarSpec spec;
  for (std::size_t port = 0; port <= hosts; ++port) {
    std::vector<OwnSettings> own;
    for (const TypedPorts& one : typed) {
      if (one.first <= port && port <= one.last) own.push_back(one.own);
    }
    LabSpec link = port == 0     ? read_lab_spec({}, {}, {}, own)
                   : own.empty() ? of_each
                                 : read_lab_spec(preset, settings, changes, own);
    spec.ports.push_back({link.a_to_b, link.b_to_a, std::move(link.changes)});
  }
  spec.description = fmt::format("{} hosts beside a: {}", hosts, of_each.description);
  for (const std::string& text : ports) spec.description += "; port " + text;
  return spec;
}

}  // namespace netduel
