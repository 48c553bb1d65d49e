#include "experiment/selftest.hpp"

#include <set>

#include "experiment/selftest_report.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

SelftestTold to_nobody() {
  return {.begins = [](std::string_view, std::size_t, std::size_t) {},
          .ended = [](const SelftestCheck&) {}};
}

SelftestCheck a_check(CheckStatus status) {
  SelftestCheck check{.id = "a_check", .name = "a name"};
  check.judgement.status = status;
  check.judgement.detail = "It was so.";
  if (status == CheckStatus::not_verified) check.judgement.because = "it rained";
  return check;
}

}  // namespace

TEST_CASE("a selftest that is stopped before it begins names every check and verifies none",
          "[selftest][threads]") {
  std::stop_source stop;
  stop.request_stop();
  const Selftest found = selftest({}, stop.get_token(), to_nobody());
  CHECK(found.interrupted);
  CHECK(found.checks.size() >= 18);
  CHECK(found.count(CheckStatus::not_verified) == found.checks.size());
  std::set<std::string> ids;
  for (const SelftestCheck& check : found.checks) {
    ids.insert(check.id);
    CHECK(check.judgement.because == "the run was interrupted");
  }
  CHECK(ids.size() == found.checks.size());
}

TEST_CASE("a selftest whose time is over begins no check, and was not interrupted",
          "[selftest][threads]") {
  const Selftest found =
      selftest({.longest = std::chrono::nanoseconds(0)}, std::stop_token(), to_nobody());
  CHECK_FALSE(found.interrupted);
  CHECK(found.count(CheckStatus::not_verified) == found.checks.size());
  CHECK(found.checks.back().judgement.because.value_or("").find("no time") != std::string::npos);
}

TEST_CASE("a selftest counts its checks by what they came to", "[selftest]") {
  Selftest found;
  for (const CheckStatus status : {CheckStatus::verified, CheckStatus::verified,
                                   CheckStatus::failed, CheckStatus::not_verified}) {
    found.checks.push_back(a_check(status));
  }
  const Report report = describe(found);
  CHECK(*report.find("verified") == Value(std::uint64_t{2}));
  CHECK(*report.find("failed") == Value(std::uint64_t{1}));
  CHECK(*report.find("not_verified") == Value(std::uint64_t{1}));
  CHECK(*report.find("checks[0].because") == Value(Absent{}));
  CHECK(*report.find("checks[3].because") == Value(std::string("it rained")));
  CHECK(summary_of(found).starts_with("2 verified, 1 failed, 1 not verified here"));
}

TEST_CASE("a line says what was seen, or why nothing was", "[selftest]") {
  CHECK(line_of(a_check(CheckStatus::verified)) == "verified      a name: It was so.");
  CHECK(line_of(a_check(CheckStatus::failed)) == "failed        a name: It was so.");
  CHECK(line_of(a_check(CheckStatus::not_verified)) ==
        "not verified  a name: not verified here, because it rained");
}
