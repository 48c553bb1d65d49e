#include "wire/integrity.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "wire/octets.hpp"

using namespace netduel;

namespace {

constexpr std::uint64_t seed = 7;
using Message = std::vector<std::byte>;

Message message(std::uint64_t sequence, std::size_t octets) {
  Message message(octets);
  encode({.sequence = sequence, .sent = WallTime(std::chrono::nanoseconds(1'700'000'000))},
         message);
  fill_verified(message, seed, sequence);
  return message;
}

std::optional<Damage> damage(const Message& message) {
  return ContentCheck(seed).damage_to(message);
}

Message with_swapped(Message changed, std::size_t one, std::size_t other) {
  std::swap(changed[one], changed[other]);
  std::swap(changed[one + 1], changed[other + 1]);
  return changed;
}

Message with_flipped(Message changed, std::size_t bit) {
  changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  return changed;
}

std::uint32_t crc_of(const std::array<std::uint8_t, 32>& octets) {
  return crc32c(std::as_bytes(std::span(octets)));
}

}  // namespace

TEST_CASE("CRC32C is that of RFC 3720, appendix B.4", "[integrity]") {
  std::array<std::uint8_t, 32> octets{};
  CHECK(crc_of(octets) == 0x8a9136aa);
  octets.fill(0xff);
  CHECK(crc_of(octets) == 0x62a8ab43);
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(i);
  CHECK(crc_of(octets) == 0x46dd794e);
  std::ranges::reverse(octets);
  CHECK(crc_of(octets) == 0x113fdb5c);
  CHECK(crc32c(Bytes()) == 0);
}

TEST_CASE("a message is whole as it was filled, whatever its length", "[integrity]") {
  for (const std::size_t octets : {20, 21, 22, 23, 100, 531, 532, 533, 1448, 65507, 1 << 20}) {
    const Message whole = message(octets, octets);
    CHECK_FALSE(damage(whole));
    CHECK(decode_probe(whole)->sequence == octets);
    CHECK(ContentCheck(seed + 1).damage_to(whole).has_value() == (octets > 20));
  }
}

TEST_CASE("no two words of a pattern are the same, nor do two messages have one pattern",
          "[integrity]") {
  std::set<std::uint16_t> words;
  const Message one = message(3, 16 + 2 * 65536 + 4);
  for (std::size_t at = 16; at + 4 < one.size(); at += 2) words.insert(get_u16(one, at));
  CHECK(words.size() == 65536);
  const Message next = message(4, one.size());
  std::size_t same = 0;
  for (std::size_t at = 16; at + 4 < one.size(); at += 2) {
    same += get_u16(one, at) == get_u16(next, at) ? 1 : 0;
  }
  CHECK(same < 100);
}

TEST_CASE("any bit that was flipped is found, in the probe and in the CRC too", "[integrity]") {
  const Message whole = message(5, 64);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    const auto found = damage(with_flipped(whole, bit));
    REQUIRE(found == Damage::bits_flipped);
  }
  CHECK(damage(with_flipped(with_flipped(whole, 300), 420)) == Damage::bits_flipped);
}

TEST_CASE("any two words that changed places are found, at even and at odd octets", "[integrity]") {
  const Message whole = message(6, 81);
  for (const std::size_t odd : {0U, 1U}) {
    for (std::size_t one = odd; one + 2 <= whole.size(); one += 2) {
      for (std::size_t other = one + 2; other + 2 <= whole.size(); other += 2) {
        const Message changed = with_swapped(whole, one, other);
        if (changed == whole) continue;
        REQUIRE(damage(changed) == Damage::words_swapped);
      }
    }
  }
}

TEST_CASE("what is neither is something else, and a wrong pattern with its right CRC too",
          "[integrity]") {
  std::mt19937 random(1);
  const Message whole = message(7, 1448);
  Message noise = whole;
  std::ranges::generate(noise, [&] { return static_cast<std::byte>(random() & 0xff); });
  CHECK(damage(noise) == Damage::other);
  Message word = whole;
  put_u16(word, 700, ~std::uint32_t{get_u16(whole, 700)} & 0xffff);
  CHECK(damage(word) == Damage::other);
  std::ranges::fill(std::span(word).subspan(16), std::byte{0});
  put_u32(word, 1444, crc32c(Bytes(word).first(1444)));
  CHECK(damage(word) == Damage::other);
  CHECK(damage(Message(19)) == Damage::other);
}

TEST_CASE("a peer that sends nothing but damaged probes is not looked into for ever",
          "[integrity]") {
  ContentCheck check(seed);
  const Message changed = with_flipped(message(8, 9216), 70);
  CHECK(check.damage_to(changed) == Damage::bits_flipped);
  Damage last = Damage::bits_flipped;
  for (int i = 0; i < 400; ++i) last = check.damage_to(changed).value_or(last);
  CHECK(last == Damage::other);
  CHECK_FALSE(check.damage_to(message(9, 9216)));
}
