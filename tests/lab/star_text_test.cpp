#include "lab/star_text.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lab/star_truth.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

StarSpec star(const std::vector<ImpairmentText>& settings, const std::vector<std::string>& ports,
              const std::vector<std::string>& changes = {}) {
  return read_star_spec(5, {}, settings, changes, ports);
}

LossModel loss(double ratio) {
  return IndependentLoss{ratio};
}

}  // namespace

TEST_CASE("what is said of all links is not said of a's", "[lab]") {
  const StarSpec spec = star({{"loss", "1%"}, {"down-delay", "20ms"}}, {}, {"2s=down"});
  REQUIRE(spec.ports.size() == 6);
  CHECK(spec.ports[0].up == Impairment{});
  CHECK(spec.ports[0].down == Impairment{});
  CHECK(spec.ports[0].changes.empty());
  for (std::size_t port = 1; port <= 5; ++port) {
    CHECK(spec.ports[port].up.loss == loss(0.01));
    CHECK(spec.ports[port].up.delay == 0ns);
    CHECK(spec.ports[port].down.delay == 20ms);
    CHECK(spec.ports[port].changes.size() == 2);
  }
  CHECK(spec.round_trip() == 20ms);
}

TEST_CASE("a port's own settings have the last word, in a script too", "[lab]") {
  const StarSpec spec = star({{"up-loss", "1%"}, {"delay", "5ms"}},
                             {"2-3:loss=burst:2%,5,up-delay=7ms", "h3:down-delay=9ms,impair-arp",
                              "a:up-loss=packets:3,7,10-20"},
                             {"1s=duplicate:10%"});
  CHECK(spec.ports[1].up.loss == loss(0.01));
  CHECK(spec.ports[1].down.loss == LossModel{});
  CHECK(std::holds_alternative<GilbertElliottLoss>(spec.ports[2].up.loss));
  CHECK(std::holds_alternative<GilbertElliottLoss>(spec.ports[3].down.loss));
  CHECK(spec.ports[2].up.delay == 7ms);
  CHECK(spec.ports[2].down.delay == 5ms);
  CHECK(spec.ports[3].down.delay == 9ms);
  CHECK(spec.ports[3].up.includes_neighbour_discovery);
  CHECK_FALSE(spec.ports[2].up.includes_neighbour_discovery);
  CHECK(spec.ports[0].up.loss == LossModel{ScriptedLoss{{{3, 3}, {7, 7}, {10, 20}}}});
  CHECK(spec.ports[0].down.loss == LossModel{});
  REQUIRE(spec.ports[3].changes.size() == 2);
  CHECK(spec.ports[3].changes[0].becomes.duplicate == 0.1);
  CHECK(spec.ports[3].changes[0].becomes.delay == 7ms);
}

TEST_CASE("each port has a seed of its own, which no other port moves", "[lab]") {
  StarSpec spec = star({}, {});
  spec.seed = 9;
  CHECK(spec.link_of(1).seed != spec.link_of(2).seed);
  CHECK(spec.link_of(0).seed != spec.seed);
  StarSpec larger = read_star_spec(9, {}, {}, {}, {"5:loss=3%"});
  larger.seed = 9;
  CHECK(larger.link_of(2).seed == spec.link_of(2).seed);
}

TEST_CASE("a star's document has the ports in the place of directions", "[lab]") {
  StarTruth truth;
  truth.spec = star({}, {"1:down-loss=5%"});
  truth.ports.resize(truth.spec.ports.size());
  truth.ports[1].down.udp.dropped_loss = 7;
  truth.ports[1].up.all.packets_in = 3;
  const auto json = nlohmann::json::parse(to_json(describe(truth)));
  CHECK(json["schema"] == "netduel/truth/1");
  CHECK_FALSE(json.contains("directions"));
  REQUIRE(json["ports"].size() == 6);
  const auto& port = json["ports"][1];
  CHECK(port["port"] == 1);
  CHECK(port["host"] == "h1");
  CHECK(port["address"] == "10.77.0.2");
  CHECK(port["path"]["down"]["loss"]["ratio"] == 0.05);
  CHECK(port["down"]["udp"]["dropped"]["loss"] == 7);
  CHECK(port["up"]["all"]["packets_in"] == 3);
  CHECK(json["ports"][0]["host"] == "a");
}
