#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

#include "lab/truth.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

LinkCounts some_counts() {
  LinkCounts counts;
  counts.packets_in = 1000;
  counts.octets_in = 1'500'000;
  counts.forwarded = 960;
  counts.dropped_loss = 11;
  counts.dropped_queue = 12;
  counts.dropped_down = 13;
  counts.duplicated = 14;
  counts.reordered = 15;
  counts.corrupted = 16;
  counts.marked = 17;
  counts.arrived_out_of_order = 19;
  counts.held_at_the_end = 18;
  return counts;
}

Truth some_truth() {
  Truth truth;
  truth.spec.seed = 42;
  truth.spec.mtu_octets = 9000;
  truth.spec.description = "loss 1 %";
  truth.spec.a_to_b.loss = IndependentLoss{0.01};
  truth.duration = 2500ms;
  truth.a_to_b.all = truth.a_to_b.tcp = some_counts();
  truth.a_to_b.flows.push_back({"tcp", 3, *Endpoint::parse("10.77.0.1:40000"),
                                *Endpoint::parse("10.77.0.2:5201"), some_counts()});
  truth.a_to_b.queue = {.stretch = 10ms, .most_packets = {3, 250}, .most_octets = {4500, 375'000}};
  truth.a_to_b.missed_by_the_lab = 5;
  truth.a_to_b.left_late = 6;
  truth.a_to_b.left_very_late = 4;
  truth.a_to_b.latest = 7ms;
  return truth;
}

nlohmann::json document(const Truth& truth) {
  return nlohmann::json::parse(to_json(describe(truth)));
}

nlohmann::json plan(const Impairment& impairment) {
  Report report;
  describe(impairment, report);
  return nlohmann::json::parse(to_json(report));
}

}  // namespace

TEST_CASE("counts of flows add up", "[lab]") {
  LinkCounts sum;
  CHECK_FALSE(sum.arrived_out_of_order);
  sum += some_counts();
  LinkCounts udp = some_counts();
  udp.arrived_out_of_order = std::nullopt;
  sum += udp;
  CHECK(sum.packets_in == 2000);
  CHECK(sum.octets_in == 3'000'000);
  CHECK(sum.forwarded == 1920);
  CHECK(sum.dropped_loss == 22);
  CHECK(sum.dropped_queue == 24);
  CHECK(sum.dropped_down == 26);
  CHECK(sum.duplicated == 28);
  CHECK(sum.reordered == 30);
  CHECK(sum.corrupted == 32);
  CHECK(sum.marked == 34);
  CHECK(sum.held_at_the_end == 36);
  // Absent is not zero, and takes nothing away from what is known.
  CHECK(sum.arrived_out_of_order == std::uint64_t{19});
  LinkCounts unknown;
  unknown += udp;
  CHECK_FALSE(unknown.arrived_out_of_order);
}

TEST_CASE("the document says what it is and what the path was to do", "[lab]") {
  const auto json = document(some_truth());
  CHECK(json["schema"] == "netduel/truth/1");
  CHECK(json["seed"] == 42);
  CHECK(json["duration_seconds"] == 2.5);
  CHECK(json["path"]["description"] == "loss 1 %");
  CHECK(json["path"]["mtu_octets"] == 9000);
  CHECK(json["path"]["a_to_b"]["loss"]["model"] == "independent");
  CHECK(json["path"]["a_to_b"]["loss"]["ratio"] == 0.01);
  CHECK(json["path"]["b_to_a"]["loss"].is_null());
}

TEST_CASE("the document has each count of a direction, a protocol and a flow", "[lab]") {
  const auto json = document(some_truth());
  const auto& way = json["directions"]["a_to_b"];
  for (const auto& counts : {way["all"], way["tcp"], way["flows"][0]}) {
    CHECK(counts["packets_in"] == 1000);
    CHECK(counts["octets_in"] == 1'500'000);
    CHECK(counts["forwarded"] == 960);
    CHECK(counts["dropped"]["loss"] == 11);
    CHECK(counts["dropped"]["queue"] == 12);
    CHECK(counts["dropped"]["down"] == 13);
    CHECK(counts["duplicated"] == 14);
    CHECK(counts["reordered"] == 15);
    CHECK(counts["corrupted"] == 16);
    CHECK(counts["marked"] == 17);
    CHECK(counts["arrived_out_of_order"] == 19);
    CHECK(counts["held_at_the_end"] == 18);
  }
  CHECK(way["udp"]["packets_in"] == 0);
  CHECK(way["udp"]["arrived_out_of_order"].is_null());
  REQUIRE(way["flows"].size() == 1);
  CHECK(way["flows"][0]["protocol"] == "tcp");
  CHECK(way["flows"][0]["ordinal"] == 3);
  CHECK(way["flows"][0]["source"] == "10.77.0.1:40000");
  CHECK(way["flows"][0]["destination"] == "10.77.0.2:5201");
}

TEST_CASE("the document has the queue over time and what the lab itself did", "[lab]") {
  const auto json = document(some_truth());
  const auto& way = json["directions"]["a_to_b"];
  CHECK(way["queue"]["stretch_seconds"] == 0.01);
  CHECK(way["queue"]["most_packets"] == nlohmann::json({3, 250}));
  CHECK(way["queue"]["most_octets"] == nlohmann::json({4500, 375'000}));
  CHECK(way["missed_by_the_lab"] == 5);
  CHECK(way["left_late"] == 6);
  CHECK(way["left_very_late"] == 4);
  CHECK(way["latest_seconds"] == 0.007);
}

TEST_CASE("lists without entries are there and empty", "[lab]") {
  const auto json = document(Truth{});
  for (const char* const name : {"a_to_b", "b_to_a"}) {
    const auto& way = json["directions"][name];
    for (const auto& list :
         {way["flows"], way["queue"]["most_packets"], way["queue"]["most_octets"]}) {
      CHECK(list == nlohmann::json::array());
    }
  }
  CHECK(json["trustworthy"] == true);
  CHECK(json["why"] == nlohmann::json::array());
}

TEST_CASE("the document says why it is not to be trusted", "[lab]") {
  Truth truth = some_truth();
  truth.trustworthy = false;
  truth.why = {{"lab_dropped_frames", "a to b: too busy"}, {"lab_was_late", "b to a: late"}};
  const auto json = document(truth);
  CHECK(json["trustworthy"] == false);
  CHECK(json["why"] == nlohmann::json({"a to b: too busy", "b to a: late"}));
}

TEST_CASE("an impairment is described in full", "[lab]") {
  Impairment all;
  all.down = true;
  all.loss = GilbertElliottLoss{
      .good_to_bad = 0.1, .bad_to_good = 0.2, .loss_in_bad = 0.3, .loss_in_good = 0.4};
  all.duplicate = 0.5;
  all.reorder = 0.6;
  all.reorder_by = 7;
  all.corrupt = 0.8;
  all.corrupt_swap = 0.9;
  all.bottleneck_bits_per_second = 5e6;
  all.queue = QueueLength{QueueLength::Unit::time, 50'000'000};
  all.mark = QueueLength{QueueLength::Unit::packets, 30};
  all.delay = 20ms;
  all.jitter = 5ms;
  all.jitter_shape = JitterShape::pareto;
  all.jitter_reorders = true;
  const auto json = plan(all);
  CHECK(json["down"] == true);
  CHECK(json["loss"]["model"] == "gilbert_elliott");
  CHECK(json["loss"]["good_to_bad"] == 0.1);
  CHECK(json["loss"]["bad_to_good"] == 0.2);
  CHECK(json["loss"]["loss_in_bad"] == 0.3);
  CHECK(json["loss"]["loss_in_good"] == 0.4);
  CHECK(json["duplicate_ratio"] == 0.5);
  CHECK(json["reorder_ratio"] == 0.6);
  CHECK(json["reorder_by_packets"] == 7);
  CHECK(json["corrupt_ratio"] == 0.8);
  CHECK(json["corrupt_swap_ratio"] == 0.9);
  CHECK(json["bottleneck_bits_per_second"] == 5e6);
  CHECK(json["queue"]["seconds"] == 0.05);
  CHECK(json["mark"]["packets"] == 30);
  CHECK(json["delay_seconds"] == 0.02);
  CHECK(json["jitter_seconds"] == 0.005);
  CHECK(json["jitter_shape"] == "pareto");
  CHECK(json["jitter_reorders"] == true);
}

TEST_CASE("what an impairment has not is absent, and chosen losses are a list", "[lab]") {
  const auto none = plan({});
  for (const char* const name : {"loss", "bottleneck_bits_per_second", "queue", "mark"}) {
    CHECK(none[name].is_null());
  }
  Impairment chosen;
  chosen.loss = ScriptedLoss{{{3, 3}, {10, 20}}};
  chosen.bottleneck_bits_per_second = 1e6;
  chosen.queue = QueueLength{QueueLength::Unit::octets, 6000};
  const auto json = plan(chosen);
  CHECK(json["loss"]["model"] == "packets");
  REQUIRE(json["loss"]["packets"].size() == 2);
  CHECK(json["loss"]["packets"][1]["first"] == 10);
  CHECK(json["loss"]["packets"][1]["last"] == 20);
  CHECK(json["queue"]["octets"] == 6000);
}

TEST_CASE("the text has what happened and leaves out what did not", "[lab]") {
  const std::string text = to_text(some_truth());
  const std::size_t second = text.find("b to a");
  REQUIRE(second != std::string::npos);
  const std::string first = text.substr(0, second);
  for (const char* const part :
       {"1 000 packets in", "960 out", "11 lost", "12 dropped", "queue", "13 dropped", "down",
        "14 duplicated", "15 reordered", "16 corrupted", "17 marked", "250"}) {
    CHECK_THAT(first, containing(part));
  }
  const std::string other = text.substr(second);
  for (const char* const part : {"lost", "queue", "down", "duplicated", "marked", "trustworthy"}) {
    CHECK_THAT(other, !containing(part));
  }
  CHECK(text.back() == '\n');
}

TEST_CASE("the text says that figures are not trustworthy, and why", "[lab]") {
  Truth truth = some_truth();
  truth.trustworthy = false;
  truth.why = {{"lab_dropped_frames", "a to b: 5 frames were dropped by the lab itself"}};
  const std::string text = to_text(truth);
  CHECK_THAT(text, containing("not trustworthy"));
  CHECK_THAT(text, containing("5 frames were dropped by the lab itself"));
}
