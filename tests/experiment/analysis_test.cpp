#include "experiment/analysis.hpp"

#include <sstream>

#include <fmt/format.h>

#include "support/catch.hpp"

using namespace netduel;

namespace {

Report figures(const std::string& log, const AnalysisSpec& spec = {}) {
  std::istringstream in(log);
  return analyze(read_arrival_log(in, "log"), spec);
}

std::string error_of(const std::string& log, const AnalysisSpec& spec = {}) {
  try {
    figures(log, spec);
  } catch (const LogError& error) {
    return error.what();
  }
  return "";
}

std::uint64_t count(const Report& report, const char* metric) {
  const Value* const value = report.find(metric);
  REQUIRE(value != nullptr);
  return std::get<std::uint64_t>(*value);
}

double real(const Report& report, const char* metric) {
  const Value* const value = report.find(metric);
  REQUIRE(value != nullptr);
  INFO(metric);
  REQUIRE(std::holds_alternative<double>(*value));
  return std::get<double>(*value);
}

bool is_absent(const Report& report, const char* metric) {
  return std::holds_alternative<Absent>(*report.find(metric));
}

/// Messages of 1000 octets that arrive in this order, 10 ms apart.
std::string log_of(std::initializer_list<int> sequences) {
  std::string log;
  double now = 1.0;
  for (const int sequence : sequences) {
    log += std::to_string(sequence) + ",0," + std::to_string(now) + ",1000\n";
    now += 0.01;
  }
  return log;
}

}  // namespace

TEST_CASE("a log of RFC 4737's example gives its figures", "[analyze]") {
  const Report report = figures(log_of({1, 2, 3, 7, 8, 9, 4, 5, 6}));
  CHECK(count(report, "sent") == 9);
  CHECK(count(report, "unique") == 9);
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "reordered") == 3);
  CHECK(real(report, "reordered_ratio") == Approx(3.0 / 9));
  CHECK(real(report, "extent.mean") == 4.0);
  CHECK(count(report, "extent.max") == 5);
  CHECK(real(report, "late_seconds.max") == Approx(0.05));
  CHECK(real(report, "byte_offset.mean") == 3000.0);
  CHECK(count(report, "n_reordering.3") == 1);
}

TEST_CASE("a log of RFC 5560's example gives its figures", "[analyze]") {
  const Report report = figures(log_of({1, 1, 1, 2, 4, 4}));
  CHECK(count(report, "duplicates") == 3);
  CHECK(real(report, "duplication_fraction") == 1.0);
  CHECK(real(report, "loss_ratio") == 0.25);
}

TEST_CASE("a log of RFC 3357's example gives its loss periods", "[analyze]") {
  const Report report = figures(log_of({1, 2, 5, 6, 7, 8, 10}));
  CHECK(count(report, "sent") == 10);
  CHECK(count(report, "lost") == 3);
  CHECK(count(report, "loss_periods.count") == 2);
  CHECK(real(report, "loss_periods.mean_length") == 1.5);
  // Distances 0, 1 and 5; lengths <1,2> and <2,1>; from period to period <1,0> and <2,5>.
  CHECK(count(report, "loss_periods.lengths[0].length") == 1);
  CHECK(count(report, "loss_periods.lengths[0].count") == 1);
  CHECK(count(report, "loss_periods.lengths[1].length") == 2);
  CHECK(count(report, "loss_periods.lengths[1].count") == 1);
  CHECK(real(report, "loss_periods.mean_distance") == 5.0);
  CHECK(real(report, "loss_periods.noticeable_ratio") == Approx(2.0 / 3));
}

TEST_CASE("delays and their variation are exact", "[analyze]") {
  // 20, 10, 20, 25 and 20 ms, with today's dates.
  const Report report = figures(
      "0,1764160000.000000000,1764160000.020000000\n"
      "1,1764160000.100000000,1764160000.110000000\n"
      "2,1764160000.200000000,1764160000.220000000\n"
      "3,1764160000.300000000,1764160000.325000000\n"
      "4,1764160000.400000000,1764160000.420000000\n");
  CHECK(real(report, "delay_seconds.min") == 0.010);
  CHECK(real(report, "delay_seconds.p50") == 0.020);
  CHECK(real(report, "delay_seconds.max") == 0.025);
  CHECK(real(report, "pdv_seconds.min") == 0.0);
  CHECK(real(report, "pdv_seconds.p50") == 0.010);
  CHECK(real(report, "pdv_seconds.max") == 0.015);
  CHECK(real(report, "ipdv_seconds.min") == -0.010);
  CHECK(real(report, "ipdv_seconds.p50") == -0.005);
  CHECK(real(report, "ipdv_seconds.max") == 0.010);
  CHECK(real(report, "jitter_rfc3550_seconds") == Approx(0.0016698).epsilon(0.0001));
}

TEST_CASE("what never came is infinitely late where losses are counted in", "[analyze]") {
  // RFC 7679's sample: 100, 110, lost, 90 and 500 ms.
  const Report report = figures("0,0,.100\n1,0,.110\n2,0,\n3,0,.090\n4,0,.500\n");
  CHECK(count(report, "lost") == 1);
  CHECK(real(report, "delay_seconds.p50") == 0.100);
  CHECK(real(report, "delay_with_losses_seconds.p50") == 0.110);
  CHECK(is_absent(report, "delay_with_losses_seconds.p90"));
}

TEST_CASE("of an even number with a loss p50 is the lower one in the middle", "[analyze]") {
  // RFC 2330, section 11.3. RFC 7679's median of these is 105 ms, between the two in the middle.
  const Report report = figures("0,0,.100\n1,0,.110\n2,0,\n3,0,.090\n");
  CHECK(real(report, "delay_with_losses_seconds.p50") == 0.100);
}

TEST_CASE("a percentile of a log is no rank too high by rounding", "[analyze]") {
  // 0.99 * 700 is a whole number; as doubles 0.07 * 100 and others are a little more.
  for (const int rows : {10, 100, 700, 1000}) {
    std::string log;
    for (int n = 1; n <= rows; ++n) {
      log += std::to_string(n) + ",0," + std::to_string(n) + "\n";
    }
    const Report report = figures(log);
    const int rank_of_p90 = rows * 9 / 10;
    const int rank_of_p99 = rows * 99 / 100;
    CHECK(real(report, "delay_seconds.p90") == rank_of_p90);
    if (rows >= 100) CHECK(real(report, "delay_seconds.p99") == rank_of_p99);
    if (rows == 1000) CHECK(real(report, "delay_seconds.p999") == 999);
  }
}

TEST_CASE("rows count in the order of arrival, wherever they stand", "[analyze]") {
  const Report report = figures("0,0,1.0\n1,0,1.3\n2,0,1.1\n3,0,1.2\n");
  CHECK(count(report, "reordered") == 1);
  CHECK(count(report, "extent.max") == 2);
}

TEST_CASE("the count of what was sent tells of losses at the end", "[analyze]") {
  const Report report = figures(log_of({0, 1, 2}), {.sent = 10});
  CHECK(count(report, "lost") == 7);
  CHECK(count(report, "loss_periods.longest") == 7);
  CHECK_THAT(error_of(log_of({0, 9}), {.sent = 5}), containing("--sent 5"));
}

TEST_CASE("what took longer than Tmax is lost, its duplicates too", "[analyze]") {
  const Report report =
      figures("0,0,0.1\n1,0,5\n1,0,6\n2,0,0.2\n", {.longest_wait = std::chrono::seconds(2)});
  CHECK(count(report, "unique") == 2);
  CHECK(count(report, "lost") == 1);
  CHECK(count(report, "duplicates") == 0);
}

TEST_CASE("what was sent at the start can be left out", "[analyze]") {
  const AnalysisSpec spec{.omit = std::chrono::seconds(1)};
  const Report report = figures("0,10,10.1\n1,10.5,10.6\n3,11,11.1\n4,12,12.1\n", spec);
  CHECK(count(report, "sent") == 2);
  CHECK(count(report, "lost") == 0);
  CHECK_THAT(error_of("0,10,10.1\n", spec), containing("--omit"));
}

TEST_CASE("what was left out at the start was sent, and is not lost", "[analyze]") {
  const std::string log = "0,0,0.1\n1,1,1.1\n2,2,2.1\n3,3,3.1\n";
  const Report report = figures(log, {.sent = 4, .omit = std::chrono::seconds(2)});
  CHECK(count(report, "sent") == 2);
  CHECK(count(report, "lost") == 0);
  const Report tail = figures(log, {.sent = 7, .omit = std::chrono::seconds(2)});
  CHECK(count(tail, "sent") == 5);
  CHECK(count(tail, "lost") == 3);
  CHECK(count(tail, "loss_periods.longest") == 3);
}

TEST_CASE("what is left out doesn't change the order of what arrived together", "[analyze]") {
  // 3 stands before 2, and so came before it.
  const std::string log = "0,0,0.5\n1,1,1.5\n3,1.2,2\n2,1.1,2\n";
  for (const auto* const lost : {"", "4,,\n"}) {
    const Report report = figures(log + lost, {.omit = std::chrono::seconds(1)});
    INFO(lost);
    CHECK(count(report, "reordered") == 1);
  }
}

TEST_CASE("a heading, comments, blanks and a carriage return do no harm", "[analyze]") {
  const Report report =
      figures("sequence,sent,arrived,octets\r\n# a comment\r\n\r\n 7 , 1.5 , 1.75 , 100 \r\n");
  CHECK(count(report, "sent") == 1);
  CHECK(real(report, "delay_seconds.max") == 0.25);
  CHECK(is_absent(report, "ipdv_seconds.p50"));
  CHECK(is_absent(report, "jitter_rfc3550_seconds"));
}

TEST_CASE("losses are those that never came, however late the others", "[analyze]") {
  // Odd numbers come 3000 behind even ones: more open runs than a live meter keeps.
  std::string log;
  for (int n = 0; n < 8000; ++n) {
    const int arrived = n + (n % 2 == 1 ? 3000 : 0);
    log += fmt::format("{},{},{},10\n", n, n, arrived);
  }
  const Report report = figures(log);
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "loss_periods.count") == 0);
  CHECK(count(report, "extents_cut") == 0);
  CHECK(count(report, "byte_offsets_cut") == 0);
  CHECK(count(report, "byte_offset.max") == 15000);
}

TEST_CASE("a message that came many times is replicated once", "[analyze]") {
  const Report report = figures(log_of({0, 4096, 0, 4096, 0, 4096}));
  CHECK(count(report, "duplicates") == 4);
  CHECK(real(report, "replicated_ratio") == 1.0);
}

TEST_CASE("clocks that disagree give no duration and no goodput", "[analyze]") {
  const Report report = figures("0,5,1,1\n");
  CHECK(is_absent(report, "duration_seconds"));
  CHECK(is_absent(report, "goodput_bits_per_second"));
}

TEST_CASE("the furthest times there are fit", "[analyze]") {
  const Report report =
      figures("0,2300000000,-2300000000,1\n1,-2300000000,2300000000,1\n2,0,0,1\n");
  CHECK(real(report, "delay_seconds.min") == -4.6e9);
  CHECK(real(report, "ipdv_seconds.max") == 9.2e9);
  CHECK(real(report, "pdv_seconds.max") == 9.2e9);
  const AnalysisSpec spec{.omit = std::chrono::nanoseconds::max()};
  CHECK_THAT(error_of("0,2300000000,1\n1,0,1\n", spec), containing("--omit"));
}

TEST_CASE("RFC 8219's delay variation is D99.9 - Dmin", "[analyze]") {
  std::string log;
  for (int n = 1; n <= 1000; ++n) log += fmt::format("{},0,{}e-3\n", n, n + 5);
  const Report report = figures(log);
  CHECK(real(report, "delay_seconds.p999") == 1.004);
  CHECK(real(report, "delay_seconds.min") == 0.006);
  CHECK(real(report, "pdv_seconds.p999") == 0.998);
}

TEST_CASE("nothing that came has no delay", "[analyze]") {
  const Report report = figures("0,1,\n1,2,\n");
  CHECK(count(report, "lost") == 2);
  CHECK(is_absent(report, "delay_seconds.p50"));
  CHECK(is_absent(report, "reordered_ratio"));
}

TEST_CASE("a log without rows is none", "[analyze]") {
  CHECK_THAT(error_of(""), containing("no rows"));
  CHECK_THAT(error_of("sequence,sent,arrived\n"), containing("no rows"));
}
