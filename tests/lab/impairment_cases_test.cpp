#include "lab/impairment_text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

using Settings = std::vector<ImpairmentText>;
using Changes = std::vector<std::string>;

LabSpec read(const Settings& settings, const Changes& changes = {}) {
  return read_lab_spec(std::nullopt, settings, changes);
}

Impairment up(const std::string& name, const std::string& value) {
  return read({{name, value}}).a_to_b;
}

/// What is complained of; empty when it is taken.
std::string error(const Settings& settings, const Changes& changes = {},
                  const std::optional<std::string>& preset = std::nullopt) {
  try {
    (void)read_lab_spec(preset, settings, changes);
  } catch (const ImpairmentError& failure) {
    return failure.what();
  }
  return {};
}

std::string error_at(const std::string& change) {
  return error({{"delay", "10ms"}}, {change});
}

const Impairment& last_of(const LabSpec& spec, Direction direction) {
  const auto found = std::find_if(spec.changes.rbegin(), spec.changes.rend(),
                                  [&](const Change& one) { return one.direction == direction; });
  REQUIRE(found != spec.changes.rend());
  return found->becomes;
}

}  // namespace

TEST_CASE("without settings a path has no impairment", "[lab]") {
  const LabSpec spec = read({});
  CHECK(spec.a_to_b == Impairment{});
  CHECK(spec.b_to_a == Impairment{});
  CHECK(spec.changes.empty());
  CHECK(spec.description == "no impairment");
}

TEST_CASE("each way of losing packets is read", "[lab]") {
  CHECK(up("loss", "1%").loss == LossModel(IndependentLoss{0.01}));
  CHECK(up("loss", "0.01").loss == LossModel(IndependentLoss{0.01}));
  CHECK(up("loss", "ge:1%,25%").loss ==
        LossModel(GilbertElliottLoss{.good_to_bad = 0.01, .bad_to_good = 0.25}));
  CHECK(
      up("loss", "ge:0.01,0.25,0.9").loss ==
      LossModel(GilbertElliottLoss{.good_to_bad = 0.01, .bad_to_good = 0.25, .loss_in_bad = 0.9}));
  CHECK(up("loss", "ge:0.01,0.25,0.9,0.001").loss ==
        LossModel(GilbertElliottLoss{
            .good_to_bad = 0.01, .bad_to_good = 0.25, .loss_in_bad = 0.9, .loss_in_good = 0.001}));
  CHECK(up("loss", "packets:3,7,10-20").loss ==
        LossModel(ScriptedLoss{{{3, 3}, {7, 7}, {10, 20}}}));
}

TEST_CASE("a burst's ratio and length become a channel with both", "[lab]") {
  const auto loss = std::get<GilbertElliottLoss>(up("loss", "burst:2%,5").loss);
  CHECK(loss.bad_to_good == Approx(0.2));
  CHECK(loss.good_to_bad == Approx(0.2 * 0.02 / 0.98));
  CHECK(loss.loss_in_bad == 1);
  CHECK(loss.loss_in_good == 0);
}

TEST_CASE("none and 0 switch off what a preset or both directions have", "[lab]") {
  for (const std::string off : {"0", "0%", "none"}) {
    const LabSpec spec = read({{"up-loss", off}, {"loss", "3%"}});
    CHECK(spec.a_to_b.loss == LossModel{});
    CHECK(spec.b_to_a.loss == LossModel(IndependentLoss{0.03}));
  }
  CHECK_FALSE(read({{"bottleneck", "5M"}, {"up-bottleneck", "none"}})
                  .a_to_b.bottleneck_bits_per_second.has_value());
}

TEST_CASE("each other setting is read", "[lab]") {
  CHECK(up("duplicate", "2%").duplicate == 0.02);
  const Impairment reordered = read({{"reorder-by", "7"}, {"reorder", "0.5"}}).a_to_b;
  CHECK(reordered.reorder == 0.5);
  CHECK(reordered.reorder_by == 7);
  CHECK(up("corrupt", "1%").corrupt == 0.01);
  CHECK(up("corrupt-swap", "1%").corrupt_swap == 0.01);
  CHECK(up("delay", "1.5s").delay == 1500ms);
  CHECK(up("delay", "2").delay == 2s);
  CHECK(up("bottleneck", "1.5M").bottleneck_bits_per_second == 1.5e6);
  CHECK(up("impair-arp", "").includes_neighbour_discovery);
  for (const auto& [text, shape] :
       {std::pair("uniform", JitterShape::uniform), std::pair("normal", JitterShape::normal),
        std::pair("pareto", JitterShape::pareto)}) {
    const Impairment one =
        read(
            {{"jitter-shape", text}, {"jitter-reorders", ""}, {"jitter", "5ms"}, {"delay", "20ms"}})
            .a_to_b;
    CHECK(one.jitter_shape == shape);
    CHECK(one.jitter == 5ms);
    CHECK(one.jitter_reorders);
  }
}

TEST_CASE("a queue is as long as packets, octets or time say", "[lab]") {
  const auto queue = [](const std::string& text) {
    const Impairment one = read({{"queue", text}, {"mark", text}, {"bottleneck", "10M"}}).a_to_b;
    CHECK(one.queue == one.mark);
    return one.queue;
  };
  CHECK(queue("100p") == QueueLength{QueueLength::Unit::packets, 100});
  CHECK(queue("64K") == QueueLength{QueueLength::Unit::octets, 65536});
  CHECK(queue("64kB") == QueueLength{QueueLength::Unit::octets, 64000});
  CHECK(queue("9000") == QueueLength{QueueLength::Unit::octets, 9000});
  CHECK(queue("50ms") == QueueLength{QueueLength::Unit::time, 50'000'000});
  CHECK(queue("2s") == QueueLength{QueueLength::Unit::time, 2'000'000'000});
}

TEST_CASE("up is from a to b, down from b to a, and has the last word", "[lab]") {
  const LabSpec spec = read({{"up-delay", "5ms"}, {"down-delay", "50ms"}, {"delay", "9ms"}});
  CHECK(spec.a_to_b.delay == 5ms);
  CHECK(spec.b_to_a.delay == 50ms);
}

TEST_CASE("settings overrule a preset, also what it has for one direction", "[lab]") {
  const LabSpec spec =
      read_lab_spec("satellite-geo", {{"bottleneck", "3M"}, {"down-delay", "1ms"}}, {});
  CHECK(spec.a_to_b.bottleneck_bits_per_second == 3e6);
  CHECK(spec.b_to_a.bottleneck_bits_per_second == 3e6);
  CHECK(spec.a_to_b.delay == 250ms);
  CHECK(spec.b_to_a.delay == 1ms);
}

TEST_CASE("every preset reads, has a source, and says what it is", "[lab]") {
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) {
    INFO(preset.name);
    names.push_back(preset.name);
    CHECK_FALSE(preset.summary.empty());
    CHECK_FALSE(preset.source.empty());
    LabSpec spec;
    REQUIRE_NOTHROW(spec = read_lab_spec(std::string(preset.name), {}, {}));
    CHECK(spec.round_trip() > 0ms);
    CHECK(spec.bottleneck_bits_per_second(Direction::a_to_b).has_value());
    CHECK(spec.bottleneck_bits_per_second(Direction::b_to_a).has_value());
    CHECK(spec.description != "no impairment");
  }
  CHECK(names == std::vector<std::string_view>{"wifi-poor", "lte", "satellite-geo", "transatlantic",
                                               "bufferbloat"});
}

TEST_CASE("every option that is offered is read, in both directions", "[lab]") {
  for (const ImpairmentOption& option : impairment_options()) {
    for (const std::string prefix : {"", "up-", "down-"}) {
      const std::string name = prefix + std::string(option.name);
      INFO(name);
      CHECK_FALSE(option.help.empty());
      CHECK(error({{name, option.value.empty() ? "" : "nonsense"}}).find("no such impairment") ==
            std::string::npos);
    }
  }
}

TEST_CASE("changes come in order of time, and each holds all that was before it", "[lab]") {
  const LabSpec spec = read({{"delay", "10ms"}}, {"5s=up", "2s=down", "7s=down-loss:3%"});
  REQUIRE(spec.changes.size() == 5);
  CHECK(spec.changes[0].at == 2s);
  CHECK(spec.changes[0].becomes.down);
  CHECK(spec.changes[1].at == 2s);
  CHECK(spec.changes[1].becomes.down);
  CHECK(spec.changes[0].direction != spec.changes[1].direction);
  CHECK(spec.changes[2].at == 5s);
  CHECK_FALSE(spec.changes[2].becomes.down);
  CHECK(spec.changes[4].at == 7s);
  CHECK(spec.changes[4].direction == Direction::b_to_a);
  CHECK(spec.changes[4].becomes.loss == LossModel(IndependentLoss{0.03}));
  CHECK(spec.changes[4].becomes.delay == 10ms);
}

TEST_CASE("a change has nothing of those that come after it, whatever was typed first", "[lab]") {
  const LabSpec spec = read({}, {"5s=up-loss:3%", "2s=up-delay:20ms"});
  REQUIRE(spec.changes.size() == 2);
  CHECK(spec.changes[0].becomes.delay == 20ms);
  CHECK(spec.changes[0].becomes.loss == LossModel{});
  CHECK(spec.changes[1].becomes.delay == 20ms);
  CHECK(spec.changes[1].becomes.loss == LossModel(IndependentLoss{0.03}));
}

TEST_CASE("a link goes down in both directions or in one", "[lab]") {
  CHECK(read({}, {"2s=down"}).changes.size() == 2);
  const LabSpec one = read({}, {"2s=up-down"});
  REQUIRE(one.changes.size() == 1);
  CHECK(one.changes[0].direction == Direction::a_to_b);
  CHECK(one.changes[0].becomes.down);
  const LabSpec again = read({}, {"1s=down", "2s=down-up"});
  REQUIRE(again.changes.size() == 3);
  CHECK(again.changes[2].direction == Direction::b_to_a);
  CHECK_FALSE(again.changes[2].becomes.down);
}

TEST_CASE("changes at one moment are one change of each direction", "[lab]") {
  const LabSpec spec = read({}, {"2s=jitter:5ms", "2s=delay:20ms"});
  REQUIRE(spec.changes.size() == 2);
  CHECK(spec.changes[0].becomes.delay == 20ms);
  CHECK(spec.changes[0].becomes.jitter == 5ms);
}

TEST_CASE("a queue may wait for a bottleneck that comes or outlast one that goes", "[lab]") {
  const LabSpec comes = read({{"queue", "10p"}}, {"5s=bottleneck:1M"});
  CHECK(last_of(comes, Direction::a_to_b).queue == QueueLength{QueueLength::Unit::packets, 10});
  const LabSpec goes = read({{"queue", "10p"}, {"bottleneck", "1M"}}, {"5s=bottleneck:none"});
  CHECK_FALSE(last_of(goes, Direction::a_to_b).bottleneck_bits_per_second);
}

TEST_CASE("a queue or a mark where there is never a bottleneck is refused", "[lab]") {
  for (const std::string name : {"queue", "mark"}) {
    const std::string both = error({{name, "10p"}});
    CHECK_THAT(both, containing("--" + name));
    CHECK_THAT(both, containing("--bottleneck 50M"));
    CHECK_THAT(error({{"up-" + name, "10p"}, {"down-bottleneck", "5M"}}),
               containing("--up-" + name));
    CHECK_THAT(error({}, {"5s=" + name + ":10p"}), containing("without a bottleneck"));
    CHECK_THAT(error({}, {"5s=up-" + name + ":10p", "6s=down-bottleneck:5M"}),
               containing("without a bottleneck"));
  }
}

TEST_CASE("who takes a preset's bottleneck away takes its queue with it", "[lab]") {
  const LabSpec spec = read_lab_spec("bufferbloat", {{"up-bottleneck", "none"}}, {});
  CHECK_FALSE(spec.a_to_b.bottleneck_bits_per_second);
  CHECK_FALSE(spec.a_to_b.queue);
  CHECK(spec.b_to_a.queue.has_value());
  CHECK_THAT(error({{"bottleneck", "none"}, {"queue", "10p"}}, {}, "bufferbloat"),
             containing("without a bottleneck"));
}

TEST_CASE("what can't be is refused with what can", "[lab]") {
  struct Case {
    std::string name;
    std::string value;
    std::string part;
  };
  const std::string share = "a share of packets is 0% to 100%, for example 1% or 0.01";
  const std::vector<Case> cases = {
      {"loss", "120%", "--loss 120%: " + share},
      {"loss", "1.5", "--loss 1.5: " + share},
      {"loss", "-1%", "--loss -1%: " + share},
      {"loss", "", "--loss ''"},
      {"loss", "often", share},
      {"loss", "ge:1%", "ge:1%,25%"},
      {"loss", "ge:1%,2%,3%,4%,5%", "ge:1%,25%"},
      {"loss", "ge:1%,0", "R = 0"},
      {"loss", "ge:1%,150%", share},
      {"loss", "ge:1%,,1%", share},
      {"loss", "burst:2%", "burst:2%,5"},
      {"loss", "burst:2%,0.5", "burst:2%,5"},
      {"loss", "burst:100%,5", "burst:2%,5"},
      {"loss", "burst:2%,nan", "burst:2%,5"},
      {"loss", "burst:2%,-3", "burst:2%,5"},
      {"loss", "burst:90%,1", "longer bursts"},
      {"loss", "packets:", "packets:3,7,10-20"},
      {"loss", "packets:0", "packets:3,7,10-20"},
      {"loss", "packets:5,3", "packets:3,7,10-20"},
      {"loss", "packets:3,3", "packets:3,7,10-20"},
      {"loss", "packets:9-4", "packets:3,7,10-20"},
      {"loss", "packets:1,,2", "packets:3,7,10-20"},
      {"loss", "packets:1-", "packets:3,7,10-20"},
      {"loss", "packets:99999999999999999999", "packets:3,7,10-20"},
      {"duplicate", "101%", share},
      {"reorder", "2", share},
      {"corrupt", "x", share},
      {"corrupt-swap", "1 %", share},
      {"reorder-by", "0", "1 to 1000"},
      {"reorder-by", "1001", "1 to 1000"},
      {"reorder-by", "3.5", "1 to 1000"},
      {"reorder-by", "7", "--reorder 1%"},
      {"delay", "-1ms", "0 to 60s"},
      {"delay", "61s", "0 to 60s"},
      {"delay", "20 ms", "20ms"},
      {"jitter", "61s", "0 to 60s"},
      {"jitter", "5ms", "--delay"},
      {"jitter-shape", "square", "uniform, normal or pareto"},
      {"jitter-shape", "normal", "--jitter 5ms"},
      {"jitter-reorders", "", "--jitter 5ms"},
      {"bottleneck", "0", "100G"},
      {"bottleneck", "101G", "100G"},
      {"bottleneck", "fast", "50M"},
      {"queue", "0", "100p, 64K or 50ms"},
      {"queue", "0p", "100p, 64K or 50ms"},
      {"queue", "0ms", "100p, 64K or 50ms"},
      {"queue", "-5ms", "100p, 64K or 50ms"},
      {"queue", "p", "100p, 64K or 50ms"},
      {"mark", "1h", "100p, 64K or 50ms"},
      {"delays", "5ms", "no such impairment"},
      {"up-", "5ms", "no such impairment"},
      {"up-up-delay", "5ms", "no such impairment"},
  };
  for (const Case& one : cases) {
    for (const std::string prefix : {"", "up-", "down-"}) {
      const std::string name = prefix + one.name;
      const std::string message = error({{name, one.value}});
      INFO("--" << name << " " << one.value << " got: " << message);
      if (prefix.empty()) CHECK_THAT(message, containing(one.part));
      CHECK(message.starts_with("--" + name));
      CHECK(message.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE(
    "normal jitter may be longer than the delay, as what would be early "
    "is on time",
    "[lab]") {
  const Settings settings = {{"delay", "5ms"}, {"jitter", "10ms"}, {"jitter-shape", "normal"}};
  CHECK(error(settings).empty());
}

TEST_CASE("an unknown preset gets the names of all", "[lab]") {
  const std::string message = error({}, {}, "moon");
  CHECK_THAT(message, containing("moon"));
  for (const Preset& preset : presets()) {
    CHECK_THAT(message, containing(std::string(preset.name)));
  }
}

TEST_CASE("a malformed change gets a right one", "[lab]") {
  for (const std::string text : {"", "down", "=down", "2s", "2s=", "2s:down", "x=down", "-1s=down",
                                 "2s=sideways", "2s=down:3%", "2s=up:", "2s=up-", "2s=up-up-down",
                                 "2s=delays:5ms", "2s=jitter-reorders:no"}) {
    const std::string message = error_at(text);
    INFO("got: " << message);
    CHECK(message.starts_with("--at " + text));
    CHECK_THAT(message, containing("--at 7s=loss:3%"));
    CHECK(message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a change of a wrong value or far away says so", "[lab]") {
  CHECK_THAT(error_at("2s=loss:120%"), containing("0% to 100%"));
  CHECK_THAT(error_at("2s=loss"), containing("0% to 100%"));
  CHECK_THAT(error_at("2s=jitter:30ms"), containing("jitter"));
  CHECK_THAT(error_at("25h=down"), containing("24h"));
  CHECK(error_at("24h=down").empty());
}

TEST_CASE("a path is described for people", "[lab]") {
  CHECK_THAT(read({{"loss", "1%"}, {"delay", "20ms"}}).description,
             containing("loss 1 %, delay 20 ms each way"));
  CHECK_THAT(read({{"bottleneck", "50M"}}).description, containing("bottleneck 50 Mbit/s"));
  const std::string unequal = read({{"up-delay", "5ms"}, {"down-delay", "50ms"}}).description;
  CHECK(unequal == "up: delay 5 ms; down: delay 50 ms");
  const std::string changing = read({{"delay", "5ms"}}, {"2s=down"}).description;
  CHECK_THAT(changing, containing("; at 2"));
  CHECK_THAT(changing, containing("down"));
}
