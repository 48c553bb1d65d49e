#include "lab/impairment_text.hpp"

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

LabSpec read(const std::vector<ImpairmentText>& texts,
             const std::vector<std::string>& changes = {}) {
  return read_lab_spec(std::nullopt, texts, changes);
}

std::string refusal(const std::vector<ImpairmentText>& texts,
                    const std::vector<std::string>& changes = {}) {
  try {
    (void)read(texts, changes);
  } catch (const ImpairmentError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("impairments are read as typed, for both directions or one", "[lab]") {
  const LabSpec spec = read({{"loss", "1%"},
                             {"up-delay", "5ms"},
                             {"delay", "20ms"},
                             {"down-bottleneck", "10M"},
                             {"down-queue", "30p"}});
  CHECK(std::get<IndependentLoss>(spec.a_to_b.loss).ratio == Approx(0.01));
  CHECK(spec.a_to_b.delay == 5ms);
  CHECK(spec.b_to_a.delay == 20ms);
  CHECK_FALSE(spec.a_to_b.bottleneck_bits_per_second);
  CHECK(spec.b_to_a.bottleneck_bits_per_second == Approx(10e6));
  CHECK(spec.b_to_a.queue == QueueLength{QueueLength::Unit::packets, 30});
  CHECK(spec.round_trip() == 25ms);
}

TEST_CASE("bursts are read as mean loss and mean length", "[lab]") {
  const auto loss = std::get<GilbertElliottLoss>(read({{"loss", "burst:2%,5"}}).a_to_b.loss);
  CHECK(loss.bad_to_good == Approx(0.2));
  CHECK(loss.good_to_bad / (loss.good_to_bad + loss.bad_to_good) == Approx(0.02));
}

TEST_CASE("lists of packets are read with ranges", "[lab]") {
  const auto loss = std::get<ScriptedLoss>(read({{"loss", "packets:3,7,10-20"}}).a_to_b.loss);
  CHECK(loss.packets == ScriptedLoss{{{3, 3}, {7, 7}, {10, 20}}}.packets);
}

TEST_CASE("a script tells what the link is from each moment on", "[lab]") {
  const LabSpec spec = read({{"delay", "5ms"}}, {"5s=up", "2s=down", "7s=up-loss:3%"});
  REQUIRE(spec.changes.size() == 5);
  CHECK(spec.changes[0].at == 2s);
  CHECK(spec.changes[0].becomes.down);
  CHECK_FALSE(spec.changes[2].becomes.down);
  CHECK(spec.changes[4].direction == Direction::a_to_b);
  CHECK(spec.changes[4].becomes.delay == 5ms);
  CHECK(spec.needs_single_packets(Direction::a_to_b));
  CHECK_FALSE(spec.needs_single_packets(Direction::b_to_a));
}

TEST_CASE("what can't be is refused with what would work", "[lab]") {
  CHECK_THAT(refusal({{"loss", "120%"}}), containing("--loss 120%") && containing("1%"));
  CHECK_THAT(refusal({{"up-loss", "-1%"}}), containing("--up-loss"));
  CHECK_THAT(refusal({{"bottleneck", "0"}}), containing("--bottleneck 0"));
  CHECK_THAT(refusal({{"queue", "100p"}}), containing("--bottleneck"));
  CHECK_THAT(refusal({{"bottleneck", "1M"}, {"queue", "0p"}}), containing("--queue 0p"));
  CHECK_THAT(refusal({{"delay", "-5ms"}}), containing("--delay -5ms"));
  CHECK_THAT(refusal({{"jitter", "5ms"}}), containing("--delay"));
  CHECK_THAT(refusal({{"jitter-reorders", ""}}), containing("--jitter"));
  CHECK_THAT(refusal({{"loss", "packets:0"}}), containing("packets:"));
  CHECK_THAT(refusal({{"loss", "packets:7,3"}}), containing("packets:"));
  CHECK_THAT(refusal({{"loss", "ge:1%"}}), containing("ge:"));
  CHECK_THAT(refusal({{"loss", "ge:1%,0"}}), containing("never end"));
  CHECK_THAT(refusal({}, {"2s"}), containing("--at 2s"));
  CHECK_THAT(refusal({}, {"2s=sideways"}), containing("--at 2s=down"));
  CHECK_THAT(refusal({}, {"2s=loss:200%"}), containing("200%"));
  CHECK_THROWS_WITH(read_lab_spec("dsl", {}, {}), containing("bufferbloat"));
}

TEST_CASE("every preset can be read and does something", "[lab]") {
  for (const Preset& preset : presets()) {
    const LabSpec spec = read_lab_spec(std::string(preset.name), {}, {});
    INFO(preset.name);
    CHECK_FALSE(spec.a_to_b == Impairment{});
    CHECK_FALSE(preset.source.empty());
  }
  CHECK(read_lab_spec("lte", {{"delay", "1s"}, {"jitter", "0"}}, {}).a_to_b.delay == 1s);
}

TEST_CASE("a path says in words what it does", "[lab]") {
  CHECK(read({{"loss", "1%"}, {"delay", "20ms"}}).description == "loss 1 %, delay 20 ms each way");
  CHECK(read({{"up-loss", "1%"}}, {"2s=down"}).description ==
        "up: loss 1 %; down: no impairment; at 2s down");
}
