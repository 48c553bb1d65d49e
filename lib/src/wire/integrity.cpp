#include "wire/integrity.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include <isa-l/crc.h>

#include "wire/octets.hpp"

namespace netduel {
namespace {

/// RFC 3720: the register begins with ones and is inverted in the end. The library does neither.
constexpr std::uint32_t crc_at_first = 0xffffffff;

std::uint32_t crc_on(std::uint32_t state, Bytes octets) {
  // The library reads only, in spite of its type.
  auto* const start = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(octets.data()));
  return crc32_iscsi(start, static_cast<int>(octets.size()), state);
}

bool has_its_crc(Bytes message) {
  const Bytes content = message.first(message.size() - crc_octets);
  return crc32c(content) == get_u32(message, content.size());
}

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 32) * 0x9e3779b97f4a7c15U;
  return (x ^ x >> 29) * 0xbf58476d1ce4e5b9U;
}

std::uint16_t in_network_order(std::uint16_t word) {
  if constexpr (std::endian::native == std::endian::big) return word;
  return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

/// The words of one message: modulo 65 536, an odd step further each time, so no two of as many are
/// the same. Adding is all that it takes, eight or more words at once.
class Pattern {
 public:
  static constexpr std::size_t block_words = 128;
  static constexpr std::size_t block_octets = 2 * block_words;
  using Block = std::array<std::uint16_t, block_words>;

  Pattern(std::uint64_t seed, std::uint64_t sequence) {
    const std::uint64_t random = mixed(mixed(seed) ^ sequence);
    first_ = static_cast<std::uint16_t>(random >> 16);
    step_ = static_cast<std::uint16_t>(random >> 32 | 1);
  }

  /// Calls `look(offset, octets)` with one part of the pattern after the other.
  template <class Look>
  void for_each_part(std::size_t octets, Look look) const {
    Block block;
    for (std::size_t at = 0; at < octets; at += block_octets) {
      fill(block, static_cast<std::uint16_t>(at / 2));
      const Bytes part = std::as_bytes(std::span(block));
      look(at, part.first(std::min(block_octets, octets - at)));
    }
  }

 private:
  void fill(Block& block, std::uint16_t index) const {
    auto word = static_cast<std::uint16_t>(first_ + std::uint32_t{index} * step_);
    const std::uint16_t step = step_;
    for (std::uint16_t& out : block) {
      out = in_network_order(word);
      word = static_cast<std::uint16_t>(word + step);
    }
  }

  std::uint16_t first_;
  std::uint16_t step_;
};

std::size_t pattern_octets(Bytes message) {
  return message.size() - shortest_verified_message;
}

bool has_its_pattern(Bytes message, const Pattern& pattern) {
  bool same = true;
  pattern.for_each_part(pattern_octets(message), [&](std::size_t at, Bytes part) {
    same = same && std::memcmp(&message[Probe::octets + at], part.data(), part.size()) == 0;
  });
  return same;
}

/// The octets that aren't what was sent, as long as there are few.
class Differences {
 public:
  /// `message` from `at` on against what belongs there.
  void look(Bytes message, std::size_t at, Bytes wanted) {
    for (std::size_t i = 0; i < wanted.size() && few(); ++i) {
      if (message[at + i] == wanted[i]) continue;
      if (count_ < most) all_[count_] = {at + i, wanted[i]};
      ++count_;
    }
  }

  Damage kind(Bytes message) const {
    if (!few()) return Damage::other;
    if (is_swap(message, 0) || is_swap(message, 1)) return Damage::words_swapped;
    constexpr int most_bits = 3;
    return bits(message) <= most_bits ? Damage::bits_flipped : Damage::other;
  }

 private:
  struct Octet {
    std::size_t at;
    std::byte wanted;
  };
  /// Two words.
  static constexpr std::size_t most = 4;

  bool few() const { return count_ <= most; }
  std::span<const Octet> all() const { return std::span(all_).first(count_); }

  int bits(Bytes message) const {
    int bits = 0;
    for (const Octet& octet : all()) {
      bits += std::popcount(std::to_integer<unsigned>(message[octet.at] ^ octet.wanted));
    }
    return bits;
  }

  /// Words begin at even or at odd octets: a stream is cut into segments anywhere.
  bool is_swap(Bytes message, std::size_t odd) const {
    const auto start = [odd](std::size_t at) { return (at + odd) / 2 * 2 - odd; };
    if (count_ < 2) return false;
    const std::size_t one = all_.front().at;
    const std::size_t other = all_[count_ - 1].at;
    if (one < odd || start(one) == start(other) || start(other) + 2 > message.size()) return false;
    for (const Octet& octet : all()) {
      if (start(octet.at) != start(one) && start(octet.at) != start(other)) return false;
    }
    return wanted_at(message, start(one)) == get_u16(message, start(other)) &&
           wanted_at(message, start(other)) == get_u16(message, start(one));
  }

  std::uint16_t wanted_at(Bytes message, std::size_t at) const {
    std::array<std::byte, 2> word{message[at], message[at + 1]};
    for (const Octet& octet : all()) {
      if (octet.at >= at && octet.at < at + 2) word[octet.at - at] = octet.wanted;
    }
    return get_u16(word, 0);
  }

  std::array<Octet, most> all_{};
  std::size_t count_ = 0;
};

/// Of a message whose probe is its own.
Damage damage_behind_probe(Bytes message, const Pattern& pattern) {
  Differences differences;
  std::uint32_t crc = crc_on(crc_at_first, message.first(Probe::octets));
  pattern.for_each_part(pattern_octets(message), [&](std::size_t at, Bytes part) {
    differences.look(message, Probe::octets + at, part);
    crc = crc_on(crc, part);
  });
  std::array<std::byte, crc_octets> wanted{};
  put_u32(wanted, 0, ~crc);
  differences.look(message, message.size() - crc_octets, wanted);
  return differences.kind(message);
}

/// Larger messages than those of any Ethernet are not tried out.
constexpr std::size_t longest_tried = 9216;

bool is_whole(Bytes message) {
  return decode_probe(message) && has_its_crc(message);
}

bool is_whole_with_a_bit_flipped(std::span<std::byte> message) {
  for (std::size_t bit = 0; bit < 8 * Probe::octets; ++bit) {
    const auto flip = static_cast<std::byte>(1U << bit % 8);
    message[bit / 8] ^= flip;
    if (is_whole(message)) return true;
    message[bit / 8] ^= flip;
  }
  return false;
}

bool is_whole_with_words_swapped(std::span<std::byte> message, std::size_t odd) {
  const auto swap = [&](std::size_t one, std::size_t other) {
    std::swap(message[one], message[other]);
    std::swap(message[one + 1], message[other + 1]);
  };
  for (std::size_t one = odd; one < Probe::octets; one += 2) {
    for (std::size_t other = one + 2; other + 2 <= message.size(); other += 2) {
      swap(one, other);
      if (is_whole(message)) return true;
      swap(one, other);
    }
  }
  return false;
}

}  // namespace

std::uint32_t crc32c(Bytes octets) {
  return ~crc_on(crc_at_first, octets);
}

void fill_verified(std::span<std::byte> message, std::uint64_t seed, std::uint64_t sequence) {
  assert(message.size() >= shortest_verified_message);
  Pattern(seed, sequence).for_each_part(pattern_octets(message), [&](std::size_t at, Bytes part) {
    std::memcpy(&message[Probe::octets + at], part.data(), part.size());
  });
  const std::size_t content = message.size() - crc_octets;
  put_u32(message, content, crc32c(message.first(content)));
}

std::optional<Damage> ContentCheck::damage_to(Bytes message) {
  if (message.size() < shortest_verified_message) return Damage::other;
  const auto probe = decode_probe(message);
  if (!probe) return damage_in_probe(message);
  const Pattern pattern(seed_, probe->sequence);
  if (has_its_crc(message) && has_its_pattern(message, pattern)) return std::nullopt;
  return damage_behind_probe(message, pattern);
}

/// Its number is not known, so neither is its pattern; but what makes both checks right again is
/// what was sent.
Damage ContentCheck::damage_in_probe(Bytes message) {
  const std::uint64_t tries = 8 * message.size() + 8 * Probe::octets;
  if (message.size() > longest_tried || tries > tries_left_) return Damage::other;
  tries_left_ -= tries;
  std::array<std::byte, longest_tried> copy;
  const auto tried = std::span(copy).first(message.size());
  std::ranges::copy(message, tried.begin());
  if (is_whole_with_a_bit_flipped(tried)) return Damage::bits_flipped;
  const bool swapped =
      is_whole_with_words_swapped(tried, 0) || is_whole_with_words_swapped(tried, 1);
  return swapped ? Damage::words_swapped : Damage::other;
}

}  // namespace netduel
