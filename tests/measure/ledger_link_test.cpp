#include <algorithm>

#include "netduel/measure/ledger.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

Ledger ledger() {
  Ledger ledger;
  ledger.sent = 100;
  ledger.delivered = 95;
  ledger.lost_in_host = Bounds{0, 0};
  ledger.lost_elsewhere = Bounds{5, 5};
  ledger.reordered = 2;
  ledger.duplicates = 3;
  return ledger;
}

std::size_t failed(const Ledger& of) {
  return static_cast<std::size_t>(
      std::ranges::count_if(of.checks, [](const Check& check) { return !check.passed; }));
}

}  // namespace

TEST_CASE("a ledger that agrees with its link passes all checks", "[ledger]") {
  Ledger one = ledger();
  check_against_link(one, {.dropped = 5, .duplicated = 3, .reordered = 2});
  CHECK(one.checks.size() == 4);
  CHECK(failed(one) == 0);
}

TEST_CASE("a ledger that differs from its link by one message fails", "[ledger]") {
  for (const LinkFigures& link : {LinkFigures{.dropped = 4, .duplicated = 3, .reordered = 2},
                                  LinkFigures{.dropped = 6, .duplicated = 3, .reordered = 2},
                                  LinkFigures{.dropped = 5, .duplicated = 2, .reordered = 2},
                                  LinkFigures{.dropped = 5, .duplicated = 3, .reordered = 1}}) {
    Ledger one = ledger();
    check_against_link(one, link);
    CHECK(failed(one) == 1);
  }
}

TEST_CASE("what a full queue dropped may have been copies", "[ledger]") {
  Ledger one = ledger();
  check_against_link(one, {.dropped = 7, .dropped_copies_at_most = 2, .duplicated = 5});
  CHECK(one.checks.size() == 2);
  CHECK(failed(one) == 0);
}

TEST_CASE("messages that came corrupted are at most the link's", "[ledger]") {
  for (const std::uint64_t corrupted : {2U, 3U}) {
    Ledger one = ledger();
    one.corrupted = corrupted;
    check_against_link(one, {.dropped = 3, .undelivered_at_most = 2, .corrupted = 2});
    CHECK(failed(one) == corrupted - 2);
  }
}

TEST_CASE("a corrupted packet may be lost behind the link", "[ledger]") {
  Ledger one = ledger();
  check_against_link(one, {.dropped = 3, .undelivered_at_most = 2});
  CHECK(failed(one) == 0);
  Ledger other = ledger();
  check_against_link(other, {.dropped = 2, .undelivered_at_most = 2});
  CHECK(failed(other) == 1);
}
