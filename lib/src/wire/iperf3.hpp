#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/time.hpp"

namespace netduel::iperf3 {

// What iperf3 puts on the wire beside JSON, and what netduel adds there. Pure.

inline constexpr std::uint16_t default_port = 5201;

/// One signed octet on the control connection.
enum class State : std::int8_t {
  test_start = 1,
  test_running = 2,
  test_end = 4,
  param_exchange = 9,
  create_streams = 10,
  server_terminate = 11,
  client_terminate = 12,
  exchange_results = 13,
  display_results = 14,
  iperf_done = 16,
  access_denied = -1,  ///< also "busy", where it is the first octet from a server
  server_error = -2,
  /// netduel's own, sent only to a peer that has shown itself to be netduel; JSON follows each.
  /// Server to client, after parameters with "netduel" in them and before create_streams.
  netduel_terms = 100,
  /// Either way after test_end: how many messages each stream of the sender of this has sent.
  netduel_seal = 101,
};
/// "TEST_RUNNING"; the number for one that nobody knows.
std::string name_of(State state);

/// What ties connections to a test: 36 characters and a NUL on the wire.
inline constexpr std::size_t cookie_characters = 36;
inline constexpr std::size_t cookie_octets = cookie_characters + 1;
/// From 36 random octets: characters of a-z and 2-7.
std::string make_cookie(std::span<const std::uint8_t, cookie_characters> random);
/// `cookie` is one that make_cookie or decode_cookie gave.
std::array<std::byte, cookie_octets> encode_cookie(std::string_view cookie);
/// nullopt unless there are 36 characters of printable ASCII and a NUL.
std::optional<std::string> decode_cookie(Bytes octets);

/// The datagram that opens a UDP stream. Stock peers send the first four octets only.
struct Hello {
  /// From iperf3 up to 3.11.
  bool legacy = false;
  /// netduel's: which test it is for.
  std::optional<std::string> cookie = std::nullopt;
  /// From a stock peer of the other byte order. Never with a cookie: netduel has one order.
  bool swapped = false;
  friend bool operator==(const Hello&, const Hello&) = default;
};
std::vector<std::byte> encode(const Hello& hello);
/// nullopt for what isn't one. Both byte orders are understood, as stock peers send their own.
std::optional<Hello> decode_hello(Bytes datagram);
/// The answer to it: four octets, and the cookie again where the hello had one. What answers a
/// hello is never taken for a hello, or two servers could be made to greet each other for ever: a
/// swapped one gets the legacy answer, since the newer, swapped, is the hello itself.
std::vector<std::byte> encode_reply(const Hello& hello);
/// Whether a datagram answers that hello: as encode_reply has it or, from a stock server, with four
/// octets, either stock answer in either byte order.
bool is_reply(Bytes datagram, const Hello& hello);

/// The header of a UDP stream's datagrams: seconds and microseconds, then a sequence number that
/// starts at 1, big-endian.
enum class Counters : std::uint8_t { bits_32, bits_64 };
constexpr std::size_t header_octets(Counters counters) {
  return counters == Counters::bits_32 ? 12 : 16;
}
struct DatagramHeader {
  std::uint64_t sequence = 0;
  WallTime sent{};  ///< to the microsecond
};
/// With 32 bits the number's upper half is left out. `datagram` has room for the header.
void encode(const DatagramHeader& header, Counters counters, std::span<std::byte> datagram);
/// nullopt when it is too short, or its microseconds are none.
std::optional<DatagramHeader> decode_datagram(Bytes datagram, Counters counters);
/// The number nearest to `expected` whose lower 32 bits are those of `sequence`.
std::uint64_t unwrap(std::uint32_t sequence, std::uint64_t expected);

/// netduel's own: an exchange that compares the clocks of two hosts (RFC 5905, section 8). Request
/// and answer have one length, so that nobody can make a server send more than it gets.
struct ClockExchange {
  std::string cookie;
  WallTime asked{};     ///< T1, by the client's clock
  WallTime received{};  ///< T2, by the server's
  WallTime answered{};  ///< T3, by the server's
};
inline constexpr std::size_t clock_octets = 4 + cookie_octets + 3 * 8;
std::array<std::byte, clock_octets> encode_clock_request(const ClockExchange& exchange);
std::array<std::byte, clock_octets> encode_clock_answer(const ClockExchange& exchange);
std::optional<ClockExchange> decode_clock_request(Bytes datagram);
std::optional<ClockExchange> decode_clock_answer(Bytes datagram);

/// What follows the state server_error: two big-endian numbers of 32 bits.
struct ServerError {
  std::int32_t code = 0;
  std::int32_t system_error = 0;
};
inline constexpr std::size_t server_error_octets = 8;
std::array<std::byte, server_error_octets> encode(const ServerError& error);
std::optional<ServerError> decode_server_error(Bytes octets);
/// iperf3's codes that a server tells, in words and with the number, which can be looked up: "the
/// server is busy with another test (code 121)". The number of a system error has no words, since
/// it is the other system's.
std::string explain(const ServerError& error);
/// What iperf3's client reports for the state access_denied (IEACCESSDENIED).
inline constexpr std::int32_t access_denied_code = 121;

/// The length before a JSON document.
inline constexpr std::size_t length_octets = 4;
std::array<std::byte, length_octets> encode_length(std::uint32_t octets);
std::uint32_t decode_length(std::span<const std::byte, length_octets> octets);

}  // namespace netduel::iperf3
