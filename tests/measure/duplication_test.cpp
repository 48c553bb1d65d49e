#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using test::Stream;

TEST_CASE("four sent that arrive as 1 1 1 2 4 4 are duplicated by a fraction of one",
          "[duplication]") {
  // RFC 5560, section 5.1, beside RFC 7680's loss of 1/4.
  Stream stream(1);
  stream.read({1, 1, 1, 2, 4, 4});
  CHECK(stream.get<Duplication>().duplicates() == 3);
  CHECK(stream.get<Duplication>().fraction() == 1.0);
  // Section 5.2: two of the three that came were replicated.
  CHECK(stream.get<Duplication>().replicated() == 2);
  CHECK(stream.get<Duplication>().replicated_ratio() == Approx(2.0 / 3));
  CHECK(stream.get<Loss>().lost(4) == 1);
}

TEST_CASE("the fraction of duplicates is absent where nothing arrived", "[duplication]") {
  const Stream stream;
  CHECK_FALSE(stream.get<Duplication>().fraction().has_value());
  Report report;
  stream.get<Duplication>().describe(report);
  CHECK(*report.find("duplicates") == Value{std::uint64_t{0}});
  CHECK(*report.find("duplication_fraction") == Value{Absent{}});
  CHECK(*report.find("replicated_ratio") == Value{Absent{}});
}

TEST_CASE("a duplicate of a reordered message counts as a duplicate alone", "[duplication]") {
  Stream stream;
  stream.read({0, 2, 1, 1});
  CHECK(stream.get<Duplication>().duplicates() == 1);
  CHECK(stream.get<Reordering>().reordered() == 1);
  CHECK(stream.get<Duplication>().fraction() == Approx(1.0 / 3));
}

TEST_CASE("no more messages are replicated than came", "[duplication]") {
  // Numbers 4096 apart share their memory.
  Stream stream;
  stream.read({0, 4096, 0, 4096, 0, 4096, 0, 4096});
  CHECK(stream.get<Duplication>().replicated() == 2);
  CHECK(stream.get<Duplication>().replicated_ratio() == 1.0);
  Duplication both = stream.get<Duplication>();
  both.merge(stream.get<Duplication>());
  CHECK(both.replicated() == 4);
}

TEST_CASE("a stale arrival is not called a duplicate", "[duplication]") {
  Stream stream(0, 64);
  stream.read({0, 200, 0});
  CHECK(stream.get<Duplication>().duplicates() == 0);
}

}  // namespace
}  // namespace netduel
