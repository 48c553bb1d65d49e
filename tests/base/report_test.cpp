#include "netduel/base/report.hpp"

#include "support/catch.hpp"

using netduel::Absent;
using netduel::Report;
using netduel::Value;

namespace {

/// The count at a path; nullopt when there is no such row or it is no count.
std::optional<std::uint64_t> count_at(const Report& report, std::string_view path) {
  const Value* value = report.find(path);
  if (value == nullptr || !std::holds_alternative<std::uint64_t>(*value)) return std::nullopt;
  return std::get<std::uint64_t>(*value);
}

Value count(std::uint64_t number) {
  return number;
}

}  // namespace

TEST_CASE("a scope nests the paths of rows, and ends with its guard", "[report]") {
  Report report;
  report.add("offered", count(1));
  {
    const Report::Scope part(report, "parts.paced");
    report.add("offered", count(2));
    {
      const Report::Scope udp(report, "udp");
      report.add("offered", count(3));
    }
    report.add("sent", count(4));
  }
  report.add("sent", count(5));

  CHECK(count_at(report, "offered") == 1U);
  CHECK(count_at(report, "parts.paced.offered") == 2U);
  CHECK(count_at(report, "parts.paced.udp.offered") == 3U);
  CHECK(count_at(report, "parts.paced.sent") == 4U);
  CHECK(count_at(report, "sent") == 5U);
}

TEST_CASE("an entry of a list follows its name without a dot", "[report]") {
  Report report;
  {
    const Report::Scope trials(report, "trials");
    const Report::Scope second(report, "[1]");
    report.add("seed", count(42));
  }
  report.add("warnings[0]", std::string("few repetitions"));

  CHECK(report.rows().front().scope == "trials[1]");
  CHECK(count_at(report, "trials[1].seed") == 42U);
  CHECK(report.find("warnings[0]") != nullptr);
}

TEST_CASE("a row is found by its full path only", "[report]") {
  Report report;
  const Report::Scope udp(report, "udp");
  report.add("delay_seconds.p50", 0.5, "s");

  REQUIRE(report.find_row("udp.delay_seconds.p50") != nullptr);
  CHECK(report.find_row("udp.delay_seconds.p50")->unit == "s");
  CHECK(report.find("delay_seconds.p50") == nullptr);
  CHECK(report.find("udp.delay_seconds") == nullptr);
  CHECK(report.find("p50") == nullptr);
  CHECK(report.find("") == nullptr);
}

TEST_CASE("of two rows with one path the last one is found", "[report]") {
  Report report;
  report.add("sent", count(1));
  report.add("sent", count(2));
  CHECK(count_at(report, "sent") == 2U);
  CHECK(report.rows().size() == 2);
}

TEST_CASE("an empty optional is absent and not zero", "[report]") {
  Report report;
  const std::optional<std::uint64_t> no_count;
  const std::optional<double> no_time;
  report.add_optional("drops", no_count);
  report.add_optional("rtt_seconds", no_time, "s");
  REQUIRE(report.find("drops") != nullptr);
  CHECK(*report.find("drops") == Value(Absent{}));
  CHECK(*report.find("rtt_seconds") == Value(Absent{}));
}

TEST_CASE("an optional that holds something keeps its kind", "[report]") {
  Report report;
  report.add_optional("segments", std::optional<std::uint32_t>(7));
  report.add_optional("timestamps", std::optional<bool>(true));
  report.add_optional("rtt_seconds", std::optional<double>(0.25), "s");
  CHECK(*report.find("segments") == count(7));
  CHECK(*report.find("timestamps") == Value(true));
  CHECK(*report.find("rtt_seconds") == Value(0.25));
}

TEST_CASE("paths are joined by a dot where both sides have a name", "[report]") {
  CHECK(netduel::join_path("a", "b") == "a.b");
  CHECK(netduel::join_path("", "b") == "b");
  CHECK(netduel::join_path("a", "") == "a");
  CHECK(netduel::join_path("a", "[0].b") == "a[0].b");
}
