// One trial of netduel between two network namespaces, for bench/veth: the ends, the trial and the
// figures are those of `netduel compare`, which itself has no path over an interface that it did
// not make.

#include <charconv>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "experiment/summary.hpp"
#include "os/network_namespace.hpp"
#include "report/json.hpp"
#include "session/local_ends.hpp"
#include "session/processors.hpp"
#include "session/trial.hpp"

namespace {

using namespace netduel;

constexpr auto usage =
    "usage: netduel_over_networks SENDER-NETWORK RECEIVER-NETWORK ADDRESS udp|tcp OCTETS\n"
    "                             MILLISECONDS offload|single CONGESTION|-\n";

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("'{}' is not a number", text));
  }
  return value;
}

Plan plan_of(char** words) {
  Plan plan;
  const auto receiver = Endpoint::parse(fmt::format("{}:0", words[3]));
  if (!receiver) throw std::invalid_argument(fmt::format("'{}' is no address", words[3]));
  plan.receiver = *receiver;
  plan.transport = std::string_view(words[4]) == "tcp" ? Transport::tcp : Transport::udp;
  plan.message_octets = number(words[5]);
  plan.time = std::chrono::milliseconds(number(words[6]));
  plan.offload = std::string_view(words[7]) == "offload";
  if (std::string_view(words[8]) != "-") plan.congestion = words[8];
  // As the peers have it.
  plan.no_delay = false;
  return plan;
}

void describe_processors(const Processors& processors, Report& report) {
  const Report::Scope scope(report, "processors");
  report.add("sender", fmt::format("{}", fmt::join(processors.sender, ",")));
  report.add("receiver", fmt::format("{}", fmt::join(processors.receiver, ",")));
}

Report run(char** words) {
  const auto sender_network = os::NetworkNamespace::open(words[1]);
  const auto receiver_network = os::NetworkNamespace::open(words[2]);
  const Processors processors = processors_apart();
  LocalReceivingEnd receiver({.processors = processors.receiver,
                              .network = &receiver_network,
                              .alone = processors.apart()});
  LocalSendingEnd sender({.processors = processors.sender, .network = &sender_network});
  const TrialResult result = run_trial(plan_of(words), sender, receiver, {});
  Report report;
  describe_processors(processors, report);
  const Report::Scope scope(report, "figures");
  describe_trial(result, report);
  return report;
}

}  // namespace

int main(int count, char** words) {
  if (count == 2 && std::string_view(words[1]) == "--version") {
    // In the command's words, of the project that both were built from.
    std::puts("netduel " NETDUEL_VERSION);
    return 0;
  }
  constexpr int wanted = 9;
  if (count != wanted) {
    std::fputs(usage, stderr);
    return 2;
  }
  try {
    std::puts(to_json(run(words)).c_str());
  } catch (const std::exception& failure) {
    fmt::print(stderr, "netduel_over_networks: {}\n", failure.what());
    return 1;
  }
  return 0;
}
