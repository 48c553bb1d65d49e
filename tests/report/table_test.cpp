#include "report/table.hpp"

#include <limits>

#include "support/catch.hpp"

using netduel::Absent;
using netduel::EmptyList;
using netduel::format_value;
using netduel::Interval;
using netduel::Report;
using netduel::TableColumn;
using netduel::TableLine;
using netduel::to_table;
using netduel::Value;

namespace {

Value count(std::uint64_t number) {
  return number;
}

Interval interval(double median, double low, double high) {
  return {.median = median, .low = low, .high = high, .method = "order statistics"};
}

/// A UDP and a TCP part with the figures that the table tests ask for.
Report udp_and_tcp() {
  Report report;
  {
    const Report::Scope udp(report, "udp");
    report.add("goodput", interval(9.57e9, 9.4e9, 9.61e9), "bit/s");
    report.add("lost", count(1234));
    report.add("delay_seconds.p50", 46.1e-6, "s");
  }
  {
    const Report::Scope tcp(report, "tcp");
    report.add("goodput", 941.5e6, "bit/s");
    report.add("lost", Absent{});
    report.add("delay_seconds.p50", 0.02, "s");
  }
  return report;
}

const std::vector<TableColumn> both = {{.title = "UDP", .scope = "udp"},
                                       {.title = "TCP", .scope = "tcp"}};

/// The only cell of a table with one line and one column.
std::string cell(const Report& report, const TableLine& line, bool takes_absent_text = true) {
  const std::string text = to_table(
      report, {line}, {{.title = "X", .scope = "x", .takes_absent_text = takes_absent_text}});
  const std::size_t start = text.find('\n') + 1;
  const std::string written = text.substr(start, text.size() - start - 1);
  return written.substr(written.find_first_not_of(' ', line.label.size()));
}

std::string bounds(const Value& low, const Value& high, std::string_view unit = {}) {
  Report report;
  report.add("x.drops.low", low, unit);
  report.add("x.drops.high", high, unit);
  return cell(report, {.label = "Drops", .metric = "drops"});
}

}  // namespace

TEST_CASE("a table shows the same metric of each scope side by side", "[table]") {
  const std::string table = to_table(udp_and_tcp(),
                                     {{.label = "Goodput", .metric = "goodput"},
                                      {.label = "Lost", .metric = "lost", .absent = "guaranteed"},
                                      {.label = "Delay, median", .metric = "delay_seconds.p50"}},
                                     both);
  CHECK(table ==
        "                                    UDP         TCP\n"
        "Goodput        9.57 Gbit/s [9.40, 9.61]  942 Mbit/s\n"
        "Lost                              1 234  guaranteed\n"
        "Delay, median                   46.1 us       20 ms\n");
}

TEST_CASE("a heading parts the lines that follow", "[table]") {
  const std::string table = to_table(udp_and_tcp(),
                                     {{.label = "What arrived, and what did not"},
                                      {.label = "Lost", .metric = "lost"},
                                      {.label = "Delay"},
                                      {.label = "p50", .metric = "delay_seconds.p50"}},
                                     both);
  CHECK(table ==
        "          UDP    TCP\n"
        "\n"
        "What arrived, and what did not\n"
        "Lost    1 234      –\n"
        "\n"
        "Delay\n"
        "p50   46.1 us  20 ms\n");
}

TEST_CASE("bold wraps titles and headings and moves no column", "[table]") {
  const std::vector<TableLine> lines = {{.label = "Order"}, {.label = "Lost", .metric = "lost"}};
  CHECK(to_table(udp_and_tcp(), lines, both, {.bold = true}) ==
        "\x1b[1m        UDP  TCP\x1b[0m\n"
        "\n"
        "\x1b[1mOrder\x1b[0m\n"
        "Lost  1 234    –\n");
}

TEST_CASE("columns are aligned by characters and not by octets", "[table]") {
  Report report;
  report.add("a.name", std::string("größer"));
  report.add("b.name", std::string("x"));
  report.add("a.other", Absent{});
  report.add("b.other", count(100));
  const std::string table =
      to_table(report, {{.label = "Näme", .metric = "name"}, {.label = "Other", .metric = "other"}},
               {{.title = "µ", .scope = "a"}, {.title = "B", .scope = "b"}});
  CHECK(table ==
        "            µ    B\n"
        "Näme   größer    x\n"
        "Other       –  100\n");
}

TEST_CASE("a metric is looked up below each column's scope, lists included", "[table]") {
  Report report;
  report.add("trials[0].sent", count(1));
  report.add("trials[1].sent", count(2));
  const std::string table =
      to_table(report, {{.label = "Sent", .metric = "sent"}},
               {{.title = "1", .scope = "trials[0]"}, {.title = "2", .scope = "trials[1]"}});
  CHECK(table ==
        "      1  2\n"
        "Sent  1  2\n");
}

TEST_CASE("what is absent shows the line's text, only in the columns that take it", "[table]") {
  Report report;
  report.add("x.lost", Absent{});
  const TableLine line = {.label = "Lost", .metric = "lost", .absent = "guaranteed"};
  CHECK(cell(report, line) == "guaranteed");
  CHECK(cell(report, line, false) == "–");
}

TEST_CASE("what is part of something absent is absent", "[table]") {
  Report report;
  report.add("x.loss_periods", Absent{});
  const TableLine line = {
      .label = "Longest", .metric = "loss_periods.longest", .absent = "guaranteed"};
  CHECK(cell(report, line) == "guaranteed");
  CHECK(cell(report, line, false) == "–");
}

TEST_CASE("a row that the report does not have claims nothing", "[table]") {
  CHECK(cell(Report(), {.label = "Lost", .metric = "lost", .absent = "guaranteed"}) == "–");
}

TEST_CASE("a line may set the unit", "[table]") {
  Report report;
  report.add("x.share", 0.25);
  CHECK(cell(report, {.label = "Share", .metric = "share", .unit = "ratio"}) == "25 %");
}

TEST_CASE("bounds are one figure when equal and a range when not", "[table]") {
  CHECK(bounds(count(12), count(12)) == "12");
  CHECK(bounds(count(10), count(14)) == "10..14");
  CHECK(bounds(count(1000), count(2000)) == "1 000..2 000");
}

TEST_CASE("a range names its unit once where both bounds share it", "[table]") {
  CHECK(bounds(0.01, 0.02, "s") == "10..20 ms");
  CHECK(bounds(0.01, 2.0, "s") == "10 ms..2 s");
  CHECK(bounds(count(100), count(200), "octets") == "100..200 octets");
}

TEST_CASE("a bound that is absent leaves the other", "[table]") {
  CHECK(bounds(count(10), Absent{}) == "at least 10");
  CHECK(bounds(Absent{}, count(14)) == "at most 14");
  CHECK(bounds(Absent{}, Absent{}) == "–");
}

TEST_CASE("a row of its own goes before bounds", "[table]") {
  Report report;
  report.add("x.drops", count(3));
  report.add("x.drops.low", count(1));
  report.add("x.drops.high", count(5));
  CHECK(cell(report, {.label = "Drops", .metric = "drops"}) == "3");
}

TEST_CASE("a figure is written by its unit", "[table]") {
  CHECK(format_value(9.57e9, "bit/s") == "9.57 Gbit/s");
  CHECK(format_value(0.02, "s") == "20 ms");
  CHECK(format_value(0.02, "ratio") == "2 %");
  CHECK(format_value(count(65536), "octets") == "64 KiB");
  CHECK(format_value(28.44, "octets") == "28.4 octets");
  CHECK(format_value(1.2345, "s/GB") == "1.23 s/GB");
  CHECK(format_value(count(1234567), "") == "1 234 567");
  CHECK(format_value(count(1500000), "bit/s") == "1.50 Mbit/s");
  CHECK(format_value(count(12), "messages") == "12 messages");
  CHECK(format_value(1.0178, "") == "1.02");
}

TEST_CASE("answers and texts are written as words", "[table]") {
  CHECK(format_value(true, "") == "yes");
  CHECK(format_value(false, "") == "no");
  CHECK(format_value(std::string("cubic"), "") == "cubic");
  CHECK(format_value(EmptyList{}, "") == "none");
}

TEST_CASE("control characters in a text reach no terminal", "[table]") {
  CHECK(format_value(std::string("a\x1b[31m\nb\x7f–"), "") == "a?[31m?b?–");
}

TEST_CASE("an interval names its unit once", "[table]") {
  CHECK(format_value(interval(9.57e9, 9.4e9, 9.61e9), "bit/s") == "9.57 Gbit/s [9.40, 9.61]");
  CHECK(format_value(interval(1.0212, 1.0108, 1.025), "") == "1.02 [1.01, 1.02]");
  CHECK(format_value(interval(0.02, 0.01, 0.03), "ratio") == "2 % [1, 3]");
}

TEST_CASE("a bound in another unit names its own", "[table]") {
  CHECK(format_value(interval(1.01e9, 998e6, 1.05e9), "bit/s") == "1.01 Gbit/s [998 Mbit/s, 1.05]");
}

TEST_CASE("an interval shows what is known of it", "[table]") {
  Interval known = interval(9.57e9, 9.4e9, 9.61e9);
  known.low = std::nullopt;
  CHECK(format_value(known, "bit/s") == "9.57 Gbit/s");
  known.median = std::nullopt;
  CHECK(format_value(known, "bit/s") == "–");
}

TEST_CASE("what is no finite number is absent", "[table]") {
  CHECK(format_value(std::numeric_limits<double>::quiet_NaN(), "s") == "–");
  CHECK(format_value(std::numeric_limits<double>::infinity(), "bit/s", "none") == "none");
}
