#include "multicast_format.hpp"

#include "option_values.hpp"
#include "wire/iperf2.hpp"

namespace netduel::tool {

MessageFormat group_format(const std::optional<std::string>& text) {
  if (!text || *text == "netduel") return MessageFormat::probe;
  if (*text != "iperf2") refuse("--format", *text, "netduel or iperf2");
  return MessageFormat::iperf2;
}

std::uint16_t usual_group_port(MessageFormat format) {
  return format == MessageFormat::iperf2 ? iperf2::default_port : 5201;
}

}  // namespace netduel::tool
