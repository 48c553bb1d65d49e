#include "multicast_compare.hpp"

#include <exception>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "experiment/multicast_compare_report.hpp"
#include "interrupt.hpp"
#include "multicast_compare_text.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"

namespace netduel::tool {
namespace {

std::string printed(const MulticastCompareOptions& options, const MulticastComparison& all,
                    const Report& report) {
  if (options.json) return to_json(report) + '\n';
  if (options.csv.on_standard_output()) return as_csv(all, report);
  return all.empty() ? std::string() : as_text(all, report);
}

}  // namespace

int run(const MulticastCompareOptions& options) {
  check_csv_file(options.csv);
  TruthFile truth_file(options.truth_file,
                       options.spec.star ? options.spec.star->capture_file : std::nullopt);
  std::optional<Interrupt> interrupt;
  MulticastCompareSpec spec = options.spec;
  std::optional<std::string> no_lab;
  MulticastComparison all;
  all.spec = spec;
  try {
    try {
      // Only a process with one thread can.
      os::become_able_to_make_namespaces();
      (void)os::NetworkNamespace::create();
    } catch (const std::exception& failure) {
      // Who described a path wants that one.
      if (options.path_given) throw;
      no_lab = failure.what();
      spec.star.reset();
    }
    interrupt.emplace();
    all = compare_deliveries(spec, interrupt->token(), [](const MulticastCompareProgress& now) {
      show_progress(fmt::format("{} to {}: trial {} of {}, {} left", name_of(now.method),
                                now.receivers, now.done + 1, now.trials, time_left(now.left)));
    });
  } catch (const std::exception& failure) {
    all.error = failure.what();
  }
  all.no_lab = no_lab;
  show_progress({});
  const Report report = describe(all);
  int status = interrupt ? interrupt->exit_status() : 0;
  if (const int failed = print(printed(options, all, report)); failed != 0) status = failed;
  if (options.csv.file && !write_csv_file(options.csv, as_csv(all, report))) status = 1;
  if (options.truth_file && all.truth && !truth_file.write(*all.truth, false)) status = 1;
  if (all.interrupted && all.empty()) complain("interrupted before a trial was over");
  if (all.error) {
    complain(*all.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
