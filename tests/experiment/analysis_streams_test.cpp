#include <sstream>

#include "experiment/analysis.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

/// Two trials with a pause of 100 s: delays of 10, 30 and 20 ms, then of 50, 50 and lost. The first
/// of the second trial has the number after the last of the first.
const std::string two_trials =
    "sequence,sent,arrived,octets\n"
    "# a: 4 sent, numbered from 0\n"
    "0,0,0.01,100\n1,1,1.03,100\n2,2,2.02,100\n3,,\n"
    "# b: 3 sent, numbered from 4\n"
    "4,100,100.05,100\n5,101,101.05,100\n6,,\n";

Report figures(const std::string& log, const AnalysisSpec& spec = {}) {
  std::istringstream in(log);
  return analyze(read_arrival_log(in, "log"), spec);
}

std::uint64_t count(const Report& report, const char* metric) {
  return std::get<std::uint64_t>(*report.find(metric));
}

double real(const Report& report, const char* metric) {
  INFO(metric);
  REQUIRE(std::holds_alternative<double>(*report.find(metric)));
  return std::get<double>(*report.find(metric));
}

}  // namespace

TEST_CASE("trials of one log are pooled and know nothing of each other", "[analyze]") {
  const Report report = figures(two_trials);
  CHECK(count(report, "streams") == 2);
  CHECK(count(report, "rows") == 7);
  CHECK(count(report, "sent") == 7);
  CHECK(count(report, "lost") == 2);
  CHECK(real(report, "delay_seconds.p50") == 0.03);
  CHECK(real(report, "delay_with_losses_seconds.p50") == 0.05);
  // Against 10 and 50 ms.
  CHECK(real(report, "pdv_seconds.max") == 0.02);
  // 20, -10 and 0: none from one trial to the other.
  CHECK(real(report, "ipdv_seconds.max") == 0.02);
  CHECK(real(report, "ipdv_seconds.p50") == 0.0);
  // (20 / 16 + (10 - 20 / 16) / 16) and 0 ms.
  CHECK(real(report, "jitter_rfc3550_seconds") == Approx(0.001796875 / 2));
  CHECK(real(report, "duration_seconds") == Approx(2.02 + 1.05));
  CHECK(real(report, "goodput_bits_per_second") == Approx(8 * 500 / 3.07));
  CHECK(report.find("intervals") == nullptr);
  CHECK(report.find("intervals[0].messages") == nullptr);
}

TEST_CASE("losses of two trials are two periods without a distance", "[analyze]") {
  const Report report = figures(two_trials);
  CHECK(count(report, "loss_periods.count") == 2);
  CHECK(std::holds_alternative<Absent>(*report.find("loss_periods.mean_distance")));
}

TEST_CASE("what is omitted is the start of each trial", "[analyze]") {
  const Report report = figures(two_trials, {.omit = std::chrono::milliseconds(500)});
  CHECK(count(report, "sent") == 5);
  CHECK(count(report, "unique") == 3);
  CHECK(count(report, "streams") == 2);
  const Report one = figures(two_trials, {.omit = std::chrono::milliseconds(1500)});
  CHECK(count(one, "streams") == 1);
}

TEST_CASE("the same numbers in two trials are no duplicates", "[analyze]") {
  const Report report = figures(
      "# a: 2 sent, numbered from 0\n0,0,1\n1,0,1\n# a: 2 sent, numbered from 0\n0,5,6\n1,5,6\n");
  CHECK(count(report, "duplicates") == 0);
  CHECK(count(report, "unique") == 4);
}

TEST_CASE("one count of what was sent doesn't fit several trials", "[analyze]") {
  CHECK_THROWS_WITH(figures(two_trials, {.sent = 10}),
                    containing("--sent 10") && containing("2 trials"));
}
