#include "session/group_receivers.hpp"

#include <algorithm>
#include <thread>

#include "netduel/transport/udp_socket.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/group_feedback.hpp"
#include "session/group_listener.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t message_octets = 100;

Octets message(std::uint64_t number, WallTime sent = wall_now()) {
  Octets octets(message_octets);
  encode(Probe{.sequence = number, .sent = sent}, octets);
  return octets;
}

/// A sender's two sockets, at one address.
const Endpoint source = *Endpoint::parse("10.0.0.1:4000");
const Endpoint control = source.with_port(4001);

group::Announcement announcement(std::uint64_t sent, std::uint64_t stream = 7) {
  group::Announcement made;
  made.stream = stream;
  made.data_port = source.port();
  made.message_octets = message_octets;
  made.messages_per_second = 1000;
  made.sent = sent;
  made.feedback_octets_per_second = 1000;
  return made;
}

group::Closing closing(std::uint64_t sent, std::uint64_t stream = 7) {
  group::Closing made;
  made.stream = stream;
  made.data_port = source.port();
  made.offered = made.sent = sent;
  made.final_octets = 4000;
  made.feedback_octets_per_second = 4000;
  return made;
}

/// A receiver that joined at a moment of its own, and what it hears.
struct Hearing {
  Deadline now{1000s};
  GroupListener listener{MessageFormat::probe, now - 2s};
  std::uint32_t drops = 0;

  void hear(const Octets& octets, const Endpoint& from) {
    Received received;
    received.payload = octets;
    received.source = from;
    received.arrived = received.read_at = wall_now();
    received.queue_drops = drops;
    listener.observe(received, now);
    now += 1ms;
  }
  void messages(std::uint64_t from, std::uint64_t end, const Endpoint& at = source) {
    for (std::uint64_t number = from; number < end; ++number) hear(message(number), at);
  }
  GroupStream& stream(std::size_t n = 0) { return *listener.streams().at(n); }
  ReceivedStream finish(std::size_t n = 0, GroupStream::Context context = {}) {
    if (!context.socket.receive_queue_drops) context.socket.receive_queue_drops = drops;
    context.shares_its_socket = listener.streams().size() > 1;
    stream(n).settle(context);
    return stream(n).finish();
  }
};

using Runs = std::vector<MissingRuns::Run>;

}  // namespace

TEST_CASE("who heard a stream announced before it began misses its first messages too",
          "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  at.messages(2, 5);
  at.hear(encode(closing(6)), control);
  const ReceivedStream stream = at.finish();
  CHECK(stream.joined_before_the_stream);
  CHECK_FALSE(stream.join_latency);
  CHECK(stream.counted_from == 0);
  CHECK(stream.ledger.sent == 6);
  CHECK(stream.ledger.delivered == 3);
  CHECK(stream.missing.runs() == Runs{{0, 2}, {5, 6}});
  CHECK(stream.ledger.lost_elsewhere->low == 3);
  CHECK(stream.ledger.balanced());
}

TEST_CASE("who comes late counts from what it heard first, and knows what was before",
          "[multicast]") {
  Hearing at;
  const bool by_announcement = GENERATE(true, false);
  if (by_announcement) at.hear(encode(announcement(100)), control);
  at.messages(102, 110);
  at.hear(message(99), source);
  at.hear(encode(announcement(110)), control);
  at.hear(encode(closing(112)), control);
  const ReceivedStream stream = at.finish();
  CHECK_FALSE(stream.joined_before_the_stream);
  CHECK(stream.join_latency == 2s);
  CHECK(stream.counted_from == (by_announcement ? 100 : 102));
  CHECK(stream.ledger.sent == 112 - stream.counted_from);
  CHECK(stream.ledger.delivered == 8);
  CHECK(stream.ledger.balanced());
}

TEST_CASE("who hears nothing but the closing was not there, and lost nothing", "[multicast]") {
  Hearing at;
  at.hear(encode(closing(50)), control);
  const ReceivedStream stream = at.finish();
  CHECK(stream.counted_from == 50);
  CHECK(stream.ledger.sent == 0);
}

TEST_CASE("streams are told apart by where their messages come from", "[multicast]") {
  Hearing at;
  const Endpoint other = *Endpoint::parse("10.0.0.2:4000");
  at.hear(encode(announcement(0)), control);
  at.messages(0, 3);
  // Nobody announces this one, and its end stays unknown.
  at.messages(5, 7, other);
  at.messages(3, 4);
  at.hear(noise(message_octets, 1), *Endpoint::parse("10.0.0.3:4000"));
  at.hear(encode(closing(4)), control);
  REQUIRE(at.listener.streams().size() == 2);
  CHECK(at.listener.foreign() == 1);
  // A drop may have been any stream's, so it is no more than a bound.
  at.drops = 1;
  at.hear(encode(closing(4)), control);
  const ReceivedStream first = at.finish(0);
  CHECK(first.ledger.delivered == 4);
  const ReceivedStream second = at.finish(1);
  CHECK(second.source == other);
  CHECK(second.stream == 0);
  CHECK_FALSE(second.is_closed());
  CHECK(second.counted_from == 5);
  CHECK(second.ledger.delivered == 2);
}

TEST_CASE("a drop is this stream's for certain only where nothing else can have been dropped",
          "[multicast]") {
  Hearing at;
  const bool announced = GENERATE(false, true);
  if (announced) at.hear(encode(announcement(0)), control);
  at.messages(0, 1);
  at.drops = 2;
  at.messages(3, 5);
  const ReceivedStream stream = at.finish();
  CHECK(stream.ledger.lost_in_host == (announced ? Bounds{0, 2} : Bounds{2, 2}));
}

TEST_CASE("what contradicts a stream is not believed", "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  at.messages(0, 10);
  const Endpoint forger = control.with_port(6666);
  auto forged = announcement(0);
  at.hear(encode(forged), forger);
  at.hear(encode(announcement(0, 8)), forger);
  forged.message_octets = 500;
  at.hear(encode(forged), control);
  at.hear(encode(closing(20)), forger);
  at.hear(encode(closing(9)), control);
  at.hear(Octets(encode(closing(20)).size(), std::byte{1}), control);
  CHECK(at.listener.streams().size() == 1);
  CHECK(at.listener.foreign() == 6);
  CHECK_FALSE(at.stream().closing());
  at.hear(encode(closing(10)), control);
  // Of another length, and of numbers that were never sent.
  at.hear(Octets(message_octets / 2), source);
  at.messages(std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 1);
  const ReceivedStream stream = at.finish();
  CHECK(stream.closing->sent == 10);
  CHECK(stream.ledger.truncated == 1);
  CHECK(stream.ledger.corrupted == 1);
  CHECK(stream.ledger.delivered == 10);
}

TEST_CASE("a flood of sources makes no more streams than there may be", "[multicast]") {
  Hearing at;
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    at.hear(message(0), source.with_port(port));
  }
  CHECK(at.listener.streams().size() == GroupListener::most_streams);
  CHECK(at.listener.foreign() == 1000 - GroupListener::most_streams);
}

TEST_CASE("another announcement of the same sender begins another stream", "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  at.messages(0, 3);
  at.hear(encode(closing(3)), control);
  at.hear(encode(announcement(0, 8)), control);
  at.messages(0, 2);
  REQUIRE(at.listener.streams().size() == 2);
  CHECK(at.finish(0).ledger.delivered == 3);
  CHECK(at.finish(1).ledger.delivered == 2);
}

TEST_CASE("iperf 2's last message is counted, ends its stream, and may come again", "[multicast]") {
  Hearing at;
  at.listener = GroupListener(MessageFormat::iperf2, at.now - 2s);
  const auto hear = [&](std::uint64_t number, bool last = false, std::size_t octets = 100) {
    Octets message(octets);
    const Probe header{.sequence = number, .sent = wall_now()};
    last ? encode_last(MessageFormat::iperf2, header, message)
         : encode(MessageFormat::iperf2, header, message);
    at.hear(message, source);
  };
  // Of a stream that is over; of this one nothing is known by it.
  hear(500, true);
  CHECK(at.listener.foreign() == 1);
  // The first is longer than the others, as it tells of the stream.
  hear(0, false, 120);
  for (const std::uint64_t number : {1U, 4U, 3U, 4U}) hear(number);
  // It came behind others, or it isn't the last.
  hear(2, true);
  CHECK_FALSE(at.stream().closing());
  hear(6, true);
  hear(6, true);
  CHECK(at.stream().over_at(250ms) < at.now + 250ms);
  // What can't be of a stream of 7 messages.
  hear(7);
  hear(9, true);
  CHECK(at.listener.foreign() == 2);
  const ReceivedStream stream = at.finish();
  CHECK(stream.is_closed());
  CHECK(stream.ledger.sent == 7);
  CHECK(stream.ledger.delivered == 6);
  CHECK(stream.report.counts.duplicates == 1);
  CHECK(stream.report.counts.reordered == 2);
  CHECK(stream.report.counts.corrupted == 1);
  CHECK(stream.report.octets == 120 + 5 * 100 + 100);
  CHECK(stream.missing.runs() == Runs{{5, 6}});
  CHECK(stream.ledger.balanced());
}

TEST_CASE("a sender that falls silent ends its stream, and so does its closing", "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  at.messages(0, 3);
  const Deadline last = at.now - 1ms;
  CHECK(at.stream().over_at(250ms) == last + 2500ms);
  at.hear(encode(closing(3)), control);
  CHECK(at.stream().over_at(250ms) == at.now - 1ms + 250ms);
}

TEST_CASE("reports are as far apart as the sender's newest announcement asks", "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  GroupFeedback feedback({.id = 3, .name = "r", .companions = 1, .seed = 1}, control, at.now);
  const Deadline first = feedback.due(at.stream());
  CHECK(first >= at.now + 250ms);
  CHECK(first <= at.now + 750ms);
  // Many receivers were heard meanwhile, and few octets a second are left to each.
  auto crowded = announcement(100);
  crowded.receivers = 200;
  crowded.feedback_octets_per_second = 10;
  at.hear(encode(crowded), control);
  CHECK(feedback.next(at.stream(), {}, first).empty());
  const Deadline later = feedback.due(at.stream());
  const std::chrono::duration<double> mean(
      static_cast<double>(group::report_octets(1) + ipv4_header_octets + udp_header_octets) / 10);
  CHECK(later - at.now >= 0.5 * mean);
  const auto report = group::decode_report(feedback.next(at.stream(), {}, later));
  REQUIRE(report);
  CHECK(report->receiver == 3);
  CHECK(report->number == 1);
  CHECK_FALSE(report->final);
  // Companions of one process don't wait to be counted: five times as many as were heard.
  GroupFeedback alone({.id = 3, .name = "r", .companions = 1000, .seed = 1}, control, at.now);
  CHECK(alone.due(at.stream()) - at.now >= 2.5 * mean);
}

TEST_CASE("the last word is repeated until it is acknowledged, and no longer than some tries",
          "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  at.messages(0, 3);
  at.messages(5, 6);
  at.hear(encode(closing(8)), control);
  at.stream().settle({});
  GroupFeedback feedback({.id = 3, .name = "r", .companions = 1, .seed = 1}, control, at.now);
  feedback.conclude(at.stream(), {}, false, at.now);
  const bool answered = GENERATE(true, false);
  int reports = 0;
  int details = 0;
  while (!feedback.finished()) {
    REQUIRE(reports + details < 20);
    const Deadline due = feedback.due(at.stream());
    REQUIRE(due < at.now + 10s);
    const auto octets = feedback.next(at.stream(), {}, due);
    if (const auto report = group::decode_report(octets)) {
      ++reports;
      CHECK(report->final);
      CHECK(report->knows_the_end);
      CHECK(report->unique == 4);
      CHECK(report->next_expected == 6);
      if (answered && reports == 2) {
        feedback.acknowledge({7, 3, group::Acknowledgement::Of::report, report->number});
      }
    } else if (const auto detail = group::decode_detail(octets)) {
      ++details;
      CHECK(detail->range == group::Run{0, 8});
      CHECK(detail->missing == std::vector<group::Run>{{3, 5}, {6, 8}});
      if (answered) feedback.acknowledge({7, 3, group::Acknowledgement::Of::detail, 0});
    }
  }
  CHECK(reports == (answered ? 2 : 4));
  CHECK(details == (answered ? 1 : 4));
}

TEST_CASE("loss detail ends where the sender's budget does", "[multicast]") {
  Hearing at;
  at.hear(encode(announcement(0)), control);
  for (std::uint64_t number = 0; number < 4000; number += 2) at.messages(number, number + 1);
  at.hear(encode(closing(4000)), control);
  at.stream().settle({});
  GroupFeedback feedback({.id = 3, .name = "r", .companions = 1, .seed = 1}, control, at.now);
  feedback.conclude(at.stream(), {}, false, at.now);
  std::size_t octets = 0;
  std::uint64_t told_to = 0;
  std::size_t parts = 0;
  std::uint16_t parts_promised = 0;
  while (!feedback.finished()) {
    const auto sent = feedback.next(at.stream(), {}, feedback.due(at.stream()));
    octets += sent.empty() ? 0 : sent.size() + 28;
    if (const auto report = group::decode_report(sent)) {
      feedback.acknowledge({7, 3, group::Acknowledgement::Of::report, report->number});
    } else if (const auto detail = group::decode_detail(sent)) {
      CHECK(detail->range.first == told_to);
      told_to = detail->range.end;
      ++parts;
      parts_promised = detail->parts;
      feedback.acknowledge({7, 3, group::Acknowledgement::Of::detail, detail->part});
    }
  }
  CHECK(octets <= 4000);
  CHECK(octets > 3000);
  CHECK(parts == parts_promised);
  CHECK(told_to < 4000);
}

namespace {

/// Over the loopback interface, where a group needs no route.
struct Loopback {
  std::uint16_t port = UdpSocket::open(Endpoint::any(IpVersion::v4)).local().port();

  Endpoint group(std::uint8_t number, std::uint8_t range = 239) const {
    return Endpoint::v4({range, 255, 77, number}, port);
  }
  GroupReceiveSpec spec(const Endpoint& to) const {
    GroupReceiveSpec spec;
    spec.group = to;
    spec.interface = "lo";
    spec.drain = 20ms;
    return spec;
  }
};

/// Both sockets of a sender, and what it says.
struct Sender {
  explicit Sender(std::uint8_t host = 1) : data(open(host)), says(open(host)), id(host) {}
  static UdpSocket open(std::uint8_t host) {
    return UdpSocket::open(Endpoint::v4({127, 0, 0, host}, 0), {.multicast_interface = "lo"});
  }
  static void send(UdpSocket& from, const Octets& octets, const Endpoint& to) {
    const Bytes one = octets;
    const SendResult result = from.send_to({&one, 1}, to, in_good_time());
    INFO(result.refused.message());
    REQUIRE(result.accepted == 1);
  }
  void stream(const Endpoint& to, std::uint64_t messages, bool wants_reports = false) {
    auto announced = announcement(0, id);
    announced.data_port = data.local().port();
    announced.wants_reports = wants_reports;
    send(says, encode(announced), to);
    for (std::uint64_t number = 0; number < messages; ++number) send(data, message(number), to);
    auto closed = closing(messages, id);
    closed.data_port = data.local().port();
    // A report for each receiver, and no loss detail.
    closed.final_octets = 1;
    closed.feedback_octets_per_second = 100'000;
    send(says, encode(closed), to);
  }
  UdpSocket data;
  UdpSocket says;
  std::uint64_t id;
};

std::vector<ReceiverPlace> places(std::size_t count) {
  return std::vector<ReceiverPlace>(count, ReceiverPlace{.place = {}, .name = "r"});
}

}  // namespace

TEST_CASE("two receivers of one group and port both receive, and one of another group nothing",
          "[multicast][threads]") {
  const Loopback on;
  GroupReceivers both(on.spec(on.group(1)), places(2));
  auto other_spec = on.spec(on.group(2));
  other_spec.time = 100ms;
  GroupReceivers other(other_spec, places(1));
  Sender sender;
  sender.stream(on.group(1), 50);
  for (const GroupReception& reception : both.run({})) {
    REQUIRE(reception.streams.size() == 1);
    CHECK(reception.streams[0].ledger.delivered == 50);
    CHECK(reception.streams[0].is_closed());
    CHECK(reception.streams[0].source == sender.data.local());
    CHECK(reception.foreign == 0);
  }
  const auto nothing = other.run({});
  CHECK(nothing[0].streams.empty());
  CHECK(nothing[0].foreign == 0);
  CHECK(other.progress().nothing_heard);
}

TEST_CASE("a source-specific receiver hears one of two senders", "[multicast][threads]") {
  const Loopback on;
  auto spec = on.spec(on.group(3, 232));
  spec.source = Endpoint::v4({127, 0, 0, 1}, 0);
  GroupReceivers receivers(spec, places(1));
  Sender unwanted(2);
  unwanted.stream(on.group(3, 232), 20);
  Sender wanted(1);
  wanted.stream(on.group(3, 232), 10);
  const auto receptions = receivers.run({});
  REQUIRE(receptions[0].streams.size() == 1);
  CHECK(receptions[0].streams[0].stream == 1);
  CHECK(receptions[0].streams[0].ledger.delivered == 10);
  CHECK(receptions[0].foreign == 0);
}

TEST_CASE("each receiver's final report goes to where the announcements come from",
          "[multicast][threads]") {
  const Loopback on;
  GroupReceivers receivers(on.spec(on.group(4)), places(3));
  Sender sender;
  sender.stream(on.group(4), 20, true);
  const Endpoint to = sender.says.local();
  std::vector<std::uint64_t> reporters;
  std::jthread listener([&] {
    const Deadline until = std::chrono::steady_clock::now() + 5s;
    while (reporters.size() < 3 && std::chrono::steady_clock::now() < until) {
      const ReceiveResult result = sender.says.receive(until);
      // Acknowledged one behind the other, as answers go from the socket that receives.
      std::vector<std::pair<Octets, Endpoint>> answers;
      for (const Received& received : result.messages) {
        const auto report = group::decode_report(received.payload);
        if (!report || !report->final || report->unique != 20) continue;
        reporters.push_back(report->receiver);
        answers.emplace_back(
            encode(group::Acknowledgement{report->stream, report->receiver,
                                          group::Acknowledgement::Of::report, report->number}),
            received.source);
      }
      for (const auto& [octets, from] : answers) {
        const Bytes one = octets;
        (void)sender.says.send_to({&one, 1}, from, in_good_time());
      }
    }
  });
  const auto receptions = receivers.run({});
  listener.join();
  REQUIRE(reporters.size() == 3);
  for (const GroupReception& reception : receptions) {
    CHECK(std::ranges::count(reporters, reception.id) == 1);
    CHECK(reception.reports_sent == 1);
  }
  CHECK(to == sender.says.local());
}

TEST_CASE("a stop ends receiving, with what came until then", "[multicast][threads]") {
  const Loopback on;
  GroupReceivers receivers(on.spec(on.group(5)), places(1));
  Sender sender;
  auto announced = announcement(0);
  announced.data_port = sender.data.local().port();
  announced.wants_reports = false;
  Sender::send(sender.says, encode(announced), on.group(5));
  for (std::uint64_t number = 0; number < 5; ++number) {
    Sender::send(sender.data, message(number), on.group(5));
  }
  std::stop_source stop;
  std::jthread ends([&] {
    const Deadline until = in_good_time();
    while (std::chrono::steady_clock::now() < until) {
      const auto progress = receivers.progress();
      const auto& streams = progress.receivers[0].streams;
      if (!streams.empty() && streams[0].figures.messages == 5) break;
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  const auto receptions = receivers.run(stop.get_token());
  CHECK(receptions[0].interrupted);
  REQUIRE(receptions[0].streams.size() == 1);
  CHECK(receptions[0].streams[0].ledger.delivered == 5);
  CHECK_FALSE(receptions[0].streams[0].is_closed());
}
