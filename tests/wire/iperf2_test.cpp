#include "wire/iperf2.hpp"

#include <array>
#include <cstdlib>
#include <limits>
#include <vector>

#include "session/message_format.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using netduel::MessageFormat;
using netduel::Probe;
using netduel::WallTime;
using namespace netduel::iperf2;

namespace {

using Octets = std::vector<std::byte>;

Octets octets_of(std::initializer_list<unsigned> words, std::size_t length) {
  Octets octets;
  for (const unsigned word : words) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      octets.push_back(static_cast<std::byte>(word >> shift & 0xff));
    }
  }
  octets.resize(length);
  return octets;
}

constexpr WallTime at{1795788847s + 409035us};

}  // namespace

// What iperf 2.1.8 sent: `iperf -c 239.1.2.3 -u -T 1 -b 1M -t 1`.
TEST_CASE("the first and the last datagram of a stream of iperf 2 are read", "[iperf2]") {
  const auto first =
      octets_of({1, 0x6b09902f, 0x63dcb, 0, 0x48010098, 1, 0x1389, 0, 0xffffff9c}, 1470);
  CHECK(decode_datagram(first) == DatagramHeader{.number = 1, .sent = at, .last = false});
  const auto last = octets_of({0xffffffa4, 0x6b099030, 430001, 0xffffffff, 0x48010098}, 1470);
  CHECK(decode_datagram(last) ==
        DatagramHeader{.number = 92, .sent = WallTime{1795788848s + 430001us}, .last = true});
}

TEST_CASE("a datagram of iperf 2 that has no more than number and time is read", "[iperf2]") {
  // With -l 12, where a number has 32 bits.
  const auto last = octets_of({0xfffff330, 0x6b0990dc, 0x775c5}, 12);
  CHECK(decode_datagram(last)->number == 3280);
  CHECK(decode_datagram(last)->last);
}

TEST_CASE("without its flag the upper half of a number is none", "[iperf2]") {
  // iperf up to 2.0.5 has flags of another meaning there.
  CHECK(decode_datagram(octets_of({7, 0, 0, 0x80000000, 1}, 100))->number == 7);
  CHECK(decode_datagram(octets_of({7, 0, 0, 1, 0x08000000}, 100))->number == 0x1'0000'0007);
}

TEST_CASE("what is written in iperf 2's format is read back", "[iperf2]") {
  for (const std::uint64_t number :
       {std::uint64_t{1}, std::uint64_t{0x7fffffff}, std::uint64_t{0x80000000},
        std::uint64_t{0xffffffff}, std::uint64_t{0x100000000},
        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())}) {
    for (const bool last : {false, true}) {
      const DatagramHeader header{.number = number, .sent = at, .last = last};
      Octets datagram(header_octets, std::byte{0xff});
      encode(header, datagram);
      CHECK(decode_datagram(datagram) == header);
    }
  }
}

TEST_CASE("what can't be a datagram of iperf 2 is told", "[iperf2]") {
  CHECK_FALSE(decode_datagram({}));
  CHECK_FALSE(decode_datagram(octets_of({1, 1, 1}, 11)));
  CHECK_FALSE(decode_datagram(octets_of({0, 1, 1, 0, 0x08000000}, 40)));
  CHECK_FALSE(decode_datagram(octets_of({1, 1, 1'000'000, 0, 0x08000000}, 40)));
  // The number whose negative there isn't.
  CHECK_FALSE(decode_datagram(octets_of({0, 1, 1, 0x80000000, 0x08000000}, 40)));
}

TEST_CASE("messages in iperf 2's format count from 0, and the last says that it is", "[iperf2]") {
  Octets message(100);
  encode(MessageFormat::iperf2, {.sequence = 0, .sent = at}, message);
  CHECK(decode_datagram(message)->number == 1);
  CHECK(decode(MessageFormat::iperf2, message, 0) == Probe{.sequence = 0, .sent = at});
  CHECK_FALSE(is_last(MessageFormat::iperf2, message));
  encode_last(MessageFormat::iperf2, {.sequence = 41, .sent = at}, message);
  CHECK(decode(MessageFormat::iperf2, message, 0) == Probe{.sequence = 41, .sent = at});
  CHECK(is_last(MessageFormat::iperf2, message));
  // Nothing of this in other formats.
  CHECK_FALSE(is_last(MessageFormat::probe, message));
}
