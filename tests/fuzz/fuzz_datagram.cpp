// The header of a stream's datagrams, and numbers of which only 32 bits came.

#include <algorithm>
#include <array>
#include <limits>

#include "fuzz.hpp"
#include "wire/iperf3.hpp"
#include "wire/octets.hpp"

using namespace netduel;
using namespace netduel::iperf3;
using fuzz::promise;

namespace {

void check_header(Bytes datagram, Counters counters) {
  const auto header = decode_datagram(datagram, counters);
  if (!header) return;
  std::array<std::byte, 16> written{};
  encode(*header, counters, written);
  promise(std::ranges::equal(Bytes(written).first(header_octets(counters)),
                             datagram.first(header_octets(counters))),
          "a header is written as it was read");
}

void check_unwrap(std::uint32_t sequence, std::uint64_t expected) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t half = std::uint64_t{1} << 31;
  const std::uint64_t number = unwrap(sequence, expected);
  promise((number & 0xffffffff) == sequence, "the lower 32 bits are those that came");
  const std::uint64_t apart = number > expected ? number - expected : expected - number;
  promise(apart <= half || expected < half || expected > most - half,
          "a number is the nearest one to what is expected");
  promise(unwrap(sequence, number) == number, "a number that was expected is found");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes octets = fuzz::as_octets(data, size);
  check_header(octets, Counters::bits_32);
  check_header(octets, Counters::bits_64);
  if (size >= 12) {
    check_unwrap(get_u32(octets, 0), std::uint64_t{get_u32(octets, 4)} << 32 | get_u32(octets, 8));
  }
  return 0;
}
