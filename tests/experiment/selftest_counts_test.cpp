#include "experiment/selftest_judge.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// 3000 messages of which the link dropped 60, duplicated 30 and reordered 20, and so it was.
LedgerEvidence good_ledger() {
  LedgerEvidence seen;
  seen.ledger.sent = 3000;
  seen.ledger.delivered = 2940;
  seen.ledger.duplicates = 30;
  seen.ledger.reordered = 20;
  seen.ledger.lost_in_host = Bounds{0, 0};
  seen.ledger.lost_elsewhere = Bounds{60, 60};
  seen.drain = 100ms;
  seen.packets_in = 3000;
  seen.dropped = 60;
  seen.duplicated = 30;
  seen.reordered = 20;
  return seen;
}

CheckStatus status(LedgerEvidence seen, void (*change)(LedgerEvidence&)) {
  change(seen);
  return judge(seen).status;
}

TcpEvidence good_tcp() {
  return {.sent = 400, .delivered = 400, .retransmitted_segments = 9, .dropped = 8};
}

/// 1000 messages too many for a buffer, one drop each.
OverflowEvidence good_overflow() {
  OverflowEvidence seen;
  seen.ledger.sent = 5000;
  seen.ledger.delivered = 4000;
  seen.ledger.lost_in_host = Bounds{1000, 1000};
  seen.ledger.lost_elsewhere = Bounds{0, 0};
  seen.drops_known = true;
  seen.socket_drops = 1000;
  seen.host_errors = 1000;
  seen.softnet_drops = 0;
  return seen;
}

CheckStatus status(OverflowEvidence seen, void (*change)(OverflowEvidence&)) {
  change(seen);
  return judge(seen).status;
}

}  // namespace

TEST_CASE("a ledger that equals the link's truth is verified", "[selftest]") {
  const Judgement judgement = judge(good_ledger());
  CHECK(judgement.status == CheckStatus::verified);
  CHECK_FALSE(judgement.because);
  CHECK(judgement.figures.find("missing") != nullptr);
}

TEST_CASE("a ledger that is off by one message fails, whatever it is off in", "[selftest]") {
  CHECK(status(good_ledger(), [](auto& seen) { ++seen.ledger.delivered; }) == CheckStatus::failed);
  CHECK(status(good_ledger(), [](auto& seen) { ++seen.dropped; }) == CheckStatus::failed);
  CHECK(status(good_ledger(), [](auto& seen) { ++*seen.ledger.duplicates; }) ==
        CheckStatus::failed);
  CHECK(status(good_ledger(), [](auto& seen) { --*seen.ledger.reordered; }) == CheckStatus::failed);
  CHECK(status(good_ledger(), [](auto& seen) { --seen.packets_in; }) == CheckStatus::failed);
  CHECK(status(good_ledger(), [](auto& seen) {
          seen.ledger.checks.push_back({"a_check", false, "It did not hold."});
        }) == CheckStatus::failed);
}

TEST_CASE("a ledger is not held against a lab that had no time, and another try may do",
          "[selftest]") {
  const auto strained = [](void (*change)(LedgerEvidence&)) {
    LedgerEvidence seen = good_ledger();
    ++seen.ledger.delivered;
    change(seen);
    return judge(seen);
  };
  const auto reasons = {+[](LedgerEvidence& seen) { seen.strain.missed_frames = 1; },
                        +[](LedgerEvidence& seen) { seen.strain.latest = seen.drain; },
                        +[](LedgerEvidence& seen) { seen.strain.trustworthy = false; },
                        +[](LedgerEvidence& seen) {
                          seen.ledger.lost_in_host = Bounds{0, 1};
                        }};
  for (const auto& change : reasons) {
    const Judgement judgement = strained(change);
    CHECK(judgement.status == CheckStatus::not_verified);
    CHECK(judgement.because.value_or("").find("too busy") != std::string::npos);
    CHECK(judgement.may_differ_next_time);
  }
}

TEST_CASE("packets that stay in the link excuse nothing if they do so each time", "[selftest]") {
  LedgerEvidence seen = good_ledger();
  ++seen.ledger.delivered;
  seen.held_at_the_end = 1;
  CHECK(judge(seen).status == CheckStatus::failed);
  CHECK(judge(seen).may_differ_next_time);
}

TEST_CASE("a link that did nothing verifies nothing", "[selftest]") {
  LedgerEvidence seen = good_ledger();
  seen.ledger.delivered = 3000;
  seen.dropped = 0;
  CHECK(judge(seen).status == CheckStatus::not_verified);
}

TEST_CASE("a ledger with offload is verified only where super-packets were sent", "[selftest]") {
  LedgerEvidence seen = good_ledger();
  seen.offload = true;
  CHECK(judge(seen).status == CheckStatus::not_verified);
  CHECK_FALSE(judge(seen).may_differ_next_time);
  seen.largest_super_packet_messages = 10;
  CHECK(judge(seen).status == CheckStatus::verified);
}

TEST_CASE("TCP that delivered all once is verified, and any less fails", "[selftest]") {
  CHECK(judge(good_tcp()).status == CheckStatus::verified);
  TcpEvidence less = good_tcp();
  --less.delivered;
  CHECK(judge(less).status == CheckStatus::failed);
  TcpEvidence twice = good_tcp();
  twice.duplicates = 1;
  CHECK(judge(twice).status == CheckStatus::failed);
  TcpEvidence disordered = good_tcp();
  disordered.out_of_order = 1;
  CHECK(judge(disordered).status == CheckStatus::failed);
  TcpEvidence effortless = good_tcp();
  effortless.retransmitted_segments = 0;
  CHECK(judge(effortless).status == CheckStatus::failed);
}

TEST_CASE("TCP is not judged by a stream that was cut, or a link that dropped nothing",
          "[selftest]") {
  TcpEvidence cut = good_tcp();
  cut.delivered = 300;
  cut.read_to_the_end = false;
  CHECK(judge(cut).status == CheckStatus::not_verified);
  TcpEvidence spared = good_tcp();
  spared.dropped = 0;
  CHECK(judge(spared).status == CheckStatus::not_verified);
}

TEST_CASE("what overflowed and was all attributed to this host is verified", "[selftest]") {
  CHECK(judge(good_overflow()).status == CheckStatus::verified);
  // Others in this host may have lost something too.
  CHECK(status(good_overflow(), [](auto& seen) { *seen.host_errors += 7; }) ==
        CheckStatus::verified);
  // Where the host doesn't tell, there is one witness less.
  CHECK(status(good_overflow(), [](auto& seen) { seen.host_errors.reset(); }) ==
        CheckStatus::verified);
}

TEST_CASE("an overflow that is attributed wrongly fails", "[selftest]") {
  CHECK(status(good_overflow(), [](auto& seen) {
          seen.ledger.lost_in_host = Bounds{999, 999};
          seen.ledger.lost_elsewhere = Bounds{1, 1};
        }) == CheckStatus::failed);
  CHECK(status(good_overflow(), [](auto& seen) {
          seen.ledger.lost_elsewhere = Bounds{1, 1};
        }) == CheckStatus::failed);
  CHECK(status(good_overflow(), [](auto& seen) { --*seen.host_errors; }) == CheckStatus::failed);
  CHECK(status(good_overflow(), [](auto& seen) { --*seen.socket_drops; }) == CheckStatus::failed);
  CHECK(status(good_overflow(), [](auto& seen) { ++*seen.socket_drops; }) == CheckStatus::failed);
}

TEST_CASE("of super-packets a drop is worth as many messages as they hold", "[selftest]") {
  OverflowEvidence seen = good_overflow();
  seen.offload = true;
  seen.super_packets = {.smallest = 5, .largest = 20};
  seen.socket_drops = 60;
  seen.host_errors = 60;
  CHECK(judge(seen).status == CheckStatus::verified);
  seen.host_errors = 49;
  CHECK(judge(seen).status == CheckStatus::failed);
  seen.host_errors = 300;
  seen.socket_drops = 201;
  CHECK(judge(seen).status == CheckStatus::failed);
}

TEST_CASE("an overflow that was none, or that nobody counts, is not judged", "[selftest]") {
  CHECK(status(good_overflow(), [](auto& seen) { seen.ledger.delivered = 5000; }) ==
        CheckStatus::not_verified);
  CHECK(status(good_overflow(), [](auto& seen) { seen.drops_known = false; }) ==
        CheckStatus::not_verified);
  CHECK(status(good_overflow(), [](auto& seen) { seen.softnet_drops = 3; }) ==
        CheckStatus::not_verified);
}
