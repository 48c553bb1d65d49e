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
  CHECK(*before.find("extent.mean") == Value{Absent{}});
  CHECK(*before.find("extent.max") == Value{Absent{}});

  Stream stream;
  stream.read({0, 2, 3, 1});
  Report after;
  stream.get<Reordering>().describe(after);
  CHECK(*after.find("reordered") == Value{std::uint64_t{1}});
  CHECK(*after.find("reordered_ratio") == Value{0.25});
  CHECK(*after.find("extent.mean") == Value{2.0});
  CHECK(*after.find("extent.max") == Value{std::uint64_t{2}});
}

TEST_CASE("a block that overtakes another is late, and is to be stored", "[reordering]") {
  Stream stream(1);  // RFC 4737, sections 4.3, 4.4, 4.6 and 5.3
  stream.read({1, 2, 3, 7, 8, 9, 4, 5, 6});
  const auto& reordering = stream.get<Reordering>();
  using std::chrono::milliseconds;
  CHECK(reordering.max_late_time() == milliseconds{50});
  CHECK(reordering.mean_late_time()->count() == Approx(0.040));
  CHECK(reordering.mean_byte_offset() == 3000.0);
  CHECK(reordering.max_byte_offset() == 3000);
  // Only 4 has larger ones just before it: 3 of them.
  CHECK(reordering.n_reordered(1) == 1);
  CHECK(reordering.n_reordered(3) == 1);
  CHECK(reordering.n_reordered(4) == 0);
  CHECK(reordering.free_runs().q == 36);
  CHECK(reordering.discontinuities() == 1);
  CHECK_FALSE(reordering.mean_gap());
}

TEST_CASE("1 3 2 4 7 5 6 8 has two discontinuities, 3 arrivals apart", "[reordering]") {
  Stream stream(1);  // RFC 4737, sections 4.5, 4.6 and 5.3
  stream.read({1, 3, 2, 4, 7, 5, 6, 8});
  const auto& reordering = stream.get<Reordering>();
  CHECK(reordering.discontinuities() == 2);
  CHECK(reordering.mean_gap() == 3.0);
  CHECK(reordering.n_reordered(1) == 2);
  CHECK(reordering.n_reordered(2) == 0);
  const auto runs = reordering.free_runs();
  CHECK(runs.x == 3);
  CHECK(runs.a == 5);
  CHECK(runs.q == 8);
}

TEST_CASE("a gap that only loss made is no discontinuity", "[reordering]") {
  Stream stream;
  stream.read({0, 2, 4, 5, 3});
  CHECK(stream.get<Reordering>().discontinuities() == 1);
}

TEST_CASE("discontinuities count when their gap is no longer kept, too", "[reordering]") {
  Stream stream;
  constexpr std::uint64_t pairs = 10'000;
  for (std::uint64_t n = 0; n < pairs; ++n) stream.read({2 * n + 1, 2 * n});
  const auto& reordering = stream.get<Reordering>();
  CHECK(reordering.discontinuities() == pairs);
  CHECK(reordering.mean_gap() == 2.0);
  CHECK(reordering.n_reordered(1) == pairs);
}

TEST_CASE("of very long extents no more than 1024 arrivals are stored or looked at",
          "[reordering]") {
  Stream stream;
  for (std::uint64_t n = 1; n <= 3000; ++n) stream.read(n);
  stream.read(0);
  const auto& reordering = stream.get<Reordering>();
  CHECK(reordering.max_extent() == 3000);
  CHECK(reordering.max_byte_offset() == 1024 * 1000);
  CHECK(reordering.n_reordered(Reordering::most_n_told_apart) == 1);
}

TEST_CASE("without octets there is no byte offset", "[reordering]") {
  Reordering reordering;
  SequenceWindow window;
  for (const std::uint64_t sequence : {0U, 2U, 1U}) {
    reordering.observe({.sequence = sequence}, window.place(sequence));
  }
  CHECK(reordering.reordered() == 1);
  CHECK(reordering.n_reordered(1) == 1);
  CHECK_FALSE(reordering.mean_byte_offset());
  Report report;
  reordering.describe(report);
  CHECK(*report.find("byte_offset.max") == Value{Absent{}});
}

TEST_CASE("reordering of two streams adds up", "[reordering]") {
  Stream first(1), second(1);
  first.read({1, 3, 2, 4, 7, 5, 6, 8});
  second.read({1, 2, 3, 7, 8, 9, 4, 5, 6});
  Reordering both = first.get<Reordering>();
  both.merge(second.get<Reordering>());
  CHECK(both.reordered() == 6);
  CHECK(both.ratio() == Approx(6.0 / 17));
  CHECK(both.mean_extent() == Approx(16.0 / 6));
  CHECK(both.max_extent() == 5);
  CHECK(both.max_byte_offset() == 3000);
  CHECK(both.n_reordered(1) == 3);
  CHECK(both.n_reordered(3) == 1);
  CHECK(both.discontinuities() == 3);
  // Streams have no distance from one another.
  CHECK(both.mean_gap() == 3.0);
  CHECK(both.free_runs().q == 8 + 36);
}

TEST_CASE("duplicates of two streams add up", "[duplication]") {
  Stream first(1), second(1);
  first.read({1, 1, 1, 2, 4, 4});
  second.read({1, 2, 2, 3, 4, 5, 6});
  Duplication both = first.get<Duplication>();
  both.merge(second.get<Duplication>());
  CHECK(both.duplicates() == 4);
  CHECK(both.replicated() == 3);
  CHECK(both.fraction() == Approx(4.0 / 9));
}

TEST_CASE("a deeper look back is as exact as it is deep", "[reordering]") {
  const auto swapped_far = [](Reordering reordering) {
    SequenceWindow window;
    const auto read = [&](std::uint64_t sequence) {
      const Placement placement = window.place(sequence);
      reordering.observe({.sequence = sequence, .octets = 10}, placement);
    };
    for (std::uint64_t n = 0; n < 4000; n += 2) read(n);
    for (std::uint64_t n = 1; n < 4000; n += 2) read(n);
    return reordering;
  };
  const Reordering deep = swapped_far(Reordering({.arrivals = 4096, .gaps = 4096}));
  CHECK(deep.extents_cut() == 0);
  CHECK(deep.byte_offsets_cut() == 0);
  CHECK(deep.max_byte_offset() == 10 * 1999);
  const Reordering shallow = swapped_far(Reordering({.arrivals = 1024, .gaps = 1024}));
  CHECK(shallow.extents_cut() > 0);
  CHECK(shallow.byte_offsets_cut() > 0);
  CHECK(shallow.max_byte_offset() <= 10 * 1024);
  Report report;
  shallow.describe(report);
  CHECK(*report.find("extents_cut") == Value{shallow.extents_cut()});
  CHECK(*report.find("byte_offsets_cut") == Value{shallow.byte_offsets_cut()});
}

}  // namespace
}  // namespace netduel
