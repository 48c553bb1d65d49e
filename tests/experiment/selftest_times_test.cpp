#include "experiment/selftest_judge.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

StampEvidence good_stamps() {
  return {.by_kernel = 498, .by_application = 2, .p50 = 12us, .p99 = 80us};
}

PacingEvidence pacing(double achieved, Pace pace = {}) {
  return {.asked_bits_per_second = 50e6,
          .achieved_bits_per_second = achieved,
          .span = 1s,
          .sent = 4000 - pace.skipped,
          .due = 4000.4,
          .accounted = 4000,
          .pace = pace};
}

LabRateEvidence lab_rate(double delivered) {
  return {.rate_bits_per_second = 20e6,
          .delivered_bits_per_second = delivered,
          .span = 1s,
          .sent = 2600,
          .dropped_by_queue = 400};
}

LabDelayEvidence lab_delay(std::chrono::nanoseconds least, std::chrono::nanoseconds p50) {
  return {.asked = 10ms, .arrivals = 500, .least = least, .p50 = p50, .p99 = p50 + 1ms};
}

OffloadEvidence good_offload() {
  return {.messages = 20,
          .has_segmentation = true,
          .has_joining = true,
          .sent_together = 20,
          .joined = 20,
          .joined_unasked = 1,
          .came = 20,
          .came_unasked = 20,
          .intact = 20,
          .intact_unasked = 20};
}

ClockEvidence good_clock() {
  return {.resolution = 30ns, .backwards_across = 0, .readings = 50'000, .over = 20s};
}

}  // namespace

TEST_CASE("stamps between sending and reading are verified", "[selftest]") {
  CHECK(judge(good_stamps()).status == CheckStatus::verified);
}

TEST_CASE("stamps that can't be those of arriving fail", "[selftest]") {
  StampEvidence early = good_stamps();
  early.before_sent = 1;
  CHECK(judge(early).status == CheckStatus::failed);
  StampEvidence late = good_stamps();
  late.after_read = 1;
  CHECK(judge(late).status == CheckStatus::failed);
  StampEvidence of_reading = good_stamps();
  of_reading.p50 = 0ns;
  CHECK(judge(of_reading).status == CheckStatus::failed);
  StampEvidence some = good_stamps();
  some.by_application = 100;
  CHECK(judge(some).status == CheckStatus::failed);
}

TEST_CASE("stamps are not judged without a kernel that makes them, or by a clock that was set",
          "[selftest]") {
  StampEvidence without = good_stamps();
  without.by_application = 500;
  without.by_kernel = 0;
  without.p50 = 0ns;
  CHECK(judge(without).status == CheckStatus::not_verified);
  CHECK_FALSE(judge(without).may_differ_next_time);
  StampEvidence set = good_stamps();
  set.clock_step = -3600s;
  set.after_read = 250;
  CHECK(judge(set).status == CheckStatus::not_verified);
  StampEvidence few = good_stamps();
  few.by_kernel = 9;
  CHECK(judge(few).status == CheckStatus::not_verified);
  StampEvidence busy = good_stamps();
  busy.p50 = 9ms;
  CHECK(judge(busy).status == CheckStatus::not_verified);
}

TEST_CASE("a rate within half a percent is verified, and one beyond fails", "[selftest]") {
  CHECK(judge(pacing(50.2e6)).status == CheckStatus::verified);
  CHECK(judge(pacing(49.8e6)).status == CheckStatus::verified);
  CHECK(judge(pacing(50.3e6)).status == CheckStatus::failed);
  CHECK(judge(pacing(49.7e6)).status == CheckStatus::failed);
  // What nothing tells of may have stalled it.
  CHECK(judge(pacing(49.7e6)).may_differ_next_time);
}

TEST_CASE("a sender that had no processor is not judged by its rate", "[selftest]") {
  CHECK(judge(pacing(45e6, {.skipped = 400})).status == CheckStatus::not_verified);
  CHECK(judge(pacing(49.5e6, {.latest = 5ms})).status == CheckStatus::not_verified);
  CHECK(judge(pacing(49.5e6, {.clock_step = 1s})).status == CheckStatus::not_verified);
  // Unless it kept to it all the same.
  CHECK(judge(pacing(50e6, {.skipped = 3, .latest = 5ms})).status == CheckStatus::verified);
}

TEST_CASE("a schedule that has too many messages, or loses some, fails on a busy machine too",
          "[selftest]") {
  PacingEvidence more = pacing(50e6, {.skipped = 400});
  more.accounted += 2;
  CHECK(judge(more).status == CheckStatus::failed);
  PacingEvidence less = pacing(45e6, {.skipped = 400});
  less.accounted -= 2;
  CHECK(judge(less).status == CheckStatus::failed);
}

TEST_CASE("a bottleneck within one percent is verified, and one beyond fails", "[selftest]") {
  CHECK(judge(lab_rate(20.15e6)).status == CheckStatus::verified);
  CHECK(judge(lab_rate(19.85e6)).status == CheckStatus::verified);
  CHECK(judge(lab_rate(20.3e6)).status == CheckStatus::failed);
  CHECK(judge(lab_rate(19.7e6)).status == CheckStatus::failed);
}

TEST_CASE("a bottleneck is not judged where it had nothing to hold back, or no time",
          "[selftest]") {
  LabRateEvidence idle = lab_rate(15e6);
  idle.dropped_by_queue = 0;
  CHECK(judge(idle).status == CheckStatus::not_verified);
  LabRateEvidence missed = lab_rate(15e6);
  missed.strain.missed_frames = 9;
  CHECK(judge(missed).status == CheckStatus::not_verified);
  LabRateEvidence fed_too_little = lab_rate(19.6e6);
  fed_too_little.pace.skipped = 40;
  CHECK(judge(fed_too_little).status == CheckStatus::not_verified);
  // A pause explains no more than its own length, and never too much.
  fed_too_little.delivered_bits_per_second = 19e6;
  CHECK(judge(fed_too_little).status == CheckStatus::failed);
  fed_too_little.delivered_bits_per_second = 20.4e6;
  CHECK(judge(fed_too_little).status == CheckStatus::failed);
  LabRateEvidence lost = lab_rate(15e6);
  lost.lost_in_host = 9;
  CHECK(judge(lost).status == CheckStatus::not_verified);
}

TEST_CASE("a path that is never too fast and seldom much slower is verified", "[selftest]") {
  CHECK(judge(lab_delay(10'020us, 10'100us)).status == CheckStatus::verified);
  CHECK(judge(lab_delay(9'900us, 10'100us)).status == CheckStatus::failed);
  CHECK(judge(lab_delay(10'020us, 11'500us)).status == CheckStatus::failed);
}

TEST_CASE("what the sender or the lab were late by is not the path's delay", "[selftest]") {
  LabDelayEvidence late_sender = lab_delay(10'020us, 11'500us);
  late_sender.pace.late_p50 = 1ms;
  CHECK(judge(late_sender).status == CheckStatus::verified);
  LabDelayEvidence late_lab = lab_delay(10'020us, 11'500us);
  late_lab.strain.latest = 7ms;
  LabDelayEvidence few = lab_delay(10'020us, 10'100us);
  few.arrivals = 9;
  CHECK(judge(few).status == CheckStatus::not_verified);
  CHECK(judge(late_lab).status == CheckStatus::not_verified);
}

TEST_CASE("offload is verified where messages are joined only for who asks", "[selftest]") {
  CHECK(judge(good_offload()).status == CheckStatus::verified);
  OffloadEvidence apart = good_offload();
  apart.joined = 1;
  CHECK(judge(apart).status == CheckStatus::failed);
  OffloadEvidence unasked = good_offload();
  unasked.joined_unasked = 20;
  CHECK(judge(unasked).status == CheckStatus::failed);
  OffloadEvidence broken = good_offload();
  broken.intact = 19;
  CHECK(judge(broken).status == CheckStatus::failed);
  OffloadEvidence lost = good_offload();
  lost.came = lost.intact = 19;
  CHECK(judge(lost).status == CheckStatus::not_verified);
  OffloadEvidence silent = good_offload();
  silent.came = silent.came_unasked = silent.intact = silent.intact_unasked = 0;
  CHECK(judge(silent).status == CheckStatus::not_verified);
  CHECK_FALSE(judge(silent).may_differ_next_time);
  OffloadEvidence none = good_offload();
  none.has_segmentation = false;
  CHECK(judge(none).status == CheckStatus::not_verified);
}

TEST_CASE("a clock that went back fails, and one that was set is not judged", "[selftest]") {
  CHECK(judge(good_clock()).status == CheckStatus::verified);
  ClockEvidence back = good_clock();
  back.backwards = 1;
  CHECK(judge(back).status == CheckStatus::failed);
  ClockEvidence across = good_clock();
  across.backwards_across = 1;
  CHECK(judge(across).status == CheckStatus::failed);
  ClockEvidence coarse = good_clock();
  coarse.resolution = 4ms;
  CHECK(judge(coarse).status == CheckStatus::failed);
  ClockEvidence set = good_clock();
  set.step = 30s;
  CHECK(judge(set).status == CheckStatus::not_verified);
}
