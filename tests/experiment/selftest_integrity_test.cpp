#include "experiment/selftest_judge.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// Of 800 messages the link flipped bits in 15 and swapped words in 17.
IntegrityEvidence good_udp() {
  return {.transport = Transport::udp,
          .sent = 800,
          .told = {.verified = 768, .words_swapped = 17},
          .corrupted_by_link = 32,
          .drain = 100ms};
}

/// The same by TCP, which sent those 15 again.
IntegrityEvidence good_tcp() {
  IntegrityEvidence seen = good_udp();
  seen.transport = Transport::tcp;
  seen.told.verified = 783;
  return seen;
}

template <class Change>
CheckStatus status(IntegrityEvidence seen, Change change) {
  change(seen);
  return judge(seen).status;
}

}  // namespace

TEST_CASE("swapped words that were all told, and flipped bits that never came, are verified",
          "[selftest]") {
  CHECK(judge(good_udp()).status == CheckStatus::verified);
  CHECK(judge(good_tcp()).status == CheckStatus::verified);
}

TEST_CASE("a corrupted message that nobody told of fails", "[selftest]") {
  CHECK(status(good_udp(), [](auto& seen) {
          --seen.told.words_swapped;
          ++seen.told.verified;
        }) == CheckStatus::failed);
  CHECK(status(good_udp(), [](auto& seen) { ++seen.told.verified; }) == CheckStatus::failed);
}

TEST_CASE("flipped bits that came fail, on a busy machine too", "[selftest]") {
  for (IntegrityEvidence seen : {good_udp(), good_tcp()}) {
    seen.strain.missed_frames = 3;
    --seen.told.verified;
    ++seen.told.bits_flipped;
    CHECK(judge(seen).status == CheckStatus::failed);
    // With TCP a word can go into a segment's next message.
    CHECK(judge(seen).may_differ_next_time);
  }
}

TEST_CASE("more damage than the link did fails", "[selftest]") {
  CHECK(status(good_udp(), [](auto& seen) {
          ++seen.told.words_swapped;
          --seen.told.verified;
        }) == CheckStatus::failed);
  CHECK(status(good_tcp(), [](auto& seen) { seen.corrupted_by_link = 8; }) == CheckStatus::failed);
  CHECK(status(good_tcp(), [](auto& seen) { --seen.told.verified; }) == CheckStatus::failed);
}

TEST_CASE("integrity is not judged where others lost messages or nothing was corrupted",
          "[selftest]") {
  CHECK(status(good_udp(), [](auto& seen) {
          --seen.told.verified;
          seen.lost_in_host = 1;
        }) == CheckStatus::not_verified);
  CHECK(status(good_udp(), [](auto& seen) {
          --seen.told.verified;
          seen.strain.missed_frames = 1;
        }) == CheckStatus::not_verified);
  CHECK(status(good_tcp(), [](auto& seen) { seen.read_to_the_end = false; }) ==
        CheckStatus::not_verified);
  CHECK(status(good_udp(), [](auto& seen) {
          seen.told = {.verified = 800};
          seen.corrupted_by_link = 0;
        }) == CheckStatus::not_verified);
}

TEST_CASE("a checksum that is wrong once fails", "[selftest]") {
  CHECK(judge(ChecksumEvidence{.compared = 36}).status == CheckStatus::verified);
  CHECK(judge(ChecksumEvidence{.compared = 36, .wrong = 1}).status == CheckStatus::failed);
  CHECK(judge(ChecksumEvidence{}).status == CheckStatus::failed);
}
