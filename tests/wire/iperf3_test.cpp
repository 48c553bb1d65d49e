#include "wire/iperf3.hpp"

#include <array>
#include <limits>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using netduel::Bytes;
using netduel::WallTime;
using namespace netduel::iperf3;

namespace {

using Octets = std::vector<std::byte>;

Octets octets_of(std::initializer_list<int> values) {
  Octets octets;
  for (const int value : values) octets.push_back(static_cast<std::byte>(value));
  return octets;
}

const std::string cookie = "abcdefghijklmnopqrstuvwxyz234567abcd";

Octets with_cookie(Octets octets, const std::string& text = cookie) {
  for (const char c : text) octets.push_back(static_cast<std::byte>(c));
  octets.push_back(std::byte{0});
  return octets;
}

const Octets hello_octets = octets_of({0x39, 0x38, 0x37, 0x36});
const Octets reply_octets = octets_of({0x36, 0x37, 0x38, 0x39});
const Octets legacy_hello_octets = octets_of({0x15, 0xcd, 0x5b, 0x07});
const Octets legacy_reply_octets = octets_of({0xb1, 0x68, 0xde, 0x3a});

Octets reversed(Octets octets) {
  return {octets.rbegin(), octets.rend()};
}

}  // namespace

TEST_CASE("a state is named as iperf3 names it, and an unknown one by its number", "[iperf3]") {
  CHECK(name_of(State::test_running) == "TEST_RUNNING");
  CHECK(name_of(State::access_denied) == "ACCESS_DENIED");
  CHECK(name_of(State::netduel_seal) == "NETDUEL_SEAL");
  CHECK(name_of(static_cast<State>(77)) == "77");
  CHECK(name_of(static_cast<State>(-7)) == "-7");
}

TEST_CASE("a cookie is 36 characters of a-z and 2-7", "[iperf3]") {
  std::array<std::uint8_t, cookie_characters> random{};
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::uint8_t>(i);
  CHECK(make_cookie(random) == "abcdefghijklmnopqrstuvwxyz234567abcd");
  random.fill(0xff);
  CHECK(make_cookie(random) == std::string(36, '7'));
}

TEST_CASE("a cookie is ended by a NUL on the wire", "[iperf3]") {
  const auto encoded = encode_cookie(cookie);
  CHECK(Octets(encoded.begin(), encoded.end()) == with_cookie({}));
  CHECK(decode_cookie(encoded) == cookie);
}

TEST_CASE("what isn't 36 printable characters and a NUL is no cookie", "[iperf3]") {
  const auto encoded = encode_cookie(cookie);
  CHECK_FALSE(decode_cookie(Bytes(encoded).first(36)));
  CHECK_FALSE(decode_cookie(Bytes()));
  CHECK_FALSE(decode_cookie(with_cookie({}, cookie + "a")));
  const auto wrong = GENERATE(0x00, 0x0a, 0x1b, 0x1f, 0x7f, 0x80, 0xff);
  auto changed = encoded;
  changed[7] = static_cast<std::byte>(wrong);
  CHECK_FALSE(decode_cookie(changed));
  changed = encoded;
  changed[36] = std::byte{'a'};
  CHECK_FALSE(decode_cookie(changed));
}

TEST_CASE("a stock hello is four octets, and so is its answer", "[iperf3]") {
  CHECK(encode(Hello{}) == hello_octets);
  CHECK(encode_reply(Hello{}) == reply_octets);
  CHECK(encode(Hello{.legacy = true}) == legacy_hello_octets);
  CHECK(encode_reply(Hello{.legacy = true}) == legacy_reply_octets);
  CHECK(decode_hello(hello_octets) == Hello{});
  CHECK(decode_hello(legacy_hello_octets) == Hello{.legacy = true});
}

TEST_CASE("a hello of the other byte order is understood, and answered in that order", "[iperf3]") {
  const Hello swapped{.swapped = true};
  const Hello legacy{.legacy = true, .swapped = true};
  CHECK(decode_hello(reversed(hello_octets)) == swapped);
  CHECK(decode_hello(reversed(legacy_hello_octets)) == legacy);
  // The newer answer would be the hello of this order.
  CHECK(encode_reply(swapped) == reversed(legacy_reply_octets));
  CHECK(encode_reply(legacy) == reversed(legacy_reply_octets));
}

TEST_CASE("an answer is never a hello that a server would answer in turn", "[iperf3]") {
  for (const bool legacy : {false, true}) {
    for (const bool netduels : {false, true}) {
      Hello hello{.legacy = legacy};
      if (netduels) hello.cookie = cookie;
      const auto answer = decode_hello(encode_reply(hello));
      // A stock answer is the hello of the other byte order; what answers that is none.
      if (answer) CHECK_FALSE(decode_hello(encode_reply(*answer)));
      if (netduels) CHECK_FALSE(answer);
    }
  }
}

TEST_CASE("netduel's hello says which test it is for, and its answer repeats that", "[iperf3]") {
  const Hello hello{.cookie = cookie};
  CHECK(encode(hello) == with_cookie(hello_octets));
  CHECK(decode_hello(encode(hello)) == hello);
  CHECK(encode_reply(hello) == with_cookie(reply_octets));
  CHECK(encode_reply(hello).size() == encode(hello).size());
}

TEST_CASE("a hello of another length or with a broken cookie is none", "[iperf3]") {
  CHECK_FALSE(decode_hello(Bytes()));
  CHECK_FALSE(decode_hello(Bytes(hello_octets).first(3)));
  CHECK_FALSE(decode_hello(legacy_reply_octets));
  CHECK_FALSE(decode_hello(octets_of({0x39, 0x38, 0x37, 0x36, 0x00})));
  CHECK_FALSE(decode_hello(with_cookie(hello_octets, cookie + "a")));
  CHECK_FALSE(decode_hello(with_cookie(hello_octets, std::string(36, '\n'))));
  CHECK_FALSE(decode_hello(with_cookie(reversed(hello_octets))));
}

TEST_CASE("either stock answer will do, in either byte order", "[iperf3]") {
  for (const Hello& hello : {Hello{}, Hello{.legacy = true}, Hello{.cookie = cookie}}) {
    CHECK(is_reply(reply_octets, hello));
    CHECK(is_reply(reversed(reply_octets), hello));
    CHECK(is_reply(legacy_reply_octets, hello));
    CHECK(is_reply(reversed(legacy_reply_octets), hello));
    CHECK(is_reply(encode_reply(hello), hello));
    CHECK_FALSE(is_reply(legacy_hello_octets, hello));
    CHECK_FALSE(is_reply(Bytes(), hello));
    CHECK_FALSE(is_reply(octets_of({0x36, 0x37, 0x38, 0x39, 0x00}), hello));
  }
}

TEST_CASE("an answer with a cookie is one only to the hello that had it", "[iperf3]") {
  const Hello hello{.cookie = cookie};
  CHECK_FALSE(is_reply(with_cookie(reply_octets, std::string(36, 'z')), hello));
  CHECK_FALSE(is_reply(with_cookie(reply_octets), Hello{}));
  // Our own hello, sent back by an echo service.
  CHECK_FALSE(is_reply(encode(hello), hello));
}

TEST_CASE("a datagram's header is seconds, microseconds and a number", "[iperf3]") {
  const DatagramHeader header{.sequence = 0x0102030405060708,
                              .sent = WallTime(0x65432101s + 0x0a0b0cus + 999ns)};
  Octets datagram(18, std::byte{0xa5});
  encode(header, Counters::bits_64, datagram);
  CHECK(datagram == octets_of({0x65, 0x43, 0x21, 0x01, 0x00, 0x0a, 0x0b, 0x0c, 0x01,  //
                               0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xa5, 0xa5}));
  const auto wide = decode_datagram(datagram, Counters::bits_64);
  REQUIRE(wide);
  CHECK(wide->sequence == header.sequence);
  CHECK(wide->sent == header.sent - 999ns);

  Octets narrow(14, std::byte{0xa5});
  encode(header, Counters::bits_32, narrow);
  CHECK(narrow == octets_of({0x65, 0x43, 0x21, 0x01, 0x00, 0x0a, 0x0b, 0x0c,  //
                             0x05, 0x06, 0x07, 0x08, 0xa5, 0xa5}));
  REQUIRE(decode_datagram(narrow, Counters::bits_32));
  CHECK(decode_datagram(narrow, Counters::bits_32)->sequence == 0x05060708);
}

TEST_CASE("a datagram is none when it is shorter than its header or its time is no time",
          "[iperf3]") {
  Octets datagram(16);
  encode({.sequence = 1, .sent = WallTime(1s + 999'999us)}, Counters::bits_64, datagram);
  CHECK(decode_datagram(datagram, Counters::bits_64));
  CHECK_FALSE(decode_datagram(Bytes(datagram).first(15), Counters::bits_64));
  CHECK(decode_datagram(Bytes(datagram).first(12), Counters::bits_32));
  CHECK_FALSE(decode_datagram(Bytes(datagram).first(11), Counters::bits_32));
  CHECK_FALSE(decode_datagram(Bytes(), Counters::bits_32));
  datagram[4] = std::byte{0x0f};
  CHECK_FALSE(decode_datagram(datagram, Counters::bits_64));
}

TEST_CASE("seconds beyond 2038 are read as such", "[iperf3]") {
  const Octets datagram = octets_of({0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1});
  REQUIRE(decode_datagram(datagram, Counters::bits_32));
  CHECK(decode_datagram(datagram, Counters::bits_32)->sent == WallTime(4294967295s));
}

TEST_CASE("a number of 32 bits is the nearest one to what is expected", "[iperf3]") {
  constexpr std::uint64_t turn = std::uint64_t{1} << 32;
  CHECK(unwrap(1, 1) == 1);
  CHECK(unwrap(5, 1) == 5);
  CHECK(unwrap(0, turn) == turn);
  CHECK(unwrap(0xffffffff, turn + 3) == turn - 1);
  CHECK(unwrap(3, turn - 2) == turn + 3);
  CHECK(unwrap(7, 9 * turn + 5) == 9 * turn + 7);
  CHECK(unwrap(0x7fffffff, turn) == turn + 0x7fffffff);
  CHECK(unwrap(0x80000001, turn) == 0x80000001);
}

TEST_CASE("a number of 32 bits never turns into one below 0 or beyond 64 bits", "[iperf3]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(unwrap(0xffffffff, 0) == 0xffffffff);
  CHECK(unwrap(0xffffffff, 5) == 0xffffffff);
  CHECK(unwrap(2, most) == (most - 0xffffffff) + 2);
  CHECK(unwrap(0xffffffff, most) == most);
}

TEST_CASE("a question about the clock and its answer have one length and aren't confused",
          "[iperf3]") {
  const ClockExchange exchange{
      .cookie = cookie,
      .asked = WallTime(0x1112131415161718ns),
      .received = WallTime(-1ns),
      .answered = WallTime(std::numeric_limits<std::int64_t>::min() * 1ns)};
  const auto request = encode_clock_request(exchange);
  const auto answer = encode_clock_answer(exchange);
  CHECK(request.size() == 65);
  Octets expected = with_cookie(octets_of({'N', 'D', 'c', 'q'}));
  for (int i = 0x11; i <= 0x18; ++i) expected.push_back(static_cast<std::byte>(i));
  for (int i = 0; i < 8; ++i) expected.push_back(std::byte{0xff});
  expected.push_back(std::byte{0x80});
  expected.resize(65);
  CHECK(Octets(request.begin(), request.end()) == expected);

  const auto read = decode_clock_answer(answer);
  REQUIRE(read);
  CHECK(read->cookie == cookie);
  CHECK(read->asked == exchange.asked);
  CHECK(read->received == exchange.received);
  CHECK(read->answered == exchange.answered);
  CHECK(decode_clock_request(request));
  CHECK_FALSE(decode_clock_request(answer));
  CHECK_FALSE(decode_clock_answer(request));
  CHECK_FALSE(decode_hello(request));
  CHECK_FALSE(is_reply(answer, Hello{.cookie = cookie}));
}

TEST_CASE("a question about the clock of another length or with a broken cookie is none",
          "[iperf3]") {
  const auto request = encode_clock_request({.cookie = cookie});
  Octets longer(request.begin(), request.end());
  longer.push_back(std::byte{0});
  CHECK_FALSE(decode_clock_request(longer));
  CHECK_FALSE(decode_clock_request(Bytes(request).first(64)));
  CHECK_FALSE(decode_clock_request(Bytes()));
  auto broken = request;
  broken[10] = std::byte{0};
  CHECK_FALSE(decode_clock_request(broken));
}

TEST_CASE("a server's error is two numbers, and is told in words", "[iperf3]") {
  const auto encoded = encode(ServerError{.code = 121, .system_error = -2});
  CHECK(Octets(encoded.begin(), encoded.end()) ==
        octets_of({0, 0, 0, 121, 0xff, 0xff, 0xff, 0xfe}));
  const auto error = decode_server_error(encoded);
  REQUIRE(error);
  CHECK(error->code == 121);
  CHECK(error->system_error == -2);
  CHECK_FALSE(decode_server_error(Bytes(encoded).first(4)));
  CHECK(explain({.code = 121}) == "the server is busy with another test (code 121)");
  CHECK(explain({.code = 202, .system_error = 98}) ==
        "the server could not listen for a stream (code 202, its system's error 98)");
  CHECK(explain({.code = 999}) == "the server reports iperf3's code 999");
}

TEST_CASE("a document's length is four octets, big-endian", "[iperf3]") {
  const auto encoded = encode_length(0x01020304);
  CHECK(Octets(encoded.begin(), encoded.end()) == octets_of({1, 2, 3, 4}));
  CHECK(decode_length(encode_length(0xffffffff)) == 0xffffffff);
}
