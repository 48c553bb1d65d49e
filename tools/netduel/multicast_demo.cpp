#include "multicast_demo.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "experiment/multicast_demo_report.hpp"
#include "interrupt.hpp"
#include "multicast_demo_text.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

/// Only a process with one thread can, and who can't goes over loopback.
void try_to_become_able_to_make_namespaces() {
  try {
    os::become_able_to_make_namespaces();
  } catch (const std::system_error&) {
    return;  // The lab will say why.
  }
}

bool disagrees(const MulticastDemo& demo) {
  return std::ranges::any_of(warnings(demo), [](const Warning& warning) {
    return warning.id == "disagrees_with_link" || warning.id == "receiver_failed";
  });
}

}  // namespace

int run(const MulticastDemoOptions& options) {
  try_to_become_able_to_make_namespaces();
  const Interrupt interrupt;
  const MulticastDemo demo =
      multicast_demo(options.spec, interrupt.token(),
                     [](std::string_view name) { show_progress(std::string(name) + " ..."); });
  show_progress({});
  int status = interrupt.exit_status();
  if (options.json || !demo.patterns.empty()) {
    const int printed = print(options.json ? to_json(describe(demo)) + '\n' : as_text(demo));
    if (printed != 0) status = printed;
  }
  if (demo.error) complain(*demo.error);
  if (status == 0 && (demo.error || disagrees(demo))) status = 1;
  return status;
}

}  // namespace netduel::tool
