#include "experiment/selftest_report.hpp"

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/selftest_words.hpp"
#include "experiment/setting_report.hpp"
#include "netduel/base/units.hpp"

namespace netduel {
namespace {

void describe(const SelftestCheck& check, Report& report) {
  const Judgement& judgement = check.judgement;
  report.add("id", check.id);
  report.add("name", check.name);
  report.add("status", std::string(name_of(judgement.status)));
  report.add("detail", judgement.detail);
  report.add_optional("because", judgement.because);
  if (judgement.figures.rows().empty()) report.add("figures", EmptyObject{});
  const Report::Scope scope(report, "figures");
  for (const Row& figure : judgement.figures.rows()) {
    report.add(figure.metric, figure.value, figure.unit);
  }
}

}  // namespace

Report describe(const Selftest& found) {
  Report report;
  report.add("schema", std::string("netduel/selftest/1"));
  describe_host(report);
  report.add("seed", found.spec.seed);
  report.add("seconds", seconds(found.took), "s");
  if (found.checks.empty()) report.add("checks", EmptyList{});
  for (std::size_t index = 0; index < found.checks.size(); ++index) {
    const Report::Scope scope(report, fmt::format("checks[{}]", index));
    describe(found.checks[index], report);
  }
  for (const CheckStatus status :
       {CheckStatus::verified, CheckStatus::failed, CheckStatus::not_verified}) {
    report.add(name_of(status), std::uint64_t{found.count(status)});
  }
  report.add("interrupted", found.interrupted);
  report.add_optional("error", found.error);
  return report;
}

std::string line_of(const SelftestCheck& check) {
  const Judgement& judgement = check.judgement;
  switch (judgement.status) {
    case CheckStatus::verified:
      return fmt::format("verified      {}: {}", check.name, judgement.detail);
    case CheckStatus::failed:
      return fmt::format("failed        {}: {}", check.name, judgement.detail);
    case CheckStatus::not_verified:
      break;
  }
  return fmt::format("not verified  {}: not verified here, because {}", check.name,
                     judgement.because.value_or("nobody knows"));
}

std::string summary_of(const Selftest& found) {
  return fmt::format("{} verified, {} failed, {} not verified here, in {}; seed {}",
                     found.count(CheckStatus::verified), found.count(CheckStatus::failed),
                     found.count(CheckStatus::not_verified), format_duration(seconds(found.took)),
                     found.spec.seed);
}

}  // namespace netduel
