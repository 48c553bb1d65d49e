#include "printable.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace netduel::tool {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t octets = 0;
};

/// The first of `text`, which isn't empty; of no octets when it is no UTF-8 (RFC 3629, section 4).
Character first_of(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return {first, 1};
  // Each length has its own least code, so that no character has two forms.
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const std::size_t octets = first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (octets == 0 || first > 0xf4 || text.size() < octets) return {};
  std::uint32_t code = first & (0x7fU >> octets);
  for (std::size_t i = 1; i < octets; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (at(i) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least[octets] || code > 0x10ffff || surrogate) return {};
  return {code, octets};
}

bool is_harmless(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code <= 0x9f);
  // Bidirectional embeddings, overrides and isolates (Unicode Annex 9).
  const bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !control && !turns;
}

std::string printable_but(std::string_view kept, std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character next = first_of(text);
    const std::size_t octets = next.octets > 0 ? next.octets : 1;
    const std::string_view part = text.substr(0, octets);
    const bool as_it_is = next.octets > 0 && is_harmless(next.code);
    if (as_it_is || kept.find(part) != kept.npos) {
      result += part;
    } else {
      for (const char octet : part) {
        result += fmt::format("\\x{:02x}", static_cast<unsigned char>(octet));
      }
    }
    text.remove_prefix(octets);
  }
  return result;
}

}  // namespace

std::string printable(std::string_view text) {
  return printable_but({}, text);
}

std::string printable_lines(std::string_view text) {
  return printable_but("\n\t", text);
}

}  // namespace netduel::tool
