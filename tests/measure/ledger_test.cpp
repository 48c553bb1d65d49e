#include "netduel/measure/ledger.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "measure/printing.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

constexpr Placement in_order{Order::in_order, 0};
constexpr Placement gap_of(std::uint64_t missing) {
  return {Order::gap, missing};
}

SenderCounts sender_of(std::uint64_t sent, SuperPacketSize size = {1, 1}) {
  return {.offered = sent, .sent = sent, .super_packets = size};
}

/// What came of a stream, and in its middle one gap of `missing` messages with that many drops.
ReceiverCounts receiver_of(std::uint64_t unique, std::uint64_t missing, std::uint32_t drops) {
  ReceiverCounts receiver{.unique = unique, .next_expected = unique + missing, .drops_known = true};
  receiver.drop_gaps.observe(in_order, 0);
  receiver.drop_gaps.observe(gap_of(missing), drops);
  receiver.drop_gaps.close(0, drops);
  return receiver;
}

LedgerContext host_of(std::optional<std::uint64_t> buffer_errors,
                      std::optional<std::uint64_t> checksum_errors,
                      std::optional<std::uint64_t> softnet_drops = std::nullopt) {
  return {.host = {buffer_errors, checksum_errors, softnet_drops}};
}

const Check* find(const Ledger& ledger, std::string_view name) {
  const auto found = std::find_if(ledger.checks.begin(), ledger.checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  return found == ledger.checks.end() ? nullptr : &*found;
}

bool passed(const Ledger& ledger, std::string_view name) {
  const Check* check = find(ledger, name);
  REQUIRE(check != nullptr);
  return check->passed;
}

TEST_CASE("a stream that lost nothing balances", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(100, 0, 0), host_of(0, 0, 0));
  CHECK(ledger.lost_in_host == Bounds{0, 0});
  CHECK(ledger.lost_elsewhere == Bounds{0, 0});
  CHECK(ledger.delivered == 100);
  CHECK(ledger.balanced());
}

TEST_CASE("what the network lost and what this host dropped are told apart", "[ledger]") {
  ReceiverCounts receiver = receiver_of(85, 10, 10);
  receiver.drop_gaps.observe(gap_of(5), 10);
  receiver.next_expected = 100;
  const Ledger ledger = close_ledger(sender_of(100), receiver, host_of(10, 0, 0));
  CHECK(ledger.lost_in_host == Bounds{10, 10});
  CHECK(ledger.lost_elsewhere == Bounds{5, 5});
  CHECK(ledger.balanced());
}

TEST_CASE("a super-packet that counted once was many messages lost", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(10'000, {40, 40}), receiver_of(2160, 7840, 196),
                                     {.host = {196, 0, 0}, .loopback = true});
  CHECK(ledger.lost_in_host == Bounds{7840, 7840});
  CHECK(ledger.lost_elsewhere == Bounds{0, 0});
  CHECK(ledger.balanced());
}

TEST_CASE("bad checksums are the network's losses though they raise the socket's counter",
          "[ledger]") {
  SECTION("told by the host's counters") {
    const Ledger ledger = close_ledger(sender_of(1000), receiver_of(903, 97, 97), host_of(0, 97));
    CHECK(ledger.lost_in_host == Bounds{0, 0});
    CHECK(ledger.lost_elsewhere == Bounds{97, 97});
    CHECK(passed(ledger, "host_counters_cover_socket_drops"));
    CHECK(ledger.balanced());
  }
  SECTION("bounded where the buffer errors are unknown") {
    const Ledger ledger =
        close_ledger(sender_of(1000), receiver_of(903, 97, 97), host_of(std::nullopt, 90));
    CHECK(ledger.lost_in_host == Bounds{7, 97});
    CHECK(ledger.lost_elsewhere == Bounds{0, 90});
    CHECK(ledger.balanced());
  }
  SECTION("each may have counted as a super-packet") {
    // One gap: 1 message with a bad checksum, 40 dropped as one and 40 lost in the network.
    const Ledger ledger =
        close_ledger(sender_of(1000, {40, 40}), receiver_of(919, 81, 2), host_of(std::nullopt, 1));
    CHECK(ledger.lost_in_host->low == 40);
    CHECK(ledger.lost_in_host->high == 80);
  }
}

TEST_CASE("a duplicate never repairs a loss", "[ledger]") {
  ReceiverCounts receiver = receiver_of(98, 2, 0);
  receiver.duplicates = 50;
  const Ledger ledger = close_ledger(sender_of(100), receiver, host_of(0, 0, 0));
  CHECK(ledger.delivered == 98);
  CHECK(ledger.duplicates == 50);
  CHECK(ledger.lost_elsewhere == Bounds{2, 2});
  CHECK(ledger.balanced());
}

TEST_CASE("what was dropped may have been no missing message once others were seen", "[ledger]") {
  const auto others =
      GENERATE(&ReceiverCounts::duplicates, &ReceiverCounts::foreign, &ReceiverCounts::corrupted);
  ReceiverCounts receiver = receiver_of(90, 10, 4);
  CHECK(close_ledger(sender_of(100), receiver, {}).lost_in_host == Bounds{4, 4});
  receiver.*others = 1;
  const Ledger ledger = close_ledger(sender_of(100), receiver, {});
  CHECK(ledger.lost_in_host == Bounds{0, 4});
  CHECK(ledger.lost_elsewhere == Bounds{6, 10});
  CHECK(ledger.balanced());
}

TEST_CASE("drops that fit no gap may have been messages missing elsewhere", "[ledger]") {
  ReceiverCounts receiver = receiver_of(90, 10, 2);
  receiver.drop_gaps.observe(in_order, 5);
  CHECK(close_ledger(sender_of(100), receiver, {}).lost_in_host == Bounds{2, 5});
  CHECK(close_ledger(sender_of(100, {2, 2}), receiver, {}).lost_in_host == Bounds{4, 10});
  CHECK(close_ledger(sender_of(100, {4, 4}), receiver, {}).lost_in_host == Bounds{8, 10});
}

TEST_CASE("a super-packet that overtook others may have held more than its gap", "[ledger]") {
  ReceiverCounts receiver = receiver_of(59, 1, 1);
  receiver.drop_gaps.observe(gap_of(40), 1);
  receiver.next_expected = 100;
  CHECK(close_ledger(sender_of(100, {40, 40}), receiver, {}).lost_in_host == Bounds{1, 1});
  receiver.reordered = 1;
  CHECK(close_ledger(sender_of(100, {40, 40}), receiver, {}).lost_in_host == Bounds{1, 40});
}

TEST_CASE("the host's buffer errors bound what one socket dropped", "[ledger]") {
  const auto receiver = receiver_of(0, 100, 10);
  CHECK(close_ledger(sender_of(100, {1, 20}), receiver, host_of(4, 6)).lost_in_host ==
        Bounds{4, 80});
  CHECK(close_ledger(sender_of(100, {5, 5}), receiver, host_of(3, std::nullopt)).lost_in_host ==
        Bounds{15, 15});
}

TEST_CASE("drops before the socket raise the upper bound alone", "[ledger]") {
  const Ledger ledger =
      close_ledger(sender_of(100, {2, 2}), receiver_of(90, 10, 2), host_of(2, 0, 1));
  CHECK(ledger.lost_in_host == Bounds{4, 6});
  CHECK(ledger.lost_elsewhere == Bounds{4, 6});
  CHECK(close_ledger(sender_of(100), receiver_of(90, 10, 2), host_of(2, 0, 1000)).lost_in_host ==
        Bounds{2, 10});
  CHECK(close_ledger(sender_of(100), receiver_of(85, 15, 10), host_of(4, 0, 3)).lost_in_host ==
        Bounds{4, 7});
}

TEST_CASE("a message cut short on reading came as far as this host", "[ledger]") {
  ReceiverCounts receiver = receiver_of(97, 3, 0);
  receiver.truncated = 2;
  const Ledger ledger = close_ledger(sender_of(100), receiver, host_of(0, 0, 0));
  CHECK(ledger.truncated == 2);
  CHECK(ledger.lost_in_host == Bounds{0, 2});
  CHECK(ledger.lost_elsewhere == Bounds{1, 3});
}

TEST_CASE("a stale arrival may have come late instead of being lost", "[ledger]") {
  ReceiverCounts receiver = receiver_of(90, 10, 0);
  receiver.stale = 4;
  const Ledger ledger = close_ledger(sender_of(100), receiver, {});
  CHECK(ledger.lost_elsewhere == Bounds{6, 10});
  CHECK(ledger.balanced());
  receiver.stale = 400;
  CHECK(close_ledger(sender_of(100), receiver, {}).lost_elsewhere == Bounds{0, 10});
}

TEST_CASE("tail loss is exact from the sender's count", "[ledger]") {
  ReceiverCounts receiver{.unique = 90, .next_expected = 90, .drops_known = true};
  receiver.drop_gaps.close(10, 6);
  const Ledger ledger = close_ledger(sender_of(100), receiver, host_of(6, 0, 0));
  CHECK(ledger.lost_in_host == Bounds{6, 6});
  CHECK(ledger.lost_elsewhere == Bounds{4, 4});
}

TEST_CASE("a stream of which nothing came is missing as a whole", "[ledger]") {
  ReceiverCounts receiver{.drops_known = true};
  receiver.drop_gaps.close(100, 0);
  const Ledger ledger = close_ledger(sender_of(100), receiver, {});
  CHECK(ledger.lost_elsewhere == Bounds{100, 100});
  CHECK(ledger.balanced());
  CHECK(close_ledger({}, {}, {}).balanced());
}

TEST_CASE("where the platform counts no drops, either place may have lost everything missing",
          "[ledger]") {
  ReceiverCounts receiver{.unique = 90, .next_expected = 100};
  receiver.drop_gaps.close(0, std::nullopt);
  const Ledger ledger = close_ledger(sender_of(100), receiver, {.loopback = true});
  CHECK(ledger.lost_in_host == Bounds{0, 10});
  CHECK(ledger.lost_elsewhere == Bounds{0, 10});
  CHECK(ledger.balanced());
  CHECK(find(ledger, "nothing_lost_elsewhere_on_loopback") == nullptr);
}

TEST_CASE("a run cut short may have left messages unread in this host", "[ledger]") {
  const Ledger ledger = close_ledger(sender_of(100), receiver_of(90, 10, 2),
                                     {.host = {2, 0, 0}, .loopback = true, .cut = true});
  CHECK(ledger.lost_in_host == Bounds{2, 10});
  CHECK(ledger.lost_elsewhere == Bounds{0, 8});
  CHECK(ledger.balanced());
}

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
