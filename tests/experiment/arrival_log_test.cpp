#include "experiment/arrival_log.hpp"

#include <sstream>

#include <fmt/format.h>

#include "experiment/decimal_seconds.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

ArrivalLog read(const std::string& text) {
  std::istringstream in(text);
  return read_arrival_log(in, "log");
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const LogError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("seconds are read to the nearest nanosecond", "[analyze]") {
  CHECK(decimal_seconds("0.09999999999999999") == 100ms);
  CHECK(decimal_seconds("0.0000000004") == 0ns);
  CHECK(decimal_seconds("0.0000000005") == 1ns);
  CHECK(decimal_seconds("-0.0000000005") == -1ns);
  CHECK(decimal_seconds("0.99999999951") == 1s);
  CHECK(decimal_seconds("+1") == 1s);
  CHECK(decimal_seconds("1.") == 1s);
  CHECK(decimal_seconds("-.5") == -500ms);
  CHECK(decimal_seconds("007") == 7s);
}

TEST_CASE("an exponent loses no digit of today's dates", "[analyze]") {
  CHECK(decimal_seconds("1.764180000123456789e9") == 1'764'180'000'123'456'789ns);
  CHECK(decimal_seconds("1764180000123456789E-9") == 1'764'180'000'123'456'789ns);
  CHECK(decimal_seconds("5e-9") == 5ns);
  CHECK(decimal_seconds("5e-10") == 1ns);
  CHECK(decimal_seconds("5e-11") == 0ns);
  CHECK(decimal_seconds("1e-400") == 0ns);
  CHECK(decimal_seconds("1e-99999999999999999999") == 0ns);
  CHECK(decimal_seconds("0e400") == 0ns);
  CHECK(decimal_seconds("1e+2") == 100s);
}

TEST_CASE("what is no time, or too far away, is refused", "[analyze]") {
  const auto* const text =
      GENERATE("", ".", "-", "+", "--1", "+-1", "1e", "1e+", "e5", "1e5.5", "1..2", "1.-2", "1s",
               "inf", "nan", "0x1", "1 2", "1e400", "1e99999999999999999999",
               "2300000000.000000001", "-2300000000.0000000005", "9e18", "99999999999999999999");
  INFO(text);
  CHECK_FALSE(decimal_seconds(text).has_value());
  CHECK(decimal_seconds("-2300000000") == -furthest_logged_time);
}

TEST_CASE("a bad row is told by its line, and which others are", "[analyze]") {
  const auto* const row = GENERATE(
      "x,1,2", "1,1", "1,,2", "-1,1,2", "1.5,1,2", "1,1,2,3,4", "1,1,2,,", "1,1,2,x", "1,one,2",
      "1,1,2s", "99999999999999999999,1,2", "1,1e400,2", "1,--1e300,2", "1,1..2,2", "1,3e9,2");
  const std::string error = error_of("0,1,2\n\n" + std::string(row) + "\n1,1,2\n");
  INFO(row);
  CHECK_THAT(error, containing("log, line 3: '" + std::string(row) + "'") && !containing("also"));
  CHECK_THAT(error_of("0,1,2\n?\n?\n"), containing("line 2") && containing("(also line 3)"));
  std::string many = "0,1,2\n";
  for (int n = 0; n < 17; ++n) many += "?\n1,1,2\n";
  CHECK_THAT(error_of(many), containing("line 2: '?'") &&
                                 containing("(also lines 4, 6, 8, 10, 12, 14, 16, 18, 20 and 7 "
                                            "more)") &&
                                 !containing("\n"));
}

TEST_CASE("a first row with a slip in it is no heading", "[analyze]") {
  const auto* const row = GENERATE("x0,1,2", "one,1,2", "\"0x\",\"1\",\"2\"");
  INFO(row);
  CHECK_THAT(error_of(std::string(row) + "\n1,1,2\n"), containing("line 1: '"));
}

TEST_CASE("numbers may be quoted", "[analyze]") {
  const ArrivalLog log = read("\"sequence\",\"sent\",\"arrived\"\n\"7\",\"1.5\",\"\"\n");
  REQUIRE(log.front().size() == 1);
  CHECK(log.front()[0].sequence == 7);
  CHECK(log.front()[0].sent == 1500ms);
  CHECK(log.front()[0].lost);
}

TEST_CASE("a heading may follow a mark, comments and empty lines", "[analyze]") {
  const auto* const before =
      GENERATE("", "\xEF\xBB\xBF", "# a comment\n", "\n\n", "\xEF\xBB\xBF# a comment\n\r\n");
  const auto* const heading = GENERATE("", "sequence,sent,arrived\n");
  CHECK(read(std::string(before) + heading + "1,1,2\n").front().size() == 1);
  CHECK_THAT(error_of("sequence,sent,arrived\nsequence,sent,arrived\n1,1,2\n"),
             containing("line 2"));
}

TEST_CASE("octets may be left empty", "[analyze]") {
  const ArrivalLog log = read("0,0.1,0.2,\n1,0.2,,\n7,,,\n");
  REQUIRE(log.front().size() == 3);
  CHECK(log.front()[0].octets == 0);
  CHECK(log.front()[1].lost);
  CHECK(log.front()[2].undated);
}

TEST_CASE("a trial's comment begins a stream", "[analyze]") {
  const ArrivalLog log = read(
      "sequence,sent,arrived\n# first: 2 sent, numbered from 0\n0,1,2\n1,1,2\n"
      "# empty: 0 sent, numbered from 2\n# a comment\n"
      "# second: 1 sent, numbered from 2\n2,1,2\n# last: 0 sent, numbered from 3\n");
  REQUIRE(log.size() == 2);
  CHECK(log[0].size() == 2);
  CHECK(log[1].size() == 1);
}
