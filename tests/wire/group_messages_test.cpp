#include "wire/group_messages.hpp"

#include <cstring>
#include <functional>
#include <random>

#include "support/catch.hpp"
#include "wire/integrity.hpp"

using namespace netduel;
using namespace netduel::group;
using namespace std::chrono_literals;

namespace {

Announcement announcement() {
  return {.stream = 0x0123456789abcdef,
          .data_port = 40000,
          .message_octets = 1448,
          .verified = true,
          .pattern_seed = 77,
          .messages_per_second = 863.25,
          .time = 10s,
          .begins = WallTime(1700000000s),
          .sent = 12,
          .wants_reports = false,
          .feedback_octets_per_second = 9000,
          .receivers = 3};
}

Closing closing() {
  return {.stream = 5,
          .data_port = 40000,
          .skipped = 1,
          .offered = 1000,
          .refused = 10,
          .sent = 990,
          .sending = 9'999ms,
          .final_octets = 1500,
          .feedback_octets_per_second = 3000,
          .interrupted = true};
}

ReceptionReport report() {
  return {.stream = 5,
          .receiver = 0xfedcba9876543210,
          .number = 4,
          .final = true,
          .leaves = true,
          .knows_the_end = true,
          .name = "a host",
          .counted_from = 100,
          .next_expected = 1000,
          .unique = 890,
          .duplicates = 2,
          .reordered = 3,
          .stale = 4,
          .foreign = 5,
          .corrupted = 6,
          .truncated = 7,
          .lost_in_host = {{1, 8}},
          .join_latency = 12ms,
          .jitter = 34us,
          .delay_variation_p99 = 56us,
          .hop_limit = std::uint8_t{63},
          .joined_for = 9s};
}

LossDetail detail() {
  return {.stream = 5,
          .receiver = 6,
          .part = 1,
          .parts = 3,
          .range = {100, 100'000},
          .missing = {{100, 101}, {130, 300}, {70'000, 100'000}}};
}

Acknowledgement acknowledgement() {
  return {.stream = 5, .receiver = 6, .of = Acknowledgement::Of::detail, .number = 1};
}

bool is_any(Bytes datagram) {
  return decode_announcement(datagram) || decode_closing(datagram) || decode_report(datagram) ||
         decode_detail(datagram) || decode_acknowledgement(datagram);
}

std::vector<std::vector<std::byte>> all() {
  return {encode(announcement()), encode(closing()), encode(report()), encode(detail()),
          encode(acknowledgement())};
}

/// Changed behind the encoder's back, with a checksum that is right.
std::vector<std::byte> sealed(std::vector<std::byte> datagram,
                              const std::function<void(std::vector<std::byte>&)>& change) {
  datagram.resize(datagram.size() - crc_octets);
  change(datagram);
  const std::uint32_t crc = crc32c(datagram);
  for (int shift = 24; shift >= 0; shift -= 8) {
    datagram.push_back(static_cast<std::byte>(crc >> shift & 0xff));
  }
  return datagram;
}

}  // namespace

TEST_CASE("what is said of a stream is read as it was written", "[group_messages]") {
  CHECK(decode_announcement(encode(announcement())) == announcement());
  CHECK(decode_closing(encode(closing())) == closing());
  CHECK(decode_report(encode(report())) == report());
  CHECK(decode_detail(encode(detail())) == detail());
  CHECK(decode_acknowledgement(encode(acknowledgement())) == acknowledgement());
  ReceptionReport without{.receiver = 1, .number = 1};
  CHECK(decode_report(encode(without)) == without);
  CHECK(encode(report()).size() <= report_octets(report().name.size()));
}

TEST_CASE("a group message is of one kind, and of any only as a whole", "[group_messages]") {
  CHECK_FALSE(decode_closing(encode(announcement())));
  CHECK_FALSE(decode_announcement(encode(closing())));
  CHECK_FALSE(decode_detail(encode(report())));
  CHECK_FALSE(decode_report(encode(detail())));
  CHECK_FALSE(decode_report(encode(acknowledgement())));
  for (const auto& whole : all()) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CHECK_FALSE(is_any(Bytes(whole).first(length)));
    }
    auto longer = whole;
    longer.push_back({});
    CHECK_FALSE(is_any(longer));
  }
}

TEST_CASE("a flipped bit anywhere spoils a group message", "[group_messages]") {
  for (auto octets : all()) {
    for (auto& octet : octets) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        octet ^= std::byte{1} << bit;
        if (is_any(octets)) FAIL("a flipped bit was taken");
        octet ^= std::byte{1} << bit;
      }
    }
    CHECK(is_any(octets));
  }
}

TEST_CASE("what contradicts itself is no group message", "[group_messages]") {
  auto announced = announcement();
  SECTION("a rate that is no number") {
    announced.messages_per_second = std::nan("");
    CHECK_FALSE(decode_announcement(encode(announced)));
    announced.messages_per_second = -1;
    CHECK_FALSE(decode_announcement(encode(announced)));
  }
  SECTION("messages without room for a probe") {
    announced.message_octets = Probe::octets - 1;
    CHECK_FALSE(decode_announcement(encode(announced)));
  }
  SECTION("totals that don't add up") {
    auto closed = closing();
    ++closed.sent;
    CHECK_FALSE(decode_closing(encode(closed)));
    closed = closing();
    closed.refused = closed.offered + 1;
    CHECK_FALSE(decode_closing(encode(closed)));
  }
  SECTION("more than there were") {
    auto told = report();
    told.unique = 901;
    CHECK_FALSE(decode_report(encode(told)));
    told = report();
    told.lost_in_host = {{9, 8}};
    CHECK_FALSE(decode_report(encode(told)));
    told = report();
    told.number = 0;
    CHECK_FALSE(decode_report(encode(told)));
  }
  SECTION("a part beyond the last") {
    auto told = detail();
    told.part = told.parts;
    CHECK_FALSE(decode_detail(encode(told)));
  }
}

TEST_CASE("runs of a loss detail are in order, apart and within", "[group_messages]") {
  const auto with = [](std::vector<Run> runs, Run range) {
    LossDetail told = detail();
    told.range = range;
    told.missing = std::move(runs);
    return decode_detail(encode(told));
  };
  CHECK(with({{0, 5}}, {0, 5}));
  CHECK_FALSE(with({{0, 6}}, {0, 5}));
  CHECK_FALSE(with({{2, 2}}, {0, 5}));
  CHECK_FALSE(with({{0, 2}, {2, 3}}, {0, 5}));
  CHECK_FALSE(with({{3, 4}, {1, 2}}, {0, 5}));
  CHECK_FALSE(with({{1, UINT64_MAX}}, {0, UINT64_MAX - 1}));
  CHECK(with({{1, UINT64_MAX}}, {0, UINT64_MAX}));
}

TEST_CASE("lengths that lie are refused", "[group_messages]") {
  constexpr std::size_t header = sizeof magic + 1;
  SECTION("a name longer than the datagram") {
    const auto lying = sealed(
        encode(report()), [](auto& octets) { octets[header + 8 + 8 + 1 + 3] = std::byte{255}; });
    CHECK_FALSE(decode_report(lying));
  }
  SECTION("more runs than there are") {
    const auto lying = sealed(encode(detail()), [](auto& octets) {
      octets[header + 8 + 8 + 2 + 2 + 8 + 8] = std::byte{255};
    });
    CHECK_FALSE(decode_detail(lying));
  }
  SECTION("a number without an end") {
    const auto lying = sealed(encode(detail()), [](auto& octets) {
      for (std::size_t i = header + 38; i < octets.size(); ++i) octets[i] = std::byte{0xff};
    });
    CHECK_FALSE(decode_detail(lying));
  }
  SECTION("a checksum that is right makes nothing whole that isn't") {
    std::mt19937 random(7);
    const auto whole = encode(detail());
    for (int i = 0; i < 20'000; ++i) {
      const auto changed = sealed(whole, [&](auto& octets) {
        for (int n = 0; n < 3; ++n) {
          octets[header + random() % (octets.size() - header)] = static_cast<std::byte>(random());
        }
      });
      const auto read = decode_detail(changed);
      if (!read) continue;
      std::uint64_t at = read->range.first;
      for (const Run& run : read->missing) {
        if (run.first < at || run.end <= run.first || run.end > read->range.end) FAIL("runs");
        at = run.end;
      }
    }
  }
}

TEST_CASE("a part of a loss detail holds as many runs as fit and is never too long",
          "[group_messages]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) {
    std::vector<Run> runs;
    std::uint64_t at = random() % 1000;
    const std::uint64_t from = at;
    while (runs.size() < 1500) {
      const std::uint64_t first = at + 1 + random() % (std::uint64_t{1} << random() % 30);
      at = first + 1 + random() % (std::uint64_t{1} << random() % 20);
      runs.push_back({first, at});
    }
    const std::size_t fit = runs_that_fit(runs, from);
    REQUIRE(fit < runs.size());
    LossDetail told{.parts = 1, .range = {from, at}};
    told.missing.assign(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(fit));
    const auto octets = encode(told);
    CHECK(octets.size() <= largest_octets);
    // One more would not have gone in.
    CHECK(octets.size() + 20 > largest_octets);
    CHECK(decode_detail(octets) == told);
  }
  CHECK(runs_that_fit({}, 0) == 0);
}
