#include "experiment/lossless_report.hpp"

#include <nlohmann/json.hpp>

#include "experiment/test_records.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// A hundred messages of a thousand octets in two seconds.
constexpr double rate = 100 * 8 * 1000 / 2.0;

TestRecord at_rate(TestRecord record, double bits_per_second) {
  record.parameters.bits_per_second = bits_per_second;
  for (StreamRecord& stream : record.streams) {
    if (stream.sender) stream.sender->sending = 2s;
  }
  return record;
}

nlohmann::json described(const LosslessFinding& finding, std::size_t streams) {
  Report report;
  describe(finding, streams, report);
  return nlohmann::json::parse(to_json(report));
}

LosslessTrial trial(LosslessOutcome outcome) {
  LosslessTrial trial;
  trial.plan = {.bits_per_second = 4e6, .time = 1s};
  trial.result.time = 1s;
  trial.result.sent = 100;
  trial.result.lost = outcome == LosslessOutcome::lossy ? 3 : 0;
  trial.outcome = outcome;
  return trial;
}

}  // namespace

TEST_CASE("a netduel peer's ledger tells where a rate lost", "[search]") {
  const TestRecord record =
      at_rate(test::finished_with_netduel(Transport::udp, TestDirection::forward, 2), rate);
  const auto result = lossless_result_of(record, 2s);
  REQUIRE(result);
  CHECK(result->time == 2s);
  CHECK(result->sent == 2 * test::sent);
  CHECK(result->lost == 2 * test::lost);
  CHECK(result->skipped == 0);
  REQUIRE(result->lost_in_host);
  REQUIRE(result->lost_elsewhere);
  CHECK(result->lost_in_host->low + result->lost_elsewhere->high == 2 * test::lost);
}

TEST_CASE("a stock receiver tells of losses but not where they were", "[search]") {
  const TestRecord record = at_rate(test::finished(Transport::udp, TestDirection::forward), rate);
  const auto result = lossless_result_of(record, 2s);
  REQUIRE(result);
  CHECK(result->sent == test::sent);
  CHECK(result->lost == test::lost);
  CHECK_FALSE(result->lost_in_host);
  CHECK_FALSE(result->lost_elsewhere);
}

TEST_CASE("what a sender left out shows by its rate where it wasn't counted", "[search]") {
  for (const TestDirection direction : {TestDirection::forward, TestDirection::reverse}) {
    const TestRecord record = at_rate(test::finished(Transport::udp, direction), 1.5 * rate);
    const auto result = lossless_result_of(record, 2s);
    REQUIRE(result);
    CHECK(result->skipped == test::sent / 2);
  }
}

TEST_CASE("what a sender counted as left out counts, by streams", "[search]") {
  TestRecord record = at_rate(test::finished(Transport::udp, TestDirection::forward, 2), rate);
  record.streams[1].sender->counts.skipped = 7;
  record.streams[1].sender->counts.refused = 5;
  const auto result = lossless_result_of(record, 2s);
  REQUIRE(result);
  CHECK(result->skipped == 7);
  CHECK(result->refused == 5);
}

TEST_CASE("a test that failed before its end shows nothing of its rate", "[search]") {
  CHECK_FALSE(lossless_result_of(test::running(Transport::udp, TestDirection::forward), 2s));
  TestRecord cut = test::finished(Transport::udp, TestDirection::forward);
  cut.theirs.reset();
  CHECK_FALSE(lossless_result_of(cut, 2s));
}

TEST_CASE("a finding is written with the rates of all streams", "[search]") {
  LosslessFinding finding{.trials = {trial(LosslessOutcome::lossless)},
                          .bits_per_second = 4e6,
                          .precision_ratio = 0.01,
                          .confirmed = true,
                          .limited_by = RateLimit::receiver,
                          .finished = true};
  finding.trials.push_back(trial(LosslessOutcome::lossy));
  finding.trials.back().result.lost_in_host = Bounds{.low = 2, .high = 3};
  const nlohmann::json json = described(finding, 3);
  CHECK(json["goal_loss_ratio"] == 0.0);
  CHECK(json["precision_ratio"] == 0.01);
  CHECK(json["max_lossless_bits_per_second"] == 12e6);
  CHECK(json["per_stream_bits_per_second"] == 4e6);
  CHECK(json["confirmed"] == true);
  CHECK(json["limited_by"] == "receiver");
  REQUIRE(json["trials"].size() == 2);
  CHECK(json["trials"][0]["offered_bits_per_second"] == 12e6);
  CHECK(json["trials"][0]["lossless"] == true);
  CHECK(json["trials"][0]["lost_in_host"].is_null());
  CHECK(json["trials"][1]["lost"] == 3);
  CHECK(json["trials"][1]["lossless"] == false);
  CHECK(json["trials"][1]["lost_in_host"] == nlohmann::json{{"low", 2}, {"high", 3}});
}

TEST_CASE("a finding names what limits the rate", "[search]") {
  const auto [limit, name] = GENERATE(table<RateLimit, const char*>({
      {RateLimit::receiver, "receiver"},
      {RateLimit::path, "path"},
      {RateLimit::sender, "sender"},
      {RateLimit::server, "server"},
  }));
  LosslessFinding finding;
  finding.limited_by = limit;
  CHECK(nlohmann::json(described(finding, 1))["limited_by"] == name);
}

TEST_CASE("a search without an answer has nulls and a list", "[search]") {
  const nlohmann::json json = described({}, 1);
  for (const char* key : {"precision_ratio", "max_lossless_bits_per_second",
                          "per_stream_bits_per_second", "limited_by"}) {
    CAPTURE(key);
    CHECK(json[key].is_null());
  }
  CHECK(json["confirmed"] == false);
  CHECK(json["trials"] == nlohmann::json::array());
}

TEST_CASE("a trial of a search is an event of a stream", "[search]") {
  const auto event =
      nlohmann::json::parse(to_json_line(search_trial_event(trial(LosslessOutcome::lossy), 2)));
  CHECK(event["event"] == "search_trial");
  CHECK(event["data"]["offered_bits_per_second"] == 8e6);
  CHECK(event["data"]["lossless"] == false);
}
