#include "lab/queue_record.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

TEST_CASE("a queue's record holds the longest of each stretch", "[lab]") {
  QueueRecord record;
  record.observe(1ms, {3, 300});
  record.observe(2ms, {1, 900});
  record.observe(25ms, {7, 700});
  CHECK(record.figures().most_packets == std::vector<std::uint64_t>{3, 0, 7});
  CHECK(record.figures().most_octets == std::vector<std::uint64_t>{900, 0, 700});
}

TEST_CASE("a queue's record stays short and keeps its peaks over a long time", "[lab]") {
  QueueRecord record;
  record.observe(1s, {40, 60000});
  for (int second = 2; second < 4000; ++second) record.observe(second * 1s, {1, 1500});
  const auto& figures = record.figures();
  CHECK(figures.most_packets.size() <= 512);
  CHECK(figures.most_packets.size() == figures.most_octets.size());
  CHECK(*std::ranges::max_element(figures.most_packets) == 40);
  CHECK(*std::ranges::max_element(figures.most_octets) == 60000);
  CHECK(figures.stretch * 512 >= 3999s);
}
