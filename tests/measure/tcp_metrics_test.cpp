#include "netduel/measure/tcp_metrics.hpp"

#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

TEST_CASE("2 000 octets of 102 000 sent again are an efficiency of 98.04 %", "[tcp_metrics]") {
  CHECK(*tcp_efficiency(102'000, 2'000) == Approx(0.9804).margin(5e-5));
  CHECK(tcp_efficiency(1000, 0) == 1.0);
  CHECK_FALSE(tcp_efficiency(0, 0));
}

TEST_CASE("32 ms under load against 25 ms idle are a buffer delay of 28 %", "[tcp_metrics]") {
  CHECK(*buffer_delay(32ms, 25ms) == Approx(0.28));
  CHECK(buffer_delay(25ms, 25ms) == 0.0);
  CHECK_FALSE(buffer_delay(1ms, 0ms));
}

TEST_CASE("100 MB in 1 s where 0.9 s are possible have a transfer time ratio of 1.11",
          "[tcp_metrics]") {
  CHECK(*tcp_transfer_time_ratio(1s, 100'000'000, 8e8 / 0.9) == Approx(1 / 0.9));
  CHECK_FALSE(tcp_transfer_time_ratio(1s, 1, 0));
  CHECK_FALSE(tcp_transfer_time_ratio(1s, 0, 1e9));
}

}  // namespace
}  // namespace netduel
