#include "selftest.hpp"

#include <exception>
#include <string>

#include <fmt/format.h>

#include "experiment/selftest.hpp"
#include "experiment/selftest_report.hpp"
#include "interrupt.hpp"
#include "os/network_namespace.hpp"
#include "output.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

/// Why there are no emulated paths; absent where there are.
std::optional<std::string> why_no_lab() {
  try {
    // Only a process with one thread can.
    os::become_able_to_make_namespaces();
    return std::nullopt;
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

void progress(std::string_view name, std::size_t index, std::size_t of) {
  show_progress(fmt::format("{} of {}: {}", index + 1, of, name));
}

}  // namespace

int run(const SelftestOptions& options) {
  const SelftestSpec spec{.seed = options.seed, .no_lab = why_no_lab()};
  const Interrupt interrupt;
  Output output(std::nullopt, {});
  // Nobody would read what comes after a line that could not be written.
  output.stop_on_failure(interrupt.source());
  const auto tell = [&](const SelftestCheck& check) {
    show_progress({});
    if (!options.json) output.lines(line_of(check));
  };
  const Selftest found = selftest(spec, interrupt.token(), {.begins = progress, .ended = tell});
  show_progress({});
  if (options.json) {
    output.raw(to_json(describe(found)) + '\n');
  } else {
    output.lines(summary_of(found));
  }
  if (found.error) complain(*found.error);
  const int printed = output.finish();
  if (printed != 0 || found.error) return 1;
  if (interrupt.exit_status() != 0) return interrupt.exit_status();
  return found.count(CheckStatus::failed) > 0 ? 1 : 0;
}

}  // namespace netduel::tool
