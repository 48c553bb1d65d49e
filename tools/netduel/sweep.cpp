#include "sweep.hpp"

#include <exception>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "experiment/sweep_report.hpp"
#include "interrupt.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "sweep_text.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

std::string printed(const SweepOptions& options, const Sweep& sweep, const Report& report) {
  if (options.json) return to_json(report) + '\n';
  if (options.csv.on_standard_output()) return as_csv(sweep, report);
  return sweep.points.empty() ? std::string() : as_text(sweep, report);
}

}  // namespace

int run(const SweepOptions& options) {
  check_csv_file(options.csv);
  std::optional<Interrupt> interrupt;
  Sweep result;
  result.spec = options.spec;
  try {
    // Only a process with one thread can.
    os::become_able_to_make_namespaces();
    interrupt.emplace();
    result = sweep(options.spec, interrupt->token(), [&](const SweepProgress& now) {
      show_progress(fmt::format("{} {} ({} of {}), {}: trial {} of {}, {} left",
                                options.spec.axis.name, now.value, now.point + 1, now.points,
                                now.contender, now.done + 1, now.trials, time_left(now.left)));
    });
  } catch (const std::exception& failure) {
    result.error = failure.what();
  }
  show_progress({});
  const Report report = describe(result);
  int status = interrupt ? interrupt->exit_status() : 0;
  if (const int failed = print(printed(options, result, report)); failed != 0) status = failed;
  if (options.csv.file && !write_csv_file(options.csv, as_csv(result, report))) status = 1;
  if (result.interrupted && result.points.empty()) complain("interrupted before a trial was over");
  if (result.error) {
    complain(*result.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
