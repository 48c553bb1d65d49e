#include "wire/iperf3.hpp"

#include <algorithm>
#include <cassert>

#include "wire/octets.hpp"

namespace netduel::iperf3 {
namespace {

// As they are on the wire from a little-endian machine. iperf3 writes them in its own byte order.
constexpr std::uint32_t hello_magic = 0x39383736;
constexpr std::uint32_t reply_magic = 0x36373839;
constexpr std::uint32_t legacy_hello_magic = 0x15cd5b07;
constexpr std::uint32_t legacy_reply_magic = 0xb168de3a;

// "NDcq" and "NDca". A datagram of a stream begins with the seconds of its sending; these are of
// 2011.
constexpr std::uint32_t clock_request_magic = 0x4e446371;
constexpr std::uint32_t clock_answer_magic = 0x4e446361;

constexpr std::size_t magic_octets = 4;

constexpr std::uint32_t swapped(std::uint32_t number) {
  return number >> 24 | (number >> 8 & 0xff00) | (number << 8 & 0xff0000) | number << 24;
}

void put_u64(std::span<std::byte> to, std::size_t at, std::uint64_t number) {
  put_u32(to, at, static_cast<std::uint32_t>(number >> 32));
  put_u32(to, at + 4, static_cast<std::uint32_t>(number & 0xffffffff));
}

std::uint64_t get_u64(Bytes from, std::size_t at) {
  return std::uint64_t{get_u32(from, at)} << 32 | get_u32(from, at + 4);
}

std::vector<std::byte> magic_and_cookie(std::uint32_t magic,
                                        const std::optional<std::string>& cookie) {
  std::vector<std::byte> octets(magic_octets + (cookie ? cookie_octets : 0));
  put_u32(octets, 0, magic);
  if (cookie) {
    std::ranges::copy(encode_cookie(*cookie), octets.begin() + magic_octets);
  }
  return octets;
}

/// The hello without a cookie that these four octets are.
std::optional<Hello> stock_hello(std::uint32_t magic) {
  for (const bool legacy : {false, true}) {
    const std::uint32_t known = legacy ? legacy_hello_magic : hello_magic;
    if (magic == known) return Hello{.legacy = legacy};
    if (magic == swapped(known)) return Hello{.legacy = legacy, .swapped = true};
  }
  return std::nullopt;
}

void put_time(std::span<std::byte> to, std::size_t at, WallTime time) {
  put_u64(to, at, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

WallTime get_time(Bytes from, std::size_t at) {
  return WallTime(std::chrono::nanoseconds(static_cast<std::int64_t>(get_u64(from, at))));
}

std::array<std::byte, clock_octets> encode_clock(const ClockExchange& exchange,
                                                 std::uint32_t magic) {
  std::array<std::byte, clock_octets> octets{};
  put_u32(octets, 0, magic);
  std::ranges::copy(encode_cookie(exchange.cookie), octets.begin() + magic_octets);
  std::size_t at = magic_octets + cookie_octets;
  for (const WallTime time : {exchange.asked, exchange.received, exchange.answered}) {
    put_time(octets, at, time);
    at += 8;
  }
  return octets;
}

std::optional<ClockExchange> decode_clock(Bytes datagram, std::uint32_t magic) {
  if (datagram.size() != clock_octets || get_u32(datagram, 0) != magic) return std::nullopt;
  auto cookie = decode_cookie(datagram.subspan(magic_octets, cookie_octets));
  if (!cookie) return std::nullopt;
  constexpr std::size_t times = magic_octets + cookie_octets;
  return ClockExchange{.cookie = *std::move(cookie),
                       .asked = get_time(datagram, times),
                       .received = get_time(datagram, times + 8),
                       .answered = get_time(datagram, times + 16)};
}

/// Empty for those that a server doesn't tell.
std::string_view in_words(std::int32_t code) {
  switch (code) {
    case 5:
      return "the server refuses the test's duration";
    case 6:
      return "the server refuses the number of streams";
    case 7:
      return "the server refuses the length of what is written at once";
    case 8:
      return "the server refuses the size of the socket buffers";
    case 10:
      return "the server refuses the maximum segment size";
    case 12:
      return "the server refuses the omitted time";
    case 15:
      return "the server refuses the length of a burst";
    case 18:
      return "the server doesn't speak SCTP";
    case 20:
      return "the server refuses the length of a datagram";
    case 21:
      return "the server refuses the type of service";
    case 25:
      return "the server can't run a test both reverse and in both directions";
    case 27:
      return "the rate of all streams together is more than the server allows";
    case 37:
      return "the test is longer than the server allows";
    case 114:
      return "the server could not read the test's parameters";
    case 117:
      return "the server could not read the client's results";
    case 121:
      return "the server is busy with another test";
    case 131:
      return "the server doesn't speak the test's transport protocol";
    case 132:
      return "the server could not bind itself to that processor";
    case 134:
      return "the server lacks that congestion control";
    case 142:
      return "the server wants a user and a password, or refuses these";
    case 144:
      return "the server has received no data for too long";
    case 160:
      return "the test took longer than the server waits";
    case 202:
      return "the server could not listen for a stream";
    case 203:
      return "the server could not connect a stream";
    case 204:
      return "the server could not accept a stream";
    case 208:
      return "the server doesn't know one of the streams' numbers";
    default:
      return {};
  }
}

}  // namespace

std::string name_of(State state) {
  switch (state) {
    case State::test_start:
      return "TEST_START";
    case State::test_running:
      return "TEST_RUNNING";
    case State::test_end:
      return "TEST_END";
    case State::param_exchange:
      return "PARAM_EXCHANGE";
    case State::create_streams:
      return "CREATE_STREAMS";
    case State::server_terminate:
      return "SERVER_TERMINATE";
    case State::client_terminate:
      return "CLIENT_TERMINATE";
    case State::exchange_results:
      return "EXCHANGE_RESULTS";
    case State::display_results:
      return "DISPLAY_RESULTS";
    case State::iperf_done:
      return "IPERF_DONE";
    case State::access_denied:
      return "ACCESS_DENIED";
    case State::server_error:
      return "SERVER_ERROR";
    case State::netduel_terms:
      return "NETDUEL_TERMS";
    case State::netduel_seal:
      return "NETDUEL_SEAL";
  }
  return std::to_string(static_cast<int>(state));
}

std::string make_cookie(std::span<const std::uint8_t, cookie_characters> random) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string cookie;
  for (const std::uint8_t octet : random) cookie += alphabet[octet & 31U];
  return cookie;
}

std::array<std::byte, cookie_octets> encode_cookie(std::string_view cookie) {
  assert(cookie.size() == cookie_characters);
  std::array<std::byte, cookie_octets> octets{};
  std::ranges::transform(cookie.substr(0, cookie_characters), octets.begin(),
                         [](char c) { return static_cast<std::byte>(c); });
  return octets;
}

std::optional<std::string> decode_cookie(Bytes octets) {
  if (octets.size() != cookie_octets || octets.back() != std::byte{0}) return std::nullopt;
  std::string cookie;
  for (const std::byte octet : octets.first(cookie_characters)) {
    const auto character = std::to_integer<unsigned char>(octet);
    if (character < 0x20 || character > 0x7e) return std::nullopt;
    cookie += static_cast<char>(character);
  }
  return cookie;
}

std::vector<std::byte> encode(const Hello& hello) {
  const std::uint32_t magic = hello.legacy ? legacy_hello_magic : hello_magic;
  return magic_and_cookie(hello.swapped ? swapped(magic) : magic, hello.cookie);
}

std::optional<Hello> decode_hello(Bytes datagram) {
  if (datagram.size() != magic_octets && datagram.size() != magic_octets + cookie_octets) {
    return std::nullopt;
  }
  auto hello = stock_hello(get_u32(datagram, 0));
  if (!hello || datagram.size() == magic_octets) return hello;
  hello->cookie = decode_cookie(datagram.subspan(magic_octets));
  if (!hello->cookie || hello->swapped) return std::nullopt;
  return hello;
}

std::vector<std::byte> encode_reply(const Hello& hello) {
  if (hello.swapped) return magic_and_cookie(swapped(legacy_reply_magic), hello.cookie);
  return magic_and_cookie(hello.legacy ? legacy_reply_magic : reply_magic, hello.cookie);
}

bool is_reply(Bytes datagram, const Hello& hello) {
  if (datagram.size() != magic_octets) {
    return hello.cookie && std::ranges::equal(datagram, encode_reply(hello));
  }
  const std::uint32_t magic = get_u32(datagram, 0);
  return magic == reply_magic || magic == swapped(reply_magic) || magic == legacy_reply_magic ||
         magic == swapped(legacy_reply_magic);
}

void encode(const DatagramHeader& header, Counters counters, std::span<std::byte> datagram) {
  assert(datagram.size() >= header_octets(counters));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(header.sent);
  const auto rest = std::chrono::floor<std::chrono::microseconds>(header.sent - seconds);
  put_u32(datagram, 0, static_cast<std::uint32_t>(seconds.time_since_epoch().count() & 0xffffffff));
  put_u32(datagram, 4, static_cast<std::uint32_t>(rest.count()));
  if (counters == Counters::bits_64) {
    put_u64(datagram, 8, header.sequence);
  } else {
    put_u32(datagram, 8, static_cast<std::uint32_t>(header.sequence & 0xffffffff));
  }
}

std::optional<DatagramHeader> decode_datagram(Bytes datagram, Counters counters) {
  if (datagram.size() < header_octets(counters)) return std::nullopt;
  const std::uint32_t microseconds = get_u32(datagram, 4);
  if (microseconds >= 1'000'000) return std::nullopt;
  // 32 bits of seconds are 136 years, which 64 bits of nanoseconds hold.
  const auto since_epoch =
      std::chrono::seconds(get_u32(datagram, 0)) + std::chrono::microseconds(microseconds);
  return DatagramHeader{
      .sequence = counters == Counters::bits_64 ? get_u64(datagram, 8) : get_u32(datagram, 8),
      .sent = WallTime(since_epoch)};
}

std::uint64_t unwrap(std::uint32_t sequence, std::uint64_t expected) {
  constexpr std::uint64_t turn = std::uint64_t{1} << 32;
  const std::uint64_t ahead = sequence - static_cast<std::uint32_t>(expected & (turn - 1));
  const std::uint64_t forward = ahead & (turn - 1);
  const std::uint64_t back = turn - forward;
  // Where the nearer one is below 0 or above the highest number, the other is the only one.
  const bool can_go_forward = expected <= ~std::uint64_t{0} - forward;
  const bool can_go_back = expected >= back;
  if (can_go_forward && (forward <= back || !can_go_back)) return expected + forward;
  return expected - back;
}

std::array<std::byte, clock_octets> encode_clock_request(const ClockExchange& exchange) {
  return encode_clock(exchange, clock_request_magic);
}

std::array<std::byte, clock_octets> encode_clock_answer(const ClockExchange& exchange) {
  return encode_clock(exchange, clock_answer_magic);
}

std::optional<ClockExchange> decode_clock_request(Bytes datagram) {
  return decode_clock(datagram, clock_request_magic);
}

std::optional<ClockExchange> decode_clock_answer(Bytes datagram) {
  return decode_clock(datagram, clock_answer_magic);
}

std::array<std::byte, server_error_octets> encode(const ServerError& error) {
  std::array<std::byte, server_error_octets> octets{};
  put_u32(octets, 0, static_cast<std::uint32_t>(error.code));
  put_u32(octets, 4, static_cast<std::uint32_t>(error.system_error));
  return octets;
}

std::optional<ServerError> decode_server_error(Bytes octets) {
  if (octets.size() != server_error_octets) return std::nullopt;
  return ServerError{.code = static_cast<std::int32_t>(get_u32(octets, 0)),
                     .system_error = static_cast<std::int32_t>(get_u32(octets, 4))};
}

std::string explain(const ServerError& error) {
  const std::string_view words = in_words(error.code);
  std::string numbers = "code " + std::to_string(error.code);
  if (error.system_error != 0) {
    numbers += ", its system's error " + std::to_string(error.system_error);
  }
  if (words.empty()) return "the server reports iperf3's " + numbers;
  return std::string(words) + " (" + numbers + ')';
}

std::array<std::byte, length_octets> encode_length(std::uint32_t octets) {
  std::array<std::byte, length_octets> encoded{};
  put_u32(encoded, 0, octets);
  return encoded;
}

std::uint32_t decode_length(std::span<const std::byte, length_octets> octets) {
  return get_u32(octets, 0);
}

}  // namespace netduel::iperf3
