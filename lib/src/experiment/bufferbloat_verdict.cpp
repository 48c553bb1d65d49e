#include "experiment/bufferbloat_verdict.hpp"

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "experiment/bufferbloat_figures.hpp"
#include "netduel/base/units.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// Of what a load adds: what is less is how busy the hosts are, and no queue.
constexpr auto least_queue = 1ms;
/// By how much UDP may miss its rate without a word.
constexpr double rate_error = 0.05;

std::string in_words(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

/// "TCP sends", as this end sees it.
std::string doing(const BufferbloatLoad& load) {
  return fmt::format("{} {}", load.transport == Transport::tcp ? "TCP" : "UDP",
                     load.direction == TestDirection::forward ? "sends" : "receives");
}

std::string clause(const BufferbloatPhase& phase, const RoundTripFigures& idle) {
  const RoundTripFigures figures = figures_of(phase);
  const std::string when = "while " + doing(*phase.load);
  if (!figures.p50) return when + " unknown";
  const AddedDelay added = added_delay(figures, idle, std::nullopt);
  if (!added.p50) return fmt::format("{} {}", when, in_words(*figures.p50));
  if (*added.p50 < least_queue) {
    return fmt::format("{} {}: no queue to speak of", when, in_words(*figures.p50));
  }
  return fmt::format("{} {}: {} of queue ({:.0f} %)", when, in_words(*figures.p50),
                     in_words(*added.p50), 100 * added.queue_share_ratio.value_or(0));
}

void no_echo(const Bufferbloat& result, std::vector<Warning>& list) {
  if (!result.server || result.is_netduel) return;
  list.push_back(
      {"server_is_not_netduel",
       "the server is no netduel and answers no probes: round trips are those that this host's "
       "kernel sees of what it sends by TCP, smoothed; while UDP sends, and while the server "
       "sends, nobody tells them; netduel server there does"});
}

void no_answers(const BufferbloatPhase& phase, std::vector<Warning>& list) {
  const RoundTripFigures figures = figures_of(phase);
  if (phase.by != RoundTripsBy::udp_probes || figures.sent == 0 || figures.answered > 0) return;
  list.push_back({"no_answers", fmt::format("{}: none of {} probes was answered; UDP to the "
                                            "server's port may be blocked",
                                            phase.name, figures.sent)});
}

void still_growing(const BufferbloatPhase& phase, std::vector<Warning>& list) {
  if (!figures_of(phase).still_growing) return;
  list.push_back({"still_growing",
                  fmt::format("{}: the round trip was still growing when the phase ended, so that "
                              "the queue may be longer than it shows; a longer -t tells",
                              phase.name)});
}

/// UDP that arrives whole, and no faster than it was offered, has shown no end of the path.
void not_filled(const BufferbloatPhase& phase, std::vector<Warning>& list) {
  const bool udp = phase.load && phase.load->transport == Transport::udp;
  if (!udp || phase.load->loss_ratio != 0.0 || figures_of(phase).still_growing) return;
  list.push_back({"path_not_filled",
                  fmt::format("{}: nothing of what UDP offered was lost, so that it may not have "
                              "filled the path; -b offers more, a longer -t fills a longer queue",
                              phase.name)});
}

void offered_too_little(const BufferbloatPhase& phase, std::vector<Warning>& list) {
  if (!phase.load || !phase.load->offered_bits_per_second) return;
  const double planned = phase.load->planned_bits_per_second;
  const double offered = *phase.load->offered_bits_per_second;
  if (offered > (1 - rate_error) * planned) return;
  if (offered <= 0) {
    list.push_back(
        {"path_not_filled",
         fmt::format("{}: UDP sent nothing, as no datagram was due at {} in the phase or "
                     "its host was busy, so that it filled nothing; -b offers more",
                     phase.name, format_bit_rate(planned))});
    return;
  }
  list.push_back({"pacing_error",
                  fmt::format("{}: the sender offered {} in place of {}, as its host was busy, so "
                              "that the queue may not have filled",
                              phase.name, format_bit_rate(offered), format_bit_rate(planned))});
}

/// Then what grows is no queue that the path has.
void no_bottleneck(const Bufferbloat& result, std::vector<Warning>& list) {
  const auto& lab = result.spec.lab;
  if (!lab) return;
  const auto lacks = [&](Direction way) { return !lab->bottleneck_bits_per_second(way); };
  const bool up = result.spec.up && lacks(Direction::a_to_b);
  const bool down = result.spec.down && lacks(Direction::b_to_a);
  if (!up && !down) return;
  list.push_back({"no_bottleneck",
                  fmt::format("the emulated path has no bottleneck {}, so what the load adds is "
                              "how busy this machine is; --bottleneck RATE makes one",
                              up && down ? "either way"
                              : up       ? "up"
                                         : "down")});
}

void idle_has_changed(const Bufferbloat& result, std::vector<Warning>& list) {
  const BufferbloatPhase* const before = phase_of(result, "idle");
  const BufferbloatPhase* const after = phase_of(result, "idle_after");
  if (before == nullptr || after == nullptr) return;
  const auto first = figures_of(*before).p50;
  const auto last = figures_of(*after).p50;
  if (!first || !last) return;
  const auto longer = std::max(*first, *last);
  const auto shorter = std::min(*first, *last);
  if (longer < shorter * 3 / 2 || longer - shorter < 5ms) return;
  list.push_back({"idle_has_changed",
                  fmt::format("the idle round trip was {} before and {} after: others use the "
                              "path, or a queue hasn't emptied",
                              in_words(*first), in_words(*last))});
}

}  // namespace

std::string verdict(const Bufferbloat& result) {
  const BufferbloatPhase* const idle_phase = phase_of(result, "idle");
  const RoundTripFigures idle =
      idle_phase != nullptr ? figures_of(*idle_phase) : RoundTripFigures{};
  std::vector<std::string> clauses;
  clauses.push_back(idle.p50 ? "Idle " + in_words(*idle.p50) : "Idle unknown");
  for (const BufferbloatPhase& phase : result.phases) {
    if (phase.load) clauses.push_back(clause(phase, idle));
  }
  return fmt::format("{}", fmt::join(clauses, "; "));
}

std::vector<Warning> warnings(const Bufferbloat& result) {
  std::vector<Warning> list;
  no_echo(result, list);
  no_bottleneck(result, list);
  for (const BufferbloatPhase& phase : result.phases) {
    no_answers(phase, list);
    still_growing(phase, list);
    not_filled(phase, list);
    offered_too_little(phase, list);
  }
  idle_has_changed(result, list);
  return list;
}

}  // namespace netduel
