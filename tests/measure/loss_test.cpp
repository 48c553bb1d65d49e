#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using test::Stream;

TEST_CASE("ten sent of which 3, 4 and 9 are lost count as three lost", "[loss]") {
  // Losses as RFC 3357 looks at them: a single one and two in a row.
  Stream stream(1);
  stream.read({1, 2, 5, 6, 7, 8, 10});
  CHECK(stream.get<Loss>().unique() == 7);
  CHECK(stream.get<Loss>().lost(10) == 3);
  CHECK(stream.get<Loss>().lost_at_least() == 3);
}

TEST_CASE("tail loss shows in the sender's count and not in the lower bound", "[loss]") {
  Stream stream;
  stream.read({0, 1, 3});
  CHECK(stream.get<Loss>().lost_at_least() == 1);
  CHECK(stream.get<Loss>().lost(10) == 7);
}

TEST_CASE("a stream of which nothing came is lost as a whole", "[loss]") {
  const Stream stream;
  CHECK(stream.get<Loss>().lost(10) == 10);
  CHECK(stream.get<Loss>().lost_at_least() == 0);
}

TEST_CASE("a duplicate does not repair an earlier loss", "[loss]") {
  Stream stream;
  stream.read({0, 1, 3, 3, 3, 1});
  CHECK(stream.get<Loss>().unique() == 3);
  CHECK(stream.get<Loss>().lost(4) == 1);
  CHECK(stream.get<Loss>().lost_at_least() == 1);
}

TEST_CASE("what comes late is not lost", "[loss]") {
  Stream stream;
  stream.read({0, 3, 1});
  CHECK(stream.get<Loss>().lost_at_least() == 1);
  stream.read(2);
  CHECK(stream.get<Loss>().lost_at_least() == 0);
}

TEST_CASE("a stale arrival is neither delivered nor found again", "[loss]") {
  Stream stream(0, 64);
  stream.read({0, 200, 1});
  CHECK(stream.get<Loss>().unique() == 2);
  CHECK(stream.get<Loss>().stale() == 1);
  CHECK(stream.get<Loss>().lost_at_least() == 199);
}

TEST_CASE("more unique messages than were sent are no negative loss", "[loss]") {
  Stream stream;
  stream.read({0, 1, 2});
  CHECK(stream.get<Loss>().lost(2) == 0);
}

TEST_CASE("loss describes its counts", "[loss]") {
  Stream stream;
  stream.read({0, 1, 3});
  Report report;
  stream.get<Loss>().describe(report);
  REQUIRE(report.rows().size() == 3);
  CHECK(*report.find("unique") == Value{std::uint64_t{3}});
  CHECK(*report.find("lost_at_least") == Value{std::uint64_t{1}});
  CHECK(*report.find("stale") == Value{std::uint64_t{0}});
}

}  // namespace
}  // namespace netduel
