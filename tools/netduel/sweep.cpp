#include "sweep.hpp"

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "experiment/sweep_report.hpp"
#include "interrupt.hpp"
#include "netduel/base/units.hpp"
#include "os/network_namespace.hpp"
#include "os/output_file.hpp"
#include "report/json.hpp"
#include "sweep_text.hpp"
#include "terminal.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

std::string time_left(std::chrono::nanoseconds left) {
  const double seconds = std::ceil(std::chrono::duration<double>(left).count());
  constexpr double minute = 60;
  if (seconds < 2 * minute) return fmt::format("{:.0f} s", seconds);
  return fmt::format("{:.0f} min", std::ceil(seconds / minute));
}

void check_csv_file(const SweepOptions& options) {
  if (!options.csv_file) return;
  if (const auto why = os::why_not_writable(*options.csv_file)) {
    throw UsageError(
        fmt::format("--csv {}: cannot be written ({})", *options.csv_file, why.message()));
  }
}

/// False, with a complaint, when it could not be written.
bool write_csv(const SweepOptions& options, const Sweep& sweep, const Report& report) {
  if (!options.csv_file) return true;
  std::error_code failure;
  try {
    os::OutputFile file(*options.csv_file);
    file.write(as_csv(sweep, report));
    failure = file.close();
  } catch (const std::system_error& error) {
    failure = error.code();
  }
  if (!failure) return true;
  complain(fmt::format("write {}: {}", *options.csv_file, failure.message()));
  return false;
}

std::string printed(const SweepOptions& options, const Sweep& sweep, const Report& report) {
  if (options.json) return to_json(report) + '\n';
  if (options.csv && !options.csv_file) return as_csv(sweep, report);
  return sweep.points.empty() ? std::string() : as_text(sweep, report);
}

}  // namespace

int run(const SweepOptions& options) {
  check_csv_file(options);
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
  if (!write_csv(options, result, report)) status = 1;
  if (result.interrupted && result.points.empty()) complain("interrupted before a trial was over");
  if (result.error) {
    complain(*result.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
