#include "session/report_archive.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

#include "netduel/measure/sequence_window.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

struct Path {
  std::size_t messages;
  double loss;
  double duplication;
  double reordering;
  double jitter_nanoseconds;
};

/// What the two ends would have made of a stream.
struct Trial {
  ReceiverReport receiver;
  SenderReport sender;
};

std::vector<Arrival> travel(const Path& path, std::mt19937_64& random) {
  std::uniform_real_distribution<double> chance(0, 1);
  std::exponential_distribution<double> jitter(1 / path.jitter_nanoseconds);
  std::vector<Arrival> arrivals;
  const WallTime start{std::chrono::seconds(1'700'000'000)};
  for (std::uint64_t n = 0; n < path.messages; ++n) {
    if (chance(random) < path.loss) continue;
    const int copies = chance(random) < path.duplication ? 3 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const WallTime sent = start + nanoseconds{1s / 20'000} * static_cast<std::int64_t>(n);
      const double moved = jitter(random) * (chance(random) < path.reordering ? 50 : 1);
      const WallTime arrived = sent + 20us + nanoseconds{static_cast<std::int64_t>(moved)};
      arrivals.push_back({n, 1200, sent, arrived, arrived + nanoseconds{random() % 5000}});
    }
  }
  std::ranges::stable_sort(arrivals, {}, &Arrival::arrived);
  return arrivals;
}

Trial trial_over(const Path& path, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Trial trial;
  ReceiverReport& report = trial.receiver;
  ReceiverCounts& counts = report.counts;
  SequenceWindow window;
  std::uint32_t drops = 0;
  for (const Arrival& arrival : travel(path, random)) {
    const Placement placement = window.place(arrival.sequence);
    report.meter.observe(arrival, placement);
    if (random() % 10 == 0) drops += static_cast<std::uint32_t>(random() % 3);
    counts.drop_gaps.observe(placement, drops);
    if (report.arrivals.size() < 100) report.arrivals.push_back(arrival);
    ++report.stamped_by_kernel;
  }
  const std::uint64_t sent = path.messages;
  report.meter.finish(sent);
  counts.unique = report.meter.get<Loss>().unique();
  counts.stale = report.meter.get<Loss>().stale();
  counts.reordered = report.meter.get<Reordering>().reordered();
  counts.duplicates = report.meter.get<Duplication>().duplicates();
  counts.next_expected = window.next_expected();
  counts.foreign = random() % 10;
  counts.drops_known = true;
  counts.drop_gaps.close(sent - window.next_expected(), drops + random() % 3);
  report.has_all_arrivals = false;
  report.host = {.receive_buffer_errors = drops + 3, .checksum_errors = {}, .softnet_drops = 1};
  report.socket.receive_buffer = {.asked_octets = 4096, .granted_octets = 8192, .cut = true};
  report.socket.receive_queue_drops = drops;
  report.octets = 1200 * report.stamped_by_kernel;
  report.omitted_messages = 17;
  report.stream_messages = sent;
  report.cpu = 12'345us;
  report.receiving = 550ms;
  trial.sender.counts = {.skipped = 3,
                         .offered = sent + 2,
                         .refused = 2,
                         .sent = sent,
                         .super_packets = {.smallest = 2, .largest = 44}};
  for (int batch = 0; batch < 100; ++batch) {
    trial.sender.lateness.record(nanoseconds{random() % 1'000'000});
  }
  return trial;
}

ReceiverReport there_and_back(const ReceiverReport& report) {
  return receiver_report_from_json(to_json(report));
}

SenderReport there_and_back(const SenderReport& report) {
  return sender_report_from_json(to_json(report));
}

Ledger ledger_of(const SenderReport& sender, const ReceiverReport& receiver, bool loopback) {
  return close_ledger(sender.counts, receiver.counts,
                      {.host = receiver.host, .loopback = loopback});
}

/// What experiments merge over trials.
struct Merged {
  LossPeriods loss_periods;
  Reordering reordering;
  Duplication duplication;
  Delay delay;
  DurationHistogram pdv;
  SignedDurationHistogram ipdv;

  void add(const StreamMeter& meter) {
    loss_periods.merge(meter.get<LossPeriods>());
    reordering.merge(meter.get<Reordering>());
    duplication.merge(meter.get<Duplication>());
    delay.merge(meter.get<Delay>());
    pdv.merge(meter.get<DelayVariation>().pdv());
    ipdv.merge(meter.get<DelayVariation>().ipdv());
  }
  std::string rows() const {
    Report report;
    loss_periods.describe(report);
    reordering.describe(report);
    duplication.describe(report);
    delay.describe(report);
    describe_delay_variation(report, pdv, ipdv, {});
    return to_json(report);
  }
};

std::string rows_of(const StreamMeter& meter) {
  Report report;
  meter.describe(report);
  return to_json(report);
}

std::string rows_of(const Ledger& ledger) {
  Report report;
  describe(ledger, report);
  return to_json(report);
}

/// All that is done with reports, so that the sanitizers see it done with whatever was read.
void use(const SenderReport& sender, const ReceiverReport& receiver) {
  Merged merged;
  merged.add(receiver.meter);
  merged.add(receiver.meter);
  rows_of(receiver.meter);
  merged.rows();
  for (const bool loopback : {false, true}) rows_of(ledger_of(sender, receiver, loopback));
  for (const double ratio : {0.001, 0.5, 0.999, 1.0}) {
    receiver.meter.get<Delay>().to_read().percentile(ratio, sender.counts.sent);
    merged.ipdv.percentile(ratio);
    sender.lateness.percentile(ratio);
  }
  sender.source.to_string();
}

/// As text is edited, so that much of it stays JSON.
void mutate(std::string& text, std::mt19937_64& random) {
  constexpr std::string_view likely = "0123456789-.,:[]{}\"eE";
  for (std::uint64_t times = 1 + random() % 3; times > 0; --times) {
    char& at = text[random() % text.size()];
    at = random() % 4 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
  }
}

SenderReport full_sender_report() {
  SenderReport report;
  report.counts = {.skipped = 1, .offered = 12, .refused = 2, .sent = 10, .super_packets = {3, 44}};
  report.omitted_messages = 5;
  report.source = *Endpoint::parse("[fe80::1%2]:5201");
  report.left_at_the_end = 1;
  report.setup = 1ms;
  report.first_sent = WallTime{1'700'000'000s};
  report.sending = 500ms;
  report.cpu = 400ms;
  report.lateness.record(17us);
  report.clock_step = -3us;
  report.socket.send_buffer.granted_octets = 4096;
  report.socket.icmp_errors = 1;
  report.socket.segmentation_offload = true;
  report.socket.smallest_super_packet_messages = 3;
  report.socket.largest_super_packet_messages = 44;
  report.socket.largest_super_packet_octets = 63712;
  report.tcp = TcpInfo{.congestion = "cubic",
                       .timestamps = true,
                       .send_mss_octets = 1448,
                       .path_mtu_octets = 1500,
                       .smoothed_rtt = 20us,
                       .minimum_rtt = 10us,
                       .rtt_variation = 8us,
                       .congestion_window_octets = 14480,
                       .send_window_octets = 65536,
                       .reordering_events = 9,
                       .retransmitted_segments = 7,
                       .octets_sent = 1,
                       .octets_retransmitted = 2,
                       .octets_acknowledged = 3,
                       .busy = 4us,
                       .receive_window_limited = 5us,
                       .send_buffer_limited = 6us};
  report.first_refusal = "No buffer space available";
  report.interrupted = true;
  return report;
}

/// The document with its first `from` replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a receiver's report that has travelled gives the same rows, merges and ledgers",
          "[archive]") {
  const auto path = GENERATE(Path{0, 0, 0, 0, 1}, Path{1, 0, 0, 0, 1}, Path{2, 0, 0, 0, 1000},
                             Path{900, 0.05, 0.05, 0.05, 20'000}, Path{1024, 0, 0, 0, 1000},
                             Path{5000, 0.3, 0.2, 0.3, 50'000}, Path{30'000, 0.01, 0, 0, 3000},
                             Path{20'000, 0.4, 0.1, 1, 1'000'000});
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(path.messages, seed);
  const Trial trial = trial_over(path, seed);
  const ReceiverReport& original = trial.receiver;
  const ReceiverReport restored = there_and_back(original);
  CHECK(to_json(restored) == to_json(original));
  CHECK(restored.octets == original.octets);
  CHECK(restored.omitted_messages == original.omitted_messages);
  CHECK(restored.stream_messages == original.stream_messages);
  CHECK(rows_of(restored.meter) == rows_of(original.meter));

  const SenderReport sender = there_and_back(trial.sender);
  const bool loopback = GENERATE(false, true);
  CHECK(rows_of(ledger_of(sender, restored, loopback)) ==
        rows_of(ledger_of(trial.sender, original, loopback)));
  const DropGaps& gaps = restored.counts.drop_gaps;
  for (const SuperPacketSize size : {SuperPacketSize{1, 1}, {1, 44}, {3, 7}}) {
    CHECK(gaps.messages_dropped(size) == original.counts.drop_gaps.messages_dropped(size));
  }

  Merged from_originals;
  Merged from_restored;
  for (const std::uint64_t other : {seed, seed + 10, seed + 20}) {
    const ReceiverReport more = trial_over(path, other).receiver;
    from_originals.add(more.meter);
    from_restored.add(there_and_back(more).meter);
  }
  CHECK(from_restored.rows() == from_originals.rows());
  for (int percent = 1; percent <= 100; ++percent) {
    const double ratio = percent / 100.0;
    CHECK(from_restored.pdv.percentile(ratio) == from_originals.pdv.percentile(ratio));
    CHECK(restored.meter.get<Delay>().to_read().percentile(ratio, 10) ==
          original.meter.get<Delay>().to_read().percentile(ratio, 10));
    CHECK(sender.lateness.percentile(ratio) == trial.sender.lateness.percentile(ratio));
  }
}

TEST_CASE("a finished meter that has travelled can be merged into as the original can",
          "[archive]") {
  const ReceiverReport one = trial_over({5000, 0.1, 0.1, 0.2, 50'000}, 4).receiver;
  const ReceiverReport two = trial_over({5000, 0.2, 0.1, 0.1, 20'000}, 5).receiver;
  const auto merged = [&](const ReceiverReport& into) {
    Merged all{.loss_periods = into.meter.get<LossPeriods>(),
               .reordering = into.meter.get<Reordering>(),
               .duplication = into.meter.get<Duplication>(),
               .delay = into.meter.get<Delay>(),
               .pdv = into.meter.get<DelayVariation>().pdv(),
               .ipdv = into.meter.get<DelayVariation>().ipdv()};
    all.add(two.meter);
    return all.rows();
  };
  CHECK(merged(there_and_back(one)) == merged(one));
}

TEST_CASE("delays by clocks that disagree travel too", "[archive]") {
  ReceiverReport report;
  SequenceWindow window;
  const WallTime sent{1'700'000'000s};
  const auto offset = GENERATE(-5s, 5s);
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const WallTime arrived = sent + offset + nanoseconds{n * n % 1000};
    report.meter.observe({n, 100, sent, arrived, arrived + 10us}, window.place(n));
  }
  const ReceiverReport restored = there_and_back(report);
  CHECK(rows_of(restored.meter) == rows_of(report.meter));
  CHECK(to_json(restored) == to_json(report));
}

TEST_CASE("the arrivals that were written down travel one by one", "[archive]") {
  const ReceiverReport report = trial_over({200, 0.1, 0.1, 0.2, 1'000'000}, 6).receiver;
  const ReceiverReport restored = there_and_back(report);
  REQUIRE(report.arrivals.size() == 100);
  CHECK(std::ranges::equal(report.arrivals, restored.arrivals, [](const auto& a, const auto& b) {
    return a.sequence == b.sequence && a.octets == b.octets && a.sent == b.sent &&
           a.arrived == b.arrived && a.read_at == b.read_at;
  }));
}

TEST_CASE("what a check of messages found travels, and where there was none nothing does",
          "[archive]") {
  ReceiverReport report;
  CHECK_FALSE(there_and_back(report).integrity);
  report.integrity = {.verified = 9, .bits_flipped = 1, .words_swapped = 2, .other = 3};
  CHECK(there_and_back(report).integrity == report.integrity);
}

TEST_CASE("all of a sender's report travels, and what is absent stays so", "[archive]") {
  const SenderReport full = full_sender_report();
  const SenderReport restored = there_and_back(full);
  CHECK(to_json(restored) == to_json(full));
  CHECK(restored.source == full.source);
  CHECK(restored.first_sent == full.first_sent);
  CHECK(restored.clock_step == -3us);
  CHECK(restored.omitted_messages == 5);
  CHECK(restored.tcp->reordering_events == 9U);
  CHECK(restored.tcp->congestion == "cubic");
  CHECK(restored.tcp->send_buffer_limited == 6us);
  CHECK(restored.first_refusal == full.first_refusal);
  CHECK(restored.interrupted);
  CHECK(restored.lateness.max() == 17us);

  const SenderReport empty = there_and_back(SenderReport{});
  CHECK(!empty.first_sent);
  CHECK(!empty.tcp);
  CHECK(!empty.first_refusal);
  CHECK(!empty.socket.icmp_errors);
  SenderReport little;
  little.tcp.emplace();
  CHECK(!there_and_back(little).tcp->timestamps);
}

TEST_CASE("the report of half a second at full speed is a few tens of KiB", "[archive]") {
  ReceiverReport report = trial_over({500'000, 0.02, 0.001, 0.01, 200'000}, 7).receiver;
  report.arrivals.clear();
  CHECK(to_json(report).size() < 48 * 1024);
}

TEST_CASE("texts of a peer come without control characters", "[archive]") {
  SenderReport report;
  report.first_refusal = "no\x1b[2Jroom\nat\x7f all \xc2\x9b;\xc3\xa9";
  CHECK(there_and_back(report).first_refusal == "no [2Jroom at  all   ;\xc3\xa9");
  report.first_refusal = "not UTF-8: \xff";
  CHECK(there_and_back(report).first_refusal->starts_with("not UTF-8: "));
  report.first_refusal = std::string(5000, 'x');
  CHECK_THROWS_WITH(there_and_back(report), "a peer's report: first_refusal is too long");
}

TEST_CASE("a report that was cut short is refused wherever it ends", "[archive]") {
  const Trial trial = trial_over({300, 0.1, 0.1, 0.1, 100'000}, 8);
  const std::string receiver = to_json(trial.receiver);
  const std::string sender = to_json(full_sender_report());
  std::size_t refused = 0;
  const auto count = [&](const auto& read, const std::string& text) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      try {
        read(std::string_view(text).substr(0, length));
      } catch (const std::runtime_error& error) {
        refused += std::string_view(error.what()).find('\n') == std::string_view::npos ? 1 : 0;
      }
    }
  };
  count(receiver_report_from_json, receiver);
  count(sender_report_from_json, sender);
  CHECK(refused == receiver.size() + sender.size());
}

TEST_CASE("a report with octets changed is refused or harmless", "[archive]") {
  const Trial trial = trial_over({GENERATE(60U, 1500U), 0.1, 0.1, 0.2, 100'000}, 9);
  const std::string receiver = to_json(trial.receiver);
  const std::string sender = to_json(full_sender_report());
  std::mt19937_64 random(10);
  std::size_t refused = 0;
  std::size_t taken = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string text = receiver;
    std::string sender_text = sender;
    mutate(text, random);
    mutate(sender_text, random);
    try {
      use(sender_report_from_json(sender), receiver_report_from_json(text));
      ++taken;
    } catch (const std::runtime_error&) {
      ++refused;
    }
    try {
      use(sender_report_from_json(sender_text), trial.receiver);
      ++taken;
    } catch (const std::runtime_error&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
  CHECK(taken > 0);
}

TEST_CASE("what no end can have counted is refused by the name of its place", "[archive]") {
  struct Lie {
    std::string from;
    std::string to;
    std::string what;
  };
  ReceiverReport report;
  SequenceWindow window;
  for (const std::uint64_t n : {0U, 4U, 2U, 8U}) {
    const WallTime sent{std::chrono::milliseconds(n)};
    const Placement placement = window.place(n);
    report.meter.observe({n, 100, sent, sent + 100ns, sent + 100ns}, placement);
    report.counts.drop_gaps.observe(placement, static_cast<std::uint32_t>(n) / 4);
  }
  report.arrivals.push_back({1, 100, WallTime{1s}, WallTime{1s}, WallTime{1s}});
  report.meter.finish(10);
  const std::string text = to_json(report);
  CAPTURE(text);
  CHECK_NOTHROW(receiver_report_from_json(text));
  const auto lie = GENERATE(
      Lie{R"("unique":4)", R"("unique":-4)", "unique"},
      Lie{R"("unique":4)", R"("unique":4.0)", "unique"},
      Lie{R"("unique":4)", R"("once":4)", "unique is missing"},
      Lie{R"("drops_known":false)", R"("drops_known":0)", "counts.drops_known"},
      Lie{R"("stale":0)", R"("stale":281474976710657)", "counts.unique and other counts"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[3,1])", "counts.drop_gaps.gaps"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[3,0,2])", "counts.drop_gaps.gaps"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[3,4,2])", "counts.drop_gaps.gaps"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[4,2,2])", "counts.drop_gaps.gaps"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[3,1,2,2,1,1])", "counts.drop_gaps.gaps"},
      Lie{R"("gaps":[3,1,2])", R"("gaps":[3,1,93824992236886])", "counts.drop_gaps.gaps"},
      Lie{R"("overflow_drops":0)", R"("overflow_drops":1)", "counts.drop_gaps.drops"},
      Lie{R"("arrivals":[1,)", R"("arrivals":[)", "arrivals"},
      Lie{R"("arrivals":[1,100,)", R"("arrivals":[1,-100,)", "arrivals"},
      Lie{R"("arrivals":[1,100,1000000000)", R"("arrivals":[1,100,9000000000000000000)",
          "arrivals"},
      Lie{R"("buckets":[100,4])", R"("buckets":[100])", "to_arrival.buckets"},
      Lie{R"("buckets":[100,4])", R"("buckets":[100,0])", "to_arrival.buckets"},
      Lie{R"("buckets":[100,4])", R"("buckets":[99,1,98,1])", "to_arrival.buckets"},
      Lie{R"("buckets":[100,4])", R"("buckets":[4000,4])", "to_arrival.buckets"},
      Lie{R"("buckets":[100,4])", R"("buckets":[101,4])", "to_arrival.min and max"},
      Lie{R"("buckets":[100,4],"max":100)", R"("buckets":[100,4],"max":101)", "to_arrival.min"},
      Lie{R"("min":100)", R"("min":101)", "to_arrival.min"},
      Lie{R"("min":100)", R"("min":-1)", "to_arrival.min"},
      Lie{R"("min":100,"negative":0)", R"("min":100,"negative":1)", "to_arrival.min"},
      Lie{R"("first":[100,)", R"("first":[9223372036854775807,)", "delay_variation.first"},
      Lie{R"("length":100000000)", R"("length":0)", "intervals.length"},
      Lie{R"("intervals":[400,4])", R"("intervals":[400])", "intervals.intervals"},
      Lie{R"("last_read":8000100)", R"("last_read":4600000000000000000)", "throughput.last_read"},
      Lie{R"("first_read":100,)", "", "throughput.first_sent"},
      Lie{R"("lengths":[)", R"("lengths":[128,1,)", "loss_periods.lengths"},
      Lie{R"("periods":)", R"("periods":1)", "loss_periods.periods"},
      Lie{R"("reordered":1,)", R"("reordered":5,)", "reordering.reordered"},
      Lie{R"("cpu":0)", R"("cpu":-1)", "cpu or receiving"},
      Lie{R"("cpu":0)", R"("cpu":4503599627370496)", "cpu or receiving"},
      Lie{R"("meter":{)", R"("meter":[],"more":{)", "meter is no object"});
  CAPTURE(lie.from, lie.to);
  CHECK_THROWS_WITH(receiver_report_from_json(with(text, lie.from, lie.to)),
                    containing(lie.what) && containing("a peer's report: "));
}

TEST_CASE("what isn't a report at all is refused in one line", "[archive]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "null", "[]", "7", "{}", "{\"counts\":7}", "\xff");
  CHECK_THROWS_WITH(sender_report_from_json(text), containing("a peer's report: "));
  CHECK_THROWS_WITH(receiver_report_from_json(text), containing("a peer's report: "));
}

TEST_CASE("a report too deep or too long is refused", "[archive]") {
  const std::string deep(1'000'000, '[');
  CHECK_THROWS_WITH(receiver_report_from_json(deep + std::string(1'000'000, ']')),
                    containing("it is no object"));
  CHECK_THROWS_AS(receiver_report_from_json(std::string((std::size_t{64} << 20) + 1, ' ')),
                  std::runtime_error);
}
