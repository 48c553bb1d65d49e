// Over loopback, with receivers that do no more than speak as the wire format has it.
#include "session/group_sender.hpp"

#include <array>
#include <future>
#include <set>
#include <thread>

#include "netduel/transport/udp_socket.hpp"
#include "netduel/wire/probe.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

struct Heard {
  std::vector<group::Announcement> announcements;
  std::vector<group::Closing> closings;
  std::set<std::uint64_t> numbers;
  std::set<Endpoint, decltype([](const Endpoint& a, const Endpoint& b) {
             return a.to_string() < b.to_string();
           })>
      data_sources;
  bool acknowledged = false;
};

/// Takes all that comes to a socket until a while after the closing, and says the last word when
/// `answers`; `lost` are what it says it lost.
Heard receive(UdpSocket& socket, bool answers, std::uint64_t lost = 0) {
  Heard heard;
  auto until = Clock::now() + 5s;
  bool answered = false;
  while (Clock::now() < until) {
    const auto result = socket.receive(std::min(until, Clock::now() + 20ms));
    for (const Received& one : result.messages) {
      if (const auto announced = group::decode_announcement(one.payload)) {
        heard.announcements.push_back(*announced);
      } else if (const auto closed = group::decode_closing(one.payload)) {
        heard.closings.push_back(*closed);
        if (heard.closings.size() == 1) until = Clock::now() + 700ms;
        if (!answers || answered) continue;
        answered = true;
        group::ReceptionReport report{.stream = closed->stream, .receiver = 9, .number = 1};
        report.final = report.knows_the_end = true;
        report.next_expected = closed->sent;
        report.unique = closed->sent - lost;
        const auto octets = encode(report);
        socket.send_to(std::array<Bytes, 1>{octets}, one.source, until);
      } else if (group::decode_acknowledgement(one.payload)) {
        heard.acknowledged = true;
      } else if (const auto probe = decode_probe(one.payload)) {
        heard.numbers.insert(probe->sequence);
        heard.data_sources.insert(one.source);
      }
    }
  }
  return heard;
}

GroupSendSpec short_stream(std::vector<Endpoint> to) {
  GroupSendSpec spec{.plan = {}, .to = std::move(to), .interface = {}};
  spec.plan.message_octets = 200;
  spec.plan.schedule = ScheduleKind::periodic;
  spec.plan.bits_per_second = 200 * 8 * 1000;
  spec.plan.time = 200ms;
  spec.lead = 150ms;
  return spec;
}

GroupSending send(const GroupSendSpec& spec, std::stop_token stop = {}) {
  GroupSender sender(spec);
  sender.open();
  return sender.run(std::move(stop));
}

}  // namespace

TEST_CASE("a stream is announced before it begins and closed with its true totals",
          "[group_sender][threads]") {
  UdpSocket socket = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  auto heard = std::async(std::launch::async, [&] { return receive(socket, true, 3); });
  const GroupSending sent = send(short_stream({socket.local()}));
  const Heard all = heard.get();

  CHECK(sent.sender.counts.sent + sent.sender.counts.skipped == 200);
  REQUIRE(all.announcements.size() >= 2);
  const group::Announcement& first = all.announcements.front();
  CHECK(first.sent == 0);
  CHECK(first.stream == sent.stream);
  CHECK(first.message_octets == 200);
  CHECK(first.messages_per_second == Approx(1000));
  CHECK(first.time == 200ms);
  CHECK(first.data_port == sent.source.port());
  REQUIRE(all.closings.size() >= 5);
  CHECK(all.closings.front().sent == sent.sender.counts.sent);
  CHECK(all.numbers.size() == sent.sender.counts.sent);
  CHECK(all.data_sources.size() == 1);
  CHECK(*all.data_sources.begin() == sent.source);
  CHECK(sent.control.port() != sent.source.port());

  CHECK(all.acknowledged);
  REQUIRE(sent.receivers.size() == 1);
  CHECK(sent.receivers.front().finished);
  CHECK(sent.receivers.front().report.unique == sent.sender.counts.sent - 3);
  CHECK(sent.receivers.front().address == socket.local());
  CHECK(sent.feedback.stream_octets == sent.sender.counts.sent * 228);
}

TEST_CASE("several addresses each get every message, and what one refuses counts for that one",
          "[group_sender][threads]") {
  UdpSocket one = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  UdpSocket two = UdpSocket::open(Endpoint::v4({127, 0, 0, 2}, 0));
  auto heard = std::async(std::launch::async, [&] { return receive(one, false); });
  auto heard_too = std::async(std::launch::async, [&] { return receive(two, false); });
  // Nothing is ever sent to port 0.
  auto spec = short_stream({one.local(), Endpoint::v4({127, 0, 0, 3}, 0), two.local()});
  spec.reports = false;
  const GroupSending sent = send(spec);
  const std::uint64_t messages = sent.sender.counts.sent;
  CHECK(heard.get().numbers.size() == messages);
  const Heard all = heard_too.get();
  CHECK(all.numbers.size() == messages);
  CHECK_FALSE(all.announcements.front().wants_reports);
  CHECK(all.closings.size() == 10);
  CHECK(sent.sender.counts.refused == 0);
  REQUIRE(sent.refusals.size() == 1);
  CHECK(sent.refusals.front().to == spec.to[1]);
  CHECK(sent.refusals.front().refused == messages);
  CHECK(sent.feedback.stream_octets == 2 * messages * 228);
}

TEST_CASE("a stream that is stopped is closed all the same, and one of so many messages ends there",
          "[group_sender][threads]") {
  UdpSocket socket = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  auto spec = short_stream({socket.local()});
  spec.plan.time = endless_stream;
  spec.reports = false;
  auto heard = std::async(std::launch::async, [&] { return receive(socket, false); });
  SECTION("stopped") {
    GroupSender sender(spec);
    sender.open();
    std::stop_source source;
    auto sent = std::async(std::launch::async, [&] { return sender.run(source.get_token()); });
    while (sender.progress().sent.messages < 20) std::this_thread::yield();
    source.request_stop();
    CHECK(sent.get().interrupted);
    const Heard all = heard.get();
    CHECK(all.announcements.front().time == 0ns);
    REQUIRE_FALSE(all.closings.empty());
    CHECK(all.closings.front().interrupted);
    CHECK(all.closings.front().sent == all.numbers.size());
  }
  SECTION("of 50 messages") {
    spec.messages = 50;
    const GroupSending sent = send(spec);
    CHECK(sent.sender.counts.sent == 50);
    CHECK_FALSE(sent.interrupted);
    const Heard all = heard.get();
    CHECK(all.announcements.front().time == 50ms);
    CHECK(all.numbers.size() == 50);
  }
}
