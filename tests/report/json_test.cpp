#include "report/json.hpp"

#include <limits>
#include <stdexcept>

#include "support/catch.hpp"

using netduel::Absent;
using netduel::EmptyList;
using netduel::EmptyObject;
using netduel::Interval;
using netduel::Report;
using netduel::to_json;
using netduel::to_json_line;
using netduel::Value;

namespace {

Value count(std::uint64_t number) {
  return number;
}

}  // namespace

TEST_CASE("an object without members is written as such until it has some", "[json]") {
  Report report;
  report.add("end", EmptyObject{});
  CHECK(to_json_line(report) == R"({"end":{}})");
  report.add("end.bytes", std::uint64_t{1});
  CHECK(to_json_line(report) == R"({"end":{"bytes":1}})");
}

TEST_CASE("a report nests by its paths, in the order of its rows", "[json]") {
  Report report;
  report.add("schema", std::string("netduel.compare/1"));
  {
    const Report::Scope udp(report, "parts.paced.udp");
    report.add("offered", count(1000));
    report.add("delay_seconds.p50", 0.0005, "s");
    report.add("delay_seconds.p99", Absent{}, "s");
    report.add("guaranteed_by_service", false);
  }
  report.add("a", count(1));

  CHECK(to_json(report) == R"({
  "schema": "netduel.compare/1",
  "parts": {
    "paced": {
      "udp": {
        "offered": 1000,
        "delay_seconds": {
          "p50": 0.0005,
          "p99": null
        },
        "guaranteed_by_service": false
      }
    }
  },
  "a": 1
})");
}

TEST_CASE("a report without rows is an empty object", "[json]") {
  CHECK(to_json(Report()) == "{}");
}

TEST_CASE("a number in brackets is an entry of a list", "[json]") {
  Report report;
  {
    const Report::Scope trial(report, "trials[0]");
    report.add("seed", count(1));
  }
  {
    const Report::Scope trials(report, "trials");
    const Report::Scope second(report, "[1]");
    report.add("seed", count(2));
    report.add("streams[0].sent", count(3));
  }
  report.add("matrix[0][1]", count(4));
  CHECK(to_json_line(report) ==
        R"({"trials":[{"seed":1},{"seed":2,"streams":[{"sent":3}]}],"matrix":[[null,4]]})");
}

TEST_CASE("an entry without a row is null", "[json]") {
  Report report;
  report.add("trials[2]", count(7));
  CHECK(to_json_line(report) == R"({"trials":[null,null,7]})");
}

TEST_CASE("an interval is an object with nulls for what is not known", "[json]") {
  Report report;
  report.add("full", Interval{.median = 2, .low = 1.5, .high = 3, .method = "order statistics"});
  report.add("few", Interval{.median = 2, .low = {}, .high = {}, .method = {}});
  CHECK(to_json_line(report) ==
        R"({"full":{"median":2.0,"low":1.5,"high":3.0,"method":"order statistics"},)"
        R"("few":{"median":2.0,"low":null,"high":null,"method":null}})");
}

TEST_CASE("an empty list is a list, and may get entries", "[json]") {
  Report report;
  report.add("warnings", EmptyList{});
  report.add("trials", EmptyList{});
  report.add("trials[0]", count(1));
  CHECK(to_json_line(report) == R"({"warnings":[],"trials":[1]})");
}

TEST_CASE("what is no finite number is null", "[json]") {
  Report report;
  report.add("nan", std::numeric_limits<double>::quiet_NaN());
  report.add("infinite", std::numeric_limits<double>::infinity());
  report.add(
      "interval",
      Interval{
          .median = -std::numeric_limits<double>::infinity(), .low = {}, .high = {}, .method = {}});
  CHECK(to_json_line(report) ==
        R"({"nan":null,"infinite":null,"interval":{"median":null,"low":null,"high":null,)"
        R"("method":null}})");
}

TEST_CASE("a count keeps all of its 64 bits", "[json]") {
  Report report;
  report.add("most", count(std::numeric_limits<std::uint64_t>::max()));
  CHECK(to_json_line(report) == R"({"most":18446744073709551615})");
}

TEST_CASE("a number keeps enough digits to be read back the same", "[json]") {
  Report report;
  report.add("tenth", 0.1);
  report.add("rate", 9412345678.25);
  report.add("whole", 5.0);
  CHECK(to_json_line(report) == R"({"tenth":0.1,"rate":9412345678.25,"whole":5.0})");
}

TEST_CASE("text is escaped, and what is not UTF-8 is replaced", "[json]") {
  Report report;
  report.add("text", std::string("a\"b\\c\n–\xff"));
  CHECK(to_json_line(report) == "{\"text\":\"a\\\"b\\\\c\\n–\xEF\xBF\xBD\"}");
}

TEST_CASE("of two rows with one path the document has the last", "[json]") {
  Report report;
  report.add("sent", count(1));
  report.add("rate", Interval{.median = 1, .low = {}, .high = {}, .method = {}});
  report.add("sent", count(2));
  report.add("rate", Absent{});
  CHECK(to_json_line(report) == R"({"sent":2,"rate":null})");
}

TEST_CASE("what was absent as a whole may get parts", "[json]") {
  Report report;
  report.add("delay_seconds", Absent{});
  report.add("delay_seconds.p50", 0.5);
  CHECK(to_json_line(report) == R"({"delay_seconds":{"p50":0.5}})");
}

TEST_CASE("a name that would be two things at once is refused by its path", "[json]") {
  const auto with = [](std::string_view first, std::string_view second) {
    Report report;
    report.add(first, count(1));
    report.add(second, count(2));
    return report;
  };
  CHECK_THROWS_AS(to_json(with("a", "a.b")), std::logic_error);
  CHECK_THROWS_AS(to_json(with("a", "a[0]")), std::logic_error);
  CHECK_THROWS_AS(to_json(with("a.b", "a")), std::logic_error);
  CHECK_THROWS_AS(to_json(with("a.b", "a[0]")), std::logic_error);
  CHECK_THROWS_AS(to_json(with("a[0]", "a.b")), std::logic_error);
  CHECK_THROWS_WITH(to_json(with("a", "a.b")), "report path 'a.b': its parent is no object");
}

TEST_CASE("a malformed path is refused", "[json]") {
  const auto path =
      GENERATE("", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[-1]", "a[1", "a[0]b", "a[0].",
               "a.[0]", "[0]", "a[99999999999999999999]", "a[1000000]");
  CAPTURE(path);
  Report report;
  report.add(path, count(1));
  CHECK_THROWS_AS(to_json(report), std::logic_error);
}
