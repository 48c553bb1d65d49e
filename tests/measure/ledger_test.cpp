#include "netduel/measure/ledger.hpp"

#include "measure/ledger_cases.hpp"
#include "measure/printing.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using test::gap_of;
using test::host_of;
using test::in_order;
using test::passed;
using test::receiver_of;
using test::sender_of;

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
  const Ledger ledger = close_ledger(sender_of(100), receiver, {});
  CHECK(ledger.lost_in_host == Bounds{0, 10});
  CHECK(ledger.lost_elsewhere == Bounds{0, 10});
  CHECK(ledger.balanced());
}

TEST_CASE("on loopback this host's drops account for all that they can explain", "[ledger]") {
  const SenderCounts sender = sender_of(100, {1, 8});
  SECTION("super-packets of unknown sizes elsewhere give bounds") {
    const Ledger ledger = close_ledger(sender, receiver_of(90, 10, 2), host_of(2, 0));
    CHECK(ledger.lost_in_host == Bounds{2, 10});
    CHECK(ledger.lost_elsewhere == Bounds{0, 8});
  }
  SECTION("and on loopback the count, as there is nowhere else") {
    const Ledger ledger =
        close_ledger(sender, receiver_of(90, 10, 2), {.host = {2, 0, 0}, .loopback = true});
    CHECK(ledger.lost_in_host == Bounds{10, 10});
    CHECK(ledger.lost_elsewhere == Bounds{0, 0});
    CHECK(ledger.balanced());
  }
  SECTION("but no more than they can explain") {
    const Ledger ledger =
        close_ledger(sender, receiver_of(70, 30, 2), {.host = {2, 0, 0}, .loopback = true});
    CHECK(ledger.lost_in_host == Bounds{16, 16});
    CHECK(ledger.lost_elsewhere == Bounds{14, 14});
    CHECK_FALSE(ledger.balanced());
  }
}

TEST_CASE("a run cut short may have left messages unread in this host", "[ledger]") {
  const Ledger ledger =
      close_ledger(sender_of(100), receiver_of(90, 10, 2), {.host = {2, 0, 0}, .cut = true});
  CHECK(ledger.lost_in_host == Bounds{2, 10});
  CHECK(ledger.lost_elsewhere == Bounds{0, 8});
  CHECK(ledger.balanced());
}

}  // namespace
}  // namespace netduel
