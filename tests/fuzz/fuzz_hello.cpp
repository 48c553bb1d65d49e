// The datagrams that open a stream and compare clocks, and the numbers of the control connection.

#include <algorithm>

#include "fuzz.hpp"
#include "wire/iperf3.hpp"

using namespace netduel;
using namespace netduel::iperf3;
using fuzz::promise;

namespace {

void check_hello(Bytes datagram) {
  const auto hello = decode_hello(datagram);
  if (!hello) return;
  promise(std::ranges::equal(encode(*hello), datagram), "a hello is written as it was read");
  const auto reply = encode_reply(*hello);
  promise(reply.size() == datagram.size(), "an answer is as long as its hello");
  promise(is_reply(reply, *hello), "an answer is known as one");
  const auto answer = decode_hello(reply);
  promise(!answer || !decode_hello(encode_reply(*answer)), "servers don't greet for ever");
  promise(!decode_clock_request(datagram) && !decode_clock_answer(datagram),
          "a hello is nothing else");
}

void check_clock(Bytes datagram) {
  const auto request = decode_clock_request(datagram);
  const auto answer = decode_clock_answer(datagram);
  promise(!request || !answer, "a question is no answer");
  if (request) {
    promise(std::ranges::equal(encode_clock_request(*request), datagram),
            "a question is written as it was read");
  }
  if (answer) {
    promise(std::ranges::equal(encode_clock_answer(*answer), datagram),
            "an answer about the clock is written as it was read");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes octets = fuzz::as_octets(data, size);
  check_hello(octets);
  check_clock(octets);
  is_reply(octets, {});
  is_reply(octets, {.cookie = std::string(cookie_characters, 'a')});
  if (const auto cookie = decode_cookie(octets)) {
    promise(std::ranges::equal(encode_cookie(*cookie), octets), "a cookie is written as it was");
  }
  if (const auto error = decode_server_error(octets)) {
    promise(std::ranges::equal(encode(*error), octets), "an error is written as it was read");
    promise(!explain(*error).empty(), "every error is told in words");
  }
  if (size == 1) promise(!name_of(static_cast<State>(data[0])).empty(), "every state has a name");
  return 0;
}
