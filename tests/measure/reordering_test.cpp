#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using test::Stream;

TEST_CASE("a block of three that overtakes another gives a ratio of 3/9 and extents 3, 4, 5",
          "[reordering]") {
  Stream stream(1);  // RFC 4737, sections 4.1 and 4.2
  stream.read({1, 2, 3, 7, 8, 9});
  const auto& reordering = stream.get<Reordering>();
  const std::uint64_t sequence = GENERATE(4, 5, 6);
  for (std::uint64_t n = 4; n <= sequence; ++n) stream.read(n);
  CHECK(reordering.max_extent() == sequence - 1);
  if (sequence == 6) {
    CHECK(reordering.ratio() == Approx(3.0 / 9));
    CHECK(reordering.mean_extent() == 4.0);
    CHECK(reordering.extents_cut() == 0);
  }
}

TEST_CASE("1 3 2 4 7 5 6 8 gives a ratio of 3/8 and extents 1, 1, 2", "[reordering]") {
  Stream stream(1);  // RFC 4737, sections 4.1 and 4.2
  stream.read({1, 3, 2, 4, 7, 5, 6, 8});
  const auto& reordering = stream.get<Reordering>();
  CHECK(reordering.reordered() == 3);
  CHECK(reordering.ratio() == Approx(3.0 / 8));
  CHECK(reordering.mean_extent() == Approx(4.0 / 3));
  CHECK(reordering.max_extent() == 2);
}

TEST_CASE("duplicates do not lengthen an extent", "[reordering]") {
  Stream stream(1);  // RFC 4737, section 3.6: duplicates are set apart first
  stream.read({1, 3, 3, 3, 1, 2});
  CHECK(stream.get<Reordering>().max_extent() == 1);
  CHECK(stream.get<Reordering>().ratio() == Approx(1.0 / 3));
}

TEST_CASE("loss alone is no reordering", "[reordering]") {
  Stream stream;
  stream.read({0, 2, 5, 9});
  CHECK(stream.get<Reordering>().ratio() == 0.0);
  CHECK_FALSE(stream.get<Reordering>().mean_extent().has_value());
}

TEST_CASE("a message from a gap no longer kept has a lower bound as its extent", "[reordering]") {
  Stream stream;
  const std::uint64_t gaps = 5000;
  for (std::uint64_t n = 0; n < gaps; ++n) stream.read(2 * n + 1);
  const auto& reordering = stream.get<Reordering>();
  const std::uint64_t oldest_kept = gaps - 4096;
  stream.read(2 * oldest_kept);
  CHECK(reordering.max_extent() == 4096);
  CHECK(reordering.extents_cut() == 0);
  stream.read(0);
  CHECK(reordering.max_extent() == 4097);
  CHECK(reordering.extents_cut() == 1);
}

TEST_CASE("reordering describes its figures, absent where there are none", "[reordering]") {
  Report before;
  const Stream empty;
  empty.get<Reordering>().describe(before);
  CHECK(*before.find("reordered") == Value{std::uint64_t{0}});
  CHECK(*before.find("reordered_ratio") == Value{Absent{}});
  CHECK(*before.find("reordering_extent.mean") == Value{Absent{}});
  CHECK(*before.find("reordering_extent.max") == Value{Absent{}});

  Stream stream;
  stream.read({0, 2, 3, 1});
  Report after;
  stream.get<Reordering>().describe(after);
  CHECK(*after.find("reordered") == Value{std::uint64_t{1}});
  CHECK(*after.find("reordered_ratio") == Value{0.25});
  CHECK(*after.find("reordering_extent.mean") == Value{2.0});
  CHECK(*after.find("reordering_extent.max") == Value{std::uint64_t{2}});
}

}  // namespace
}  // namespace netduel
