#include <array>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "experiment/multicast_receive_report.hpp"
#include "multicast_format.hpp"
#include "multicast_texts.hpp"
#include "netduel/base/units.hpp"
#include "option_values.hpp"
#include "os/socket.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;

/// As many as a sender tells apart.
constexpr std::uint64_t most_receivers = 4096;
/// As many as a receiver tells apart.
constexpr std::uint64_t most_streams = 64;

Endpoint group_of(const std::string& text, std::uint16_t usual_port) {
  const auto group = Endpoint::parse(text, usual_port, os::interface_index);
  if (!group) {
    refuse("GROUP", text,
           "an address, perhaps with a port: 239.1.2.3, 239.1.2.3:6000, ff15::1234, "
           "[ff15::1234]:6000");
  }
  if (group->port() == 0) refuse("GROUP", text, "a port from 1 to 65535");
  return *group;
}

/// Groups that no packet leaves an interface or a link with (RFC 4291, section 2.7).
bool is_of_one_link(const Endpoint& group) {
  const auto& octets = group.address_octets();
  return group.version() == IpVersion::v6 && group.is_multicast() && (octets[1] & 15U) <= 2;
}

void read_interface(const MulticastReceiveTexts& texts, GroupReceiveSpec& spec) {
  if (texts.interface) {
    if (texts.interface->empty()) refuse("--interface", "", "the name of an interface");
    if (!spec.group.is_multicast()) {
      refuse("--interface", *texts.interface,
             fmt::format("only a group is joined on an interface, and {} is none",
                         spec.group.address_to_string()));
    }
    try {
      (void)os::interface_number(*texts.interface, "--interface " + *texts.interface);
    } catch (const std::system_error& error) {
      throw UsageError(error.what());
    }
    spec.interface = *texts.interface;
  }
  if (is_of_one_link(spec.group) && spec.group.scope_id() == 0 && spec.interface.empty()) {
    refuse("GROUP", texts.group,
           "there is one such group on each link: --interface NAME says on which");
  }
}

void read_source(const std::string& text, GroupReceiveSpec& spec) {
  const auto source = Endpoint::parse(text, 0, os::interface_index);
  if (!source || source->port() != 0 || source->is_multicast() || source->is_unspecified()) {
    refuse("--source", text, "the address of one sender, without a port, for example 10.0.0.1");
  }
  if (!spec.group.is_multicast()) {
    refuse("--source", text,
           fmt::format("only a group is joined for one source, and {} is none",
                       spec.group.address_to_string()));
  }
  if (source->version() != spec.group.version()) {
    refuse("--source", text,
           fmt::format("group and source are of one version of IP, and {} is of the other",
                       spec.group.address_to_string()));
  }
  spec.source = source;
}

std::chrono::nanoseconds time(std::string_view option, const std::string& text,
                              std::chrono::nanoseconds shortest) {
  const auto value = parse_duration(text);
  if (!value || *value < shortest || *value > 8760h) {
    refuse(option, text,
           fmt::format("{} to 8760h, for example 10s",
                       format_duration(std::chrono::duration<double>(shortest).count())));
  }
  return *value;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "receiver";
  return name.data();
}

std::string name_of(const std::optional<std::string>& text) {
  if (!text) return host_name().substr(0, group::longest_name);
  if (text->empty() || text->size() > group::longest_name) {
    refuse("--name", *text, fmt::format("1 to {} octets", group::longest_name));
  }
  return *text;
}

}  // namespace

MulticastReceiveOptions to_options(const MulticastReceiveTexts& texts) {
  MulticastReceiveOptions options;
  GroupReceiveSpec& spec = options.spec;
  spec.format = group_format(texts.format);
  spec.group = group_of(texts.group, usual_group_port(spec.format));
  read_interface(texts, spec);
  if (texts.source) read_source(*texts.source, spec);
  if (texts.receivers) {
    options.receivers =
        whole_number("--receivers", *texts.receivers, 1, most_receivers, "1 to 4096 receivers");
    if (options.receivers > 1 && !spec.group.is_multicast()) {
      refuse("--receivers", *texts.receivers,
             fmt::format("what is sent to a group comes to each of them, and {} is none",
                         spec.group.address_to_string()));
    }
  }
  if (texts.streams) {
    spec.streams = whole_number("--streams", *texts.streams, 1, most_streams, "1 to 64 streams");
  }
  if (texts.time) spec.time = time("--time", *texts.time, 100ms);
  if (texts.window) spec.window_octets = window(*texts.window);
  if (texts.interval) options.interval = time("--interval", *texts.interval, 100ms);
  options.name = name_of(texts.name);
  spec.reports = !texts.no_reports;
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
