#include <array>
#include <string>
#include <string_view>

#include "measure/ledger_cases.hpp"
#include "measure/printing.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using test::find;
using test::host_of;
using test::passed;
using test::receiver_of;
using test::sender_of;

TEST_CASE("more delivered than sent fails its check and wraps nothing", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(101, 0, 0), {});
  CHECK_FALSE(passed(ledger, "delivered_within_sent"));
  CHECK_FALSE(passed(ledger, "numbers_within_sent"));
  CHECK(ledger.lost_in_host == Bounds{0, 0});
  CHECK(ledger.lost_elsewhere == Bounds{0, 0});
  CHECK_FALSE(ledger.balanced());
}

TEST_CASE("a number beyond those sent fails its check", "[ledger]") {
  ReceiverCounts receiver = receiver_of(10, 0, 0);
  receiver.next_expected = 101;
  const Ledger ledger = close_ledger(sender_of(100), receiver, {});
  CHECK_FALSE(passed(ledger, "numbers_within_sent"));
  CHECK(find(ledger, "numbers_within_sent")->detail ==
        "The numbers that came reach up to 101 of 100 sent.");
}

TEST_CASE("what was offered is refused or sent, and the check says so", "[ledger]") {
  SenderCounts sender{.skipped = 7, .offered = 100, .refused = 10, .sent = 90};
  const Ledger ledger = close_ledger(sender, receiver_of(90, 0, 0), {});
  CHECK(ledger.skipped == 7);
  CHECK(ledger.refused == 10);
  CHECK(passed(ledger, "offered_is_refused_plus_sent"));
  CHECK(ledger.balanced());
  sender.refused = 9;
  const Ledger wrong = close_ledger(sender, receiver_of(90, 0, 0), {});
  CHECK_FALSE(passed(wrong, "offered_is_refused_plus_sent"));
  CHECK_FALSE(wrong.balanced());
}

TEST_CASE("a loss on loopback that no drop explains fails its check", "[ledger]") {
  const LedgerContext loopback{.host = {6, 0, 0}, .loopback = true};
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(90, 10, 6), loopback);
  CHECK_FALSE(passed(ledger, "nothing_lost_elsewhere_on_loopback"));
  CHECK_FALSE(ledger.balanced());
  const Ledger explained =
      close_ledger(sender_of(100), receiver_of(90, 10, 10), {.loopback = true});
  CHECK(passed(explained, "nothing_lost_elsewhere_on_loopback"));
}

TEST_CASE("a check that could not fail is left out", "[ledger]") {
  ReceiverCounts receiver = receiver_of(90, 10, 6);
  CHECK(find(close_ledger(sender_of(100), receiver, {.loopback = true, .cut = true}),
             "nothing_lost_elsewhere_on_loopback") == nullptr);
  receiver.drops_known = false;
  CHECK(find(close_ledger(sender_of(100), receiver, {.loopback = true}),
             "nothing_lost_elsewhere_on_loopback") == nullptr);
}

TEST_CASE("socket drops beyond the host's own counters fail their check", "[ledger]") {
  const auto receiver = receiver_of(90, 10, 10);
  CHECK(passed(close_ledger(sender_of(100), receiver, host_of(7, 3)),
               "host_counters_cover_socket_drops"));
  CHECK_FALSE(passed(close_ledger(sender_of(100), receiver, host_of(6, 3)),
                     "host_counters_cover_socket_drops"));
  CHECK(find(close_ledger(sender_of(100), receiver, host_of(7, std::nullopt)),
             "host_counters_cover_socket_drops") == nullptr);
}

TEST_CASE("what a service guarantees is absent and not a measured zero", "[ledger]") {
  const Ledger ledger =
      close_ledger(sender_of(100), receiver_of(100, 0, 0), {.guaranteed_by_service = true});
  CHECK_FALSE(ledger.lost_in_host.has_value());
  CHECK_FALSE(ledger.lost_elsewhere.has_value());
  CHECK_FALSE(ledger.reordered.has_value());
  CHECK_FALSE(ledger.duplicates.has_value());
  CHECK(passed(ledger, "service_kept_its_guarantee"));
  CHECK(ledger.balanced());
}

TEST_CASE("messages that a cut stream had accepted are unacknowledged", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(60, 0, 0),
                                     {.guaranteed_by_service = true, .cut = true});
  CHECK(ledger.unacknowledged == 40);
  CHECK(passed(ledger, "service_kept_its_guarantee"));
  CHECK(ledger.balanced());
}

TEST_CASE("a service that breaks its guarantee fails its check", "[ledger]") {
  SECTION("by losing a message") {
    const Ledger ledger =
        close_ledger(sender_of(100), receiver_of(99, 0, 0), {.guaranteed_by_service = true});
    CHECK(ledger.unacknowledged == 0);
    CHECK_FALSE(passed(ledger, "service_kept_its_guarantee"));
    CHECK_FALSE(ledger.balanced());
  }
  SECTION("by changing one") {
    const auto broken = GENERATE(&ReceiverCounts::reordered, &ReceiverCounts::duplicates,
                                 &ReceiverCounts::corrupted, &ReceiverCounts::stale);
    ReceiverCounts receiver = receiver_of(100, 0, 0);
    receiver.*broken = 1;
    const Ledger ledger = close_ledger(sender_of(100), receiver, {.guaranteed_by_service = true});
    CHECK_FALSE(passed(ledger, "service_kept_its_guarantee"));
    CHECK_FALSE(ledger.balanced());
  }
}

TEST_CASE("what a service corrupted is accounted for, and fails the check of its guarantee alone",
          "[ledger]") {
  const bool cut = GENERATE(false, true);
  ReceiverCounts receiver = receiver_of(90, 0, 0);
  receiver.corrupted = 10;
  receiver.next_expected = 100;
  Ledger ledger =
      close_ledger(sender_of(100), receiver, {.guaranteed_by_service = true, .cut = cut});
  CHECK(ledger.sent == ledger.delivered + ledger.corrupted);
  CHECK(ledger.unacknowledged == 0);
  CHECK_FALSE(passed(ledger, "service_kept_its_guarantee"));
  CHECK_THAT(find(ledger, "service_kept_its_guarantee")->detail,
             containing("10 corrupted, and 0 that were sent were not read"));
  CHECK_FALSE(ledger.balanced());
  ledger.checks.clear();
  CHECK(ledger.balanced());
}

TEST_CASE("ledgers add up field by field", "[ledger]") {
  ReceiverCounts receiver = receiver_of(85, 10, 4);
  receiver.duplicates = 3;
  receiver.foreign = 2;
  receiver.reordered = 1;
  const std::array trials{
      close_ledger({.skipped = 1, .offered = 101, .refused = 1, .sent = 100}, receiver, {}),
      close_ledger(sender_of(50), receiver_of(40, 10, 10), {})};
  const Ledger total = sum(trials);
  CHECK(total.skipped == 1);
  CHECK(total.offered == 151);
  CHECK(total.refused == 1);
  CHECK(total.sent == 150);
  CHECK(total.delivered == 125);
  CHECK(total.lost_in_host == Bounds{10, 14});
  CHECK(total.lost_elsewhere == Bounds{11, 15});
  CHECK(total.duplicates == 3);
  CHECK(total.reordered == 1);
  CHECK(total.foreign == 2);
  CHECK(total.checks.size() == 3);
  CHECK(total.balanced());
}

TEST_CASE("a check of a sum passes when it passed in each and tells the first failure",
          "[ledger]") {
  const std::array trials{close_ledger(sender_of(100), receiver_of(100, 0, 0), {}),
                          close_ledger(sender_of(100), receiver_of(101, 0, 0), {}),
                          close_ledger(sender_of(100), receiver_of(150, 0, 0), {})};
  const Ledger total = sum(trials);
  CHECK_FALSE(passed(total, "delivered_within_sent"));
  CHECK(find(total, "delivered_within_sent")->detail ==
        "101 different messages were delivered of 100 sent.");
  CHECK(passed(total, "offered_is_refused_plus_sent"));
  CHECK_FALSE(total.balanced());
}

TEST_CASE("a sum is guaranteed by the service only if each part was", "[ledger]") {
  const Ledger tcp = close_ledger(sender_of(10), receiver_of(6, 0, 0),
                                  {.guaranteed_by_service = true, .cut = true});
  const Ledger udp = close_ledger(sender_of(10), receiver_of(8, 2, 0), {});
  const Ledger guaranteed = sum(std::array{tcp, tcp});
  CHECK(guaranteed.guaranteed_by_service);
  CHECK(guaranteed.unacknowledged == 8);
  CHECK_FALSE(guaranteed.lost_in_host.has_value());
  CHECK(guaranteed.balanced());
  const Ledger mixed = sum(std::array{tcp, udp});
  CHECK_FALSE(mixed.guaranteed_by_service);
  CHECK(mixed.lost_elsewhere == Bounds{2, 2});
  CHECK(mixed.balanced());
  CHECK_FALSE(sum({}).guaranteed_by_service);
}

TEST_CASE("a ledger describes every field with its bounds and checks", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(90, 10, 4), {});
  Report report;
  describe(ledger, report);
  for (const std::string_view name :
       {"skipped", "offered", "refused", "sent", "delivered", "lost_in_host.low",
        "lost_in_host.high", "lost_elsewhere.low", "lost_elsewhere.high", "reordered", "duplicates",
        "foreign", "corrupted", "truncated"}) {
    const Value* value = report.find("ledger." + std::string(name));
    INFO(name);
    REQUIRE(value != nullptr);
    CHECK(std::holds_alternative<std::uint64_t>(*value));
  }
  CHECK(*report.find("ledger.lost_in_host.low") == Value{std::uint64_t{4}});
  CHECK(*report.find("ledger.unacknowledged") == Value{Absent{}});
  CHECK(*report.find("ledger.guaranteed_by_service") == Value{false});
  CHECK(*report.find("ledger.checks[1].name") == Value{"delivered_within_sent"});
  CHECK(*report.find("ledger.checks[1].passed") == Value{true});
  CHECK(*report.find("ledger.checks[1].detail") ==
        Value{"90 different messages were delivered of 100 sent."});
}

TEST_CASE("a guaranteed ledger describes the absent and an empty list", "[ledger]") {
  Report report;
  describe(Ledger{.unacknowledged = 5, .guaranteed_by_service = true}, report);
  for (const std::string_view name :
       {"lost_in_host", "lost_elsewhere", "reordered", "duplicates"}) {
    INFO(name);
    const Value* value = report.find("ledger." + std::string(name));
    REQUIRE(value != nullptr);
    CHECK(*value == Value{Absent{}});
  }
  CHECK(report.find("ledger.lost_in_host.low") == nullptr);
  CHECK(*report.find("ledger.unacknowledged") == Value{std::uint64_t{5}});
  CHECK(*report.find("ledger.checks") == Value{EmptyList{}});
}

}  // namespace
}  // namespace netduel
