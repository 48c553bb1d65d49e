#include "fairness.hpp"

#include <exception>
#include <optional>

#include "experiment/fairness_report.hpp"
#include "fairness_text.hpp"
#include "interrupt.hpp"
#include "lab/lab.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"

namespace netduel::tool {

int run(const FairnessOptions& options) {
  TruthFile truth_file(options.truth_file, options.spec.lab.capture_file);
  std::optional<Interrupt> interrupt;
  std::optional<Lab> lab;
  Fairness fairness = fairness_of(options.spec);
  try {
    // Only a process with one thread can.
    os::become_able_to_make_namespaces();
    interrupt.emplace();
    lab.emplace(options.spec.lab);
    lab->start(processors_apart_with_path(fairness.flows.size()).path);
    fairness = run_fairness(options.spec, *lab, interrupt->token(), [](const Fairness& now) {
      show_progress_lines(live_lines(now, progress_columns()));
    });
  } catch (const std::exception& failure) {
    fairness.error = failure.what();
  }
  show_progress_lines({});
  if (lab) fairness.truth = lab->stop();
  const Report report = describe(fairness);
  int status = interrupt ? interrupt->exit_status() : 0;
  if (options.json || !fairness.intervals.empty()) {
    const int printed = print(options.json ? to_json(report) + '\n' : as_text(fairness, report));
    if (printed != 0) status = printed;
  }
  if (fairness.interrupted && fairness.intervals.empty()) {
    complain("interrupted before the flows had begun");
  }
  if (fairness.truth && !truth_file.write(*fairness.truth)) status = 1;
  if (fairness.error) {
    complain(*fairness.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
