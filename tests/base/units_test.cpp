#include "netduel/base/units.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using netduel::format_bit_rate;
using netduel::format_count;
using netduel::format_duration;
using netduel::format_number;
using netduel::format_octets;
using netduel::format_ratio;
using netduel::parse_bit_rate;
using netduel::parse_dscp;
using netduel::parse_duration;
using netduel::parse_octets;
using netduel::parse_ratio;

TEST_CASE("no reader takes what is not one plain number", "[units]") {
  const auto text =
      GENERATE("", " ", "x", "M", "K", "%", "s", ".", ".s", "5.", "1..5", "..5", "1.5.5", "-", "+1",
               "--1", "1 ", " 1", "1 M", "1\n", "1,5", "1e3", "1e", "0x10", "nan", "inf",
               "infinity", "NaN", "1MM", "1 %", "1_000", "1'000", "\xd9\xa1");
  CAPTURE(text);
  CHECK_FALSE(parse_bit_rate(text));
  CHECK_FALSE(parse_octets(text));
  CHECK_FALSE(parse_duration(text));
  CHECK_FALSE(parse_ratio(text));
}

TEST_CASE("a number may begin with its point", "[units]") {
  CHECK(parse_duration(".2") == 200ms);
  CHECK(parse_duration("-.5ms") == -500us);
  CHECK(parse_bit_rate(".5M") == 5e5);
  CHECK(parse_octets(".5K") == 512U);
  CHECK(parse_ratio(".5%") == 0.005);
}

TEST_CASE("a negative rate, size or ratio is refused", "[units]") {
  CHECK_FALSE(parse_bit_rate("-1M"));
  CHECK_FALSE(parse_octets("-1"));
  CHECK_FALSE(parse_ratio("-1%"));
}

TEST_CASE("a bit rate counts in thousands", "[units]") {
  CHECK(parse_bit_rate("0") == 0.0);
  CHECK(parse_bit_rate("64000") == 64e3);
  CHECK(parse_bit_rate("10k") == 10e3);
  CHECK(parse_bit_rate("10K") == 10e3);
  CHECK(parse_bit_rate("10m") == 10e6);
  CHECK(parse_bit_rate("10M") == 10e6);
  CHECK(parse_bit_rate("1.5g") == 1.5e9);
  CHECK(parse_bit_rate("1.5G") == 1.5e9);
  CHECK(parse_bit_rate("2t") == 2e12);
  CHECK(parse_bit_rate("2T") == 2e12);
}

TEST_CASE("a bit rate may name its unit", "[units]") {
  const auto text = GENERATE("800k", "800kbit", "800kbit/s", "800kbps", "800Kb", "800000bit/s",
                             "0.8Mbit/s", "800000b");
  CAPTURE(text);
  REQUIRE(parse_bit_rate(text));
  CHECK(*parse_bit_rate(text) == Approx(800e3));
}

TEST_CASE("a bit rate in another unit is refused", "[units]") {
  const auto text = GENERATE("1MB", "1B", "1Mbit/", "1Mbits", "1MBit", "1MBps", "1Mi", "1P", "1s");
  CAPTURE(text);
  CHECK_FALSE(parse_bit_rate(text));
}

TEST_CASE("a bit rate beyond what a double holds is refused", "[units]") {
  const std::string digits(309, '9');
  CHECK_FALSE(parse_bit_rate(digits));
  CHECK_FALSE(parse_bit_rate("1" + std::string(300, '0') + "T"));
  CHECK(parse_bit_rate("1" + std::string(300, '0')));
}

TEST_CASE("octets count in 1024 by a bare letter, as in iperf3", "[units]") {
  CHECK(parse_octets("0") == 0U);
  CHECK(parse_octets("1460") == 1460U);
  CHECK(parse_octets("1460B") == 1460U);
  CHECK(parse_octets("64K") == 65536U);
  CHECK(parse_octets("64k") == 65536U);
  CHECK(parse_octets("2M") == 2097152U);
  CHECK(parse_octets("2m") == 2097152U);
  CHECK(parse_octets("3G") == 3221225472U);
  CHECK(parse_octets("3g") == 3221225472U);
  CHECK(parse_octets("1T") == 1099511627776U);
  CHECK(parse_octets("1.5K") == 1536U);
}

TEST_CASE("octets count in 1024 by IEC's prefixes and in 1000 by SI's", "[units]") {
  CHECK(parse_octets("64KiB") == 65536U);
  CHECK(parse_octets("64Ki") == 65536U);
  CHECK(parse_octets("2MiB") == 2097152U);
  CHECK(parse_octets("1GiB") == 1073741824U);
  CHECK(parse_octets("1TiB") == 1099511627776U);
  CHECK(parse_octets("64kB") == 64000U);
  CHECK(parse_octets("2MB") == 2000000U);
  CHECK(parse_octets("1GB") == 1000000000U);
  CHECK(parse_octets("1TB") == 1000000000000U);
}

TEST_CASE("octets by an unclear or foreign suffix are refused", "[units]") {
  const auto text = GENERATE("1KB", "1kiB", "1mB", "1gB", "1Mbit", "1b", "1P", "1KBB", "1BK");
  CAPTURE(text);
  CHECK_FALSE(parse_octets(text));
}

TEST_CASE("a fraction of octets is exact, and cut to whole octets", "[units]") {
  CHECK(parse_octets("0.3kB") == 300U);
  CHECK(parse_octets("0.7MB") == 700000U);
  CHECK(parse_octets("1.1K") == 1126U);
  CHECK(parse_octets("1.000000000000000000000000001MB") == 1000000U);
  CHECK_FALSE(parse_octets("1.5"));
  CHECK_FALSE(parse_octets("1.5B"));
}

TEST_CASE("octets are exact up to 64 bits, and more is refused", "[units]") {
  CHECK(parse_octets("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(parse_octets("18446744073709551616"));
  CHECK(parse_octets("16777215T") == 18446742974197923840U);
  CHECK_FALSE(parse_octets("16777216T"));
  CHECK(parse_octets("18446744073709551.615kB") == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(parse_octets("18446744073709551.616kB"));
}

TEST_CASE("a duration without a suffix is in seconds", "[units]") {
  CHECK(parse_duration("10") == 10s);
  CHECK(parse_duration("0.5") == 500ms);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("20ms") == 20ms);
  CHECK(parse_duration("100us") == 100us);
  CHECK(parse_duration("7ns") == 7ns);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("0") == 0s);
}

TEST_CASE("a duration may be negative, for the caller to say what is wrong with that", "[units]") {
  CHECK(parse_duration("-1s") == -1s);
  CHECK(parse_duration("-0.5ms") == -500us);
}

TEST_CASE("a duration in an unknown unit or beyond 64 bits is refused", "[units]") {
  CHECK_FALSE(parse_duration("1d"));
  CHECK_FALSE(parse_duration("1S"));
  CHECK_FALSE(parse_duration("1msec"));
  CHECK_FALSE(parse_duration("0.5ns"));
  CHECK(parse_duration("9223372036s"));
  CHECK_FALSE(parse_duration("9223372037s"));
  CHECK_FALSE(parse_duration("-9223372037s"));
  CHECK_FALSE(parse_duration("99999999999999999999h"));
}

TEST_CASE("a ratio is a number up to 1 or a percentage up to 100", "[units]") {
  CHECK(parse_ratio("2%").value() == Approx(0.02));
  CHECK(parse_ratio("0.02") == 0.02);
  CHECK(parse_ratio("0.5%").value() == Approx(0.005));
  CHECK(parse_ratio("0") == 0.0);
  CHECK(parse_ratio("1") == 1.0);
  CHECK(parse_ratio("100%") == 1.0);
  CHECK_FALSE(parse_ratio("2"));
  CHECK_FALSE(parse_ratio("100.1%"));
  CHECK_FALSE(parse_ratio("2%%"));
  CHECK_FALSE(parse_ratio("2k"));
}

TEST_CASE("a bit rate is written with three digits and a decimal prefix", "[units]") {
  CHECK(format_bit_rate(0) == "0 bit/s");
  CHECK(format_bit_rate(999) == "999 bit/s");
  CHECK(format_bit_rate(9.5709e9) == "9.57 Gbit/s");
  CHECK(format_bit_rate(94.929e9) == "94.9 Gbit/s");
  CHECK(format_bit_rate(957.09e6) == "957 Mbit/s");
  CHECK(format_bit_rate(1.2345e6) == "1.23 Mbit/s");
  CHECK(format_bit_rate(1234e12) == "1234 Tbit/s");
  CHECK(format_bit_rate(-1.5e6) == "-1.50 Mbit/s");
}

TEST_CASE("a figure that rounds up to the next prefix takes it", "[units]") {
  CHECK(format_bit_rate(999.6e6) == "1.00 Gbit/s");
  CHECK(format_bit_rate(999.4e6) == "999 Mbit/s");
  CHECK(format_duration(0.0009996) == "1.00 ms");
}

TEST_CASE("a figure that rounds up to one more digit before the point keeps three", "[units]") {
  CHECK(format_bit_rate(9.996e6) == "10.0 Mbit/s");
  CHECK(format_bit_rate(99.96e6) == "100 Mbit/s");
}

TEST_CASE("a whole figure has no decimals, one that only rounds to it has", "[units]") {
  CHECK(format_bit_rate(10e6) == "10 Mbit/s");
  CHECK(format_bit_rate(1e9) == "1 Gbit/s");
  CHECK(format_bit_rate(9.0012e9) == "9.00 Gbit/s");
}

TEST_CASE("a duration is written in the unit that fits", "[units]") {
  CHECK(format_duration(0) == "0 s");
  CHECK(format_duration(0.02) == "20 ms");
  CHECK(format_duration(46.1e-6) == "46.1 us");
  CHECK(format_duration(1.5) == "1.50 s");
  CHECK(format_duration(250e-9) == "250 ns");
  CHECK(format_duration(3600) == "3600 s");
  CHECK(format_duration(-0.0015) == "-1.50 ms");
}

TEST_CASE("a ratio is written in percent without needless zeros", "[units]") {
  CHECK(format_ratio(0) == "0 %");
  CHECK(format_ratio(0.02) == "2 %");
  CHECK(format_ratio(0.00031) == "0.031 %");
  CHECK(format_ratio(0.957087) == "95.7 %");
  CHECK(format_ratio(1) == "100 %");
  CHECK(format_ratio(0.1) == "10 %");
}

TEST_CASE("octets are written with a binary prefix only where it is exact", "[units]") {
  CHECK(format_octets(0) == "0 octets");
  CHECK(format_octets(1) == "1 octet");
  CHECK(format_octets(1448) == "1448 octets");
  CHECK(format_octets(1024) == "1 KiB");
  CHECK(format_octets(65536) == "64 KiB");
  CHECK(format_octets(65507) == "65 507 octets");
  CHECK(format_octets(4 << 20) == "4 MiB");
  CHECK(format_octets(std::uint64_t{1} << 60) == "1 048 576 TiB");
}

TEST_CASE("a code point is read by number and by name", "[units]") {
  CHECK(parse_dscp("0") == 0);
  CHECK(parse_dscp("63") == 63);
  CHECK(parse_dscp("0x2E") == 46);
  CHECK(parse_dscp("0x0a") == 10);
  CHECK(parse_dscp("cs0") == 0);
  CHECK(parse_dscp("CS7") == 56);
  CHECK(parse_dscp("af11") == 10);
  CHECK(parse_dscp("AF23") == 22);
  CHECK(parse_dscp("af43") == 38);
  CHECK(parse_dscp("ef") == 46);
  CHECK(parse_dscp("voice-admit") == 44);
  CHECK(parse_dscp("LE") == 1);
}

TEST_CASE("what is no code point is not read as one", "[units]") {
  for (const auto* text : {"",     "64",   "0x40",  "0x",  "256", "-1",    "+1",   " 1", "1 ",
                           "1.5",  "010",  "00",    "cs",  "cs8", "cs-",   "cs10", "af", "af01",
                           "af14", "af51", "af111", "af1", "be",  "voice", "ef "}) {
    INFO(text);
    CHECK_FALSE(parse_dscp(text));
  }
}

TEST_CASE("a count is written in groups of three", "[units]") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1 000");
  CHECK(format_count(1234567) == "1 234 567");
  CHECK(format_count(std::numeric_limits<std::uint64_t>::max()) == "18 446 744 073 709 551 615");
}

TEST_CASE("a number is written with three digits, and all before the point", "[units]") {
  CHECK(format_number(0) == "0");
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(0.0123456) == "0.0123");
  CHECK(format_number(28.41) == "28.4");
  CHECK(format_number(1234.5) == "1234");
  CHECK(format_number(3) == "3");
}

TEST_CASE("the largest and smallest doubles are written without harm", "[units]") {
  CHECK(format_number(std::numeric_limits<double>::max()).size() == 309);
  CHECK_FALSE(format_bit_rate(std::numeric_limits<double>::max()).empty());
  CHECK_FALSE(format_duration(std::numeric_limits<double>::denorm_min()).empty());
  CHECK(format_number(std::numeric_limits<double>::infinity()) == "inf");
}
