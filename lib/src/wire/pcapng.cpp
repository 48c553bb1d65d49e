#include "wire/pcapng.hpp"

namespace netduel {
namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint16_t option_comment = 1;
constexpr std::uint16_t option_application = 4;
constexpr std::uint16_t option_name = 2;
constexpr std::uint16_t option_time_resolution = 9;
constexpr std::uint16_t link_type_ethernet = 1;

template <class T>
void put(std::string& to, T number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    to += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
  }
}

void pad(std::string& text) {
  while (text.size() % 4 != 0) text += '\0';
}

void put_option(std::string& to, std::uint16_t code, std::string_view value) {
  constexpr std::size_t longest = 65535;
  value = value.substr(0, longest);
  put(to, code);
  put(to, static_cast<std::uint16_t>(value.size()));
  to += value;
  pad(to);
}

void end_options(std::string& to) {
  put(to, std::uint32_t{0});
}

std::string block(std::uint32_t type, const std::string& body) {
  constexpr std::size_t around = 12;
  const auto length = static_cast<std::uint32_t>(body.size() + around);
  std::string text;
  text.reserve(length);
  put(text, type);
  put(text, length);
  text += body;
  put(text, length);
  return text;
}

}  // namespace

std::string pcapng_section_header(std::string_view application) {
  std::string body;
  put(body, std::uint32_t{0x1a2b3c4d});
  put(body, std::uint16_t{1});
  put(body, std::uint16_t{0});
  put(body, ~std::uint64_t{0});  // the section's length isn't known
  put_option(body, option_application, application);
  end_options(body);
  return block(section_header, body);
}

std::string pcapng_interface(std::string_view name, std::uint32_t snap_octets) {
  std::string body;
  put(body, link_type_ethernet);
  put(body, std::uint16_t{0});
  put(body, snap_octets);
  put_option(body, option_name, name);
  put_option(body, option_time_resolution, "\x09");
  end_options(body);
  return block(interface_description, body);
}

std::string pcapng_packet(std::uint32_t interface, WallTime at, Bytes frame,
                          std::string_view comment) {
  const auto time = static_cast<std::uint64_t>(at.time_since_epoch().count());
  const auto length = static_cast<std::uint32_t>(frame.size());
  std::string body;
  body.reserve(frame.size() + comment.size() + 40);
  put(body, interface);
  put(body, static_cast<std::uint32_t>(time >> 32));
  put(body, static_cast<std::uint32_t>(time & 0xffffffff));
  put(body, length);
  put(body, length);
  body.append(reinterpret_cast<const char*>(frame.data()), frame.size());
  pad(body);
  if (!comment.empty()) {
    put_option(body, option_comment, comment);
    end_options(body);
  }
  return block(enhanced_packet, body);
}

}  // namespace netduel
