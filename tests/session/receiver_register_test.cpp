#include "session/receiver_register.hpp"

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;
using group::LossDetail;
using group::ReceptionReport;

namespace {

constexpr std::uint64_t stream = 77;
const Endpoint home = Endpoint::v4({192, 0, 2, 1}, 4000);
const Endpoint elsewhere = Endpoint::v4({192, 0, 2, 66}, 4000);

struct Register : ReceiverRegister {
  Register() : ReceiverRegister(stream, IpVersion::v4) {}

  auto hear(const ReceptionReport& report, Time now = 1s, const Endpoint& from = home,
            std::uint64_t sent_at_most = 1000) {
    return take(encode(report), from, now, sent_at_most);
  }
  auto hear(const LossDetail& detail, Time now = 11s, const Endpoint& from = home) {
    return take(encode(detail), from, now, 1000);
  }
  std::uint64_t disbelieved() const {
    return counts().foreign + counts().other_stream + counts().contradictory + counts().too_many;
  }
};

ReceptionReport report(std::uint32_t number, std::uint64_t unique, std::uint64_t receiver = 1) {
  ReceptionReport made{.stream = stream, .receiver = receiver, .number = number, .name = "one"};
  made.next_expected = unique;
  made.unique = unique;
  made.joined_for = number * 1s;
  return made;
}

ReceptionReport last(std::uint32_t number, std::uint64_t unique, std::uint64_t next_expected) {
  ReceptionReport made = report(number, unique);
  made.next_expected = next_expected;
  made.final = true;
  made.knows_the_end = true;
  return made;
}

LossDetail part(std::uint16_t number, std::uint16_t parts, group::Run range,
                std::vector<group::Run> missing) {
  return {.stream = stream,
          .receiver = 1,
          .part = number,
          .parts = parts,
          .range = range,
          .missing = std::move(missing)};
}

}  // namespace

TEST_CASE("a receiver is kept as its reports tell, and the last one is acknowledged",
          "[receiver_register]") {
  Register known;
  CHECK_FALSE(known.hear(report(1, 100), 500ms));
  CHECK_FALSE(known.hear(report(2, 300), 1500ms));
  known.close(1000, 10'000'000, 10s);
  const auto answer = known.hear(last(3, 990, 995), 10500ms);
  REQUIRE(answer);
  CHECK(answer->of == group::Acknowledgement::Of::report);
  CHECK(answer->number == 3);
  REQUIRE(known.receivers().size() == 1);
  const ReceiverRecord& one = known.receivers().front();
  CHECK(one.finished);
  CHECK_FALSE(one.came_late);
  CHECK(one.address == home);
  CHECK(one.first_heard == 500ms);
  CHECK(one.last_heard == 10500ms);
  CHECK(one.report.unique == 990);
  CHECK(one.history.size() == 3);
  // Its acknowledgement was lost: it is answered again, and counts once.
  CHECK(known.hear(last(3, 990, 995), 10600ms));
  CHECK(known.counts().reports == 3);
  CHECK(known.counts().repeated == 1);
  CHECK(known.disbelieved() == 0);
}

TEST_CASE("what is no report of this stream changes nothing", "[receiver_register]") {
  Register known;
  auto damaged = encode(report(1, 10));
  damaged[30] ^= std::byte{1};
  known.take(damaged, home, 1s, 1000);
  known.take(Bytes{}, home, 1s, 1000);
  known.take(encode(group::Announcement{.data_port = 1, .message_octets = 100}), home, 1s, 1000);
  CHECK(known.counts().foreign == 3);
  auto strange = report(1, 10);
  strange.stream = 78;
  known.hear(strange);
  CHECK(known.counts().other_stream == 1);
  CHECK(known.receivers().empty());
  CHECK(known.counts().octets == 0);
}

TEST_CASE(
    "a report that goes back, tells of more than was sent, or comes from elsewhere is not "
    "believed",
    "[receiver_register]") {
  Register known;
  known.hear(report(5, 500), 5s);
  std::uint64_t not_believed = 0;
  const auto refused = [&](const ReceptionReport& told, const Endpoint& from = home) {
    CHECK_FALSE(known.hear(told, 6s, from));
    CHECK(known.counts().contradictory == ++not_believed);
    CHECK(known.receivers().front().report == report(5, 500));
  };
  refused(report(6, 499));
  refused(report(6, 1001));
  refused(report(6, 600), elsewhere);
  auto told = report(5, 500);
  told.duplicates = 1;
  refused(told);
  told = report(6, 600);
  told.counted_from = 10;
  told.unique = 590;
  refused(told);
  told = report(6, 600);
  told.joined_for = 4s;
  refused(told);
  // The end is told by the closing alone, which has not been sent.
  refused(last(6, 600, 600));
  // An old one that was overtaken is no lie.
  CHECK_FALSE(known.hear(report(4, 400), 6s));
  CHECK(known.counts().repeated == 1);
  known.hear(report(6, 600), 6s);
  CHECK(known.receivers().front().report.unique == 600);
  CHECK(known.receivers().size() == 1);
}

TEST_CASE("a flood of reports is not believed, and keeps nobody else from being heard",
          "[receiver_register]") {
  Register known;
  known.hear(report(1, 1, 2), 0s);
  for (std::uint32_t n = 1; n <= 10'000; ++n) known.hear(report(n, 1), 1s);
  CHECK(known.counts().reports < 30);
  CHECK(known.counts().too_many > 9'900);
  // What another sends in its name doesn't count against it.
  for (std::uint32_t n = 1; n <= 1000; ++n) known.hear(report(n, 1, 2), 1s, elsewhere);
  known.hear(report(2, 7, 2), 1s);
  CHECK(known.receivers().front().report.unique == 7);
  // Half an interval later the first is heard again, too.
  known.hear(report(20'000, 9), 2s);
  CHECK(known.receivers().back().report.unique == 9);
}

TEST_CASE("invented receivers are bounded in number, and in how fast they are believed",
          "[receiver_register]") {
  Register known;
  for (std::uint64_t id = 1; id <= 3000; ++id) known.hear(report(1, 1, id), 1s);
  CHECK(known.receivers().size() < 2000);
  for (std::uint64_t id = 3001; id <= 20'000; ++id) known.hear(report(1, 1, id), 1h);
  for (std::uint64_t id = 20'001; id <= 40'000; ++id) known.hear(report(1, 1, id), 2h);
  for (std::uint64_t id = 40'001; id <= 60'000; ++id) known.hear(report(1, 1, id), 3h);
  for (std::uint64_t id = 60'001; id <= 80'000; ++id) known.hear(report(1, 1, id), 4h);
  CHECK(known.receivers().size() == ReceiverRegister::most_receivers);
  CHECK(known.counts().reports == ReceiverRegister::most_receivers);
}

TEST_CASE("who is silent has vanished, until it is heard again", "[receiver_register]") {
  Register known;
  known.announced(2, 1000);
  known.hear(report(1, 100, 1), 1s);
  auto leaving = report(1, 100, 2);
  leaving.final = leaving.leaves = true;
  leaving.counted_from = 50;
  leaving.unique = 50;
  CHECK(known.hear(leaving, 1s));
  CHECK(known.receivers()[1].left);
  CHECK(known.receivers()[1].came_late);
  known.look_at(2s);
  CHECK(known.reporting() == 1);
  known.look_at(9s);
  CHECK(known.receivers()[0].vanished);
  CHECK_FALSE(known.receivers()[1].vanished);
  CHECK(known.reporting() == 0);
  known.hear(report(2, 500, 1), 10s);
  CHECK_FALSE(known.receivers()[0].vanished);
  // Never said the last word.
  known.close(1000, 1'000'000, 10s);
  CHECK(known.waits_for_someone(11s));
  known.look_at(20s);
  CHECK_FALSE(known.waits_for_someone(20s));
  known.finish();
  CHECK(known.receivers()[0].vanished);
}

TEST_CASE("where reports are rare a receiver is given longer", "[receiver_register]") {
  Register known;
  known.hear(report(1, 1), 1s);
  known.announced(200, 20);
  known.look_at(30s);
  CHECK_FALSE(known.receivers()[0].vanished);
}

TEST_CASE("reports of all receivers together stay within their share", "[receiver_register]") {
  Register known;
  constexpr double rate = 100'000;
  CHECK(known.octets_per_second(rate) == 1500);
  CHECK_FALSE(known.has_grown());
  for (std::uint64_t id = 1; id <= 10; ++id) known.hear(report(1, 1, id));
  CHECK(known.has_grown());
  CHECK(known.octets_per_second(rate) == 150);
  CHECK(known.octets_per_second(0) == 1);
  known.announced(10, 150);
  CHECK_FALSE(known.has_grown());
  // Where the stream is short, what the last reports take is kept back from the others.
  const auto last_reports =
      static_cast<double>(10 * (group::report_octets(group::longest_name) + 28 + 62));
  const auto known_octets = static_cast<double>(known.counts().octets);
  const ReceiverRegister::Whole little{.octets = (last_reports + known_octets + 4500) / 0.045,
                                       .left = 10s};
  CHECK(known.octets_per_second(rate, little) == Approx(45).margin(5));
  CHECK(known.octets_per_second(rate, ReceiverRegister::Whole{.octets = 1000, .left = 1s}) == 1);
  CHECK(known.octets_per_second(rate, ReceiverRegister::Whole{.octets = 1e9, .left = 1s}) == 150);
  const std::uint64_t before = known.counts().octets;
  const auto allowed = known.close(1000, 1'000'000, 10s);
  const auto answers = 10 * (allowed.octets / 1000 + 1) * 64;
  CHECK(before + 10ULL * allowed.octets + answers < 50'000);
  CHECK(before + 10ULL * allowed.octets > 30'000);
  CHECK(allowed.octets_per_second * std::chrono::duration<double>(allowed.takes).count() ==
        Approx(allowed.octets).epsilon(0.01));
  // Of a stream too short for it each may say at least the last word.
  CHECK(Register().close(1, 100, 1s).octets >= group::report_octets(group::longest_name) + 28);
}

TEST_CASE("loss detail counts once all of it is there and agrees with the report",
          "[receiver_register]") {
  Register known;
  known.hear(report(1, 100), 1s);
  CHECK_FALSE(known.hear(part(0, 1, {0, 1000}, {{5, 15}})));
  CHECK(known.counts().contradictory == 1);
  known.close(1000, 10'000'000, 10s);
  CHECK(known.hear(part(1, 2, {500, 1000}, {{995, 1000}})));
  CHECK(known.hear(last(2, 990, 995), 11s));
  CHECK(known.waits_for_someone(11s));
  SECTION("it does") {
    CHECK(known.hear(part(0, 2, {0, 500}, {{5, 10}})));
    CHECK(known.hear(part(0, 2, {0, 500}, {{5, 10}})));
    CHECK(known.counts().details == 2);
    CHECK(known.counts().repeated == 1);
    const ReceiverRecord& one = known.receivers().front();
    REQUIRE(one.has_detail);
    CHECK(one.missing == std::vector<MissingRuns::Run>{{5, 10}, {995, 1000}});
    CHECK(one.detail_to == 1000);
    CHECK_FALSE(known.waits_for_someone(11s));
  }
  SECTION("it doesn't") {
    known.hear(part(0, 2, {0, 500}, {{5, 11}}));
    CHECK_FALSE(known.receivers().front().has_detail);
    CHECK(known.counts().contradictory == 2);
  }
  SECTION("a part is missing between two") {
    known.hear(part(0, 2, {0, 400}, {{5, 10}}));
    CHECK_FALSE(known.receivers().front().has_detail);
  }
  SECTION("another sends it") {
    CHECK_FALSE(known.hear(part(0, 2, {0, 500}, {{5, 10}}), 11s, elsewhere));
    CHECK_FALSE(known.receivers().front().has_detail);
  }
  SECTION("a part is told in two ways") {
    CHECK_FALSE(known.hear(part(1, 2, {500, 1000}, {{994, 999}})));
    CHECK(known.counts().contradictory == 2);
  }
}

TEST_CASE("a flood of loss detail takes no more memory than was allowed", "[receiver_register]") {
  Register known;
  known.hear(report(1, 100), 1s);
  known.close(1000, 1'000'000, 10s);
  std::vector<group::Run> many;
  for (std::uint64_t n = 1; n < 1000; n += 2) many.push_back({n, n + 1});
  for (std::uint16_t n = 0; n < 60'000; ++n) {
    known.hear(part(n, 65'535, {0, 1000}, many), 10s + n * 1ms);
  }
  CHECK(known.counts().details < 200);
  CHECK(known.counts().too_many > 59'000);
}
