#include <algorithm>
#include <chrono>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "lab/bottleneck.hpp"
#include "lab/truth.hpp"
#include "netduel/base/units.hpp"

namespace netduel {
namespace {

struct DescribeLoss {
  Report& report;

  void operator()(std::monostate) const { report.add("loss", Absent{}); }
  void operator()(const IndependentLoss& loss) const {
    report.add("loss.model", std::string("independent"));
    report.add("loss.ratio", loss.ratio, "ratio");
  }
  void operator()(const GilbertElliottLoss& loss) const {
    report.add("loss.model", std::string("gilbert_elliott"));
    report.add("loss.good_to_bad", loss.good_to_bad, "ratio");
    report.add("loss.bad_to_good", loss.bad_to_good, "ratio");
    report.add("loss.loss_in_bad", loss.loss_in_bad, "ratio");
    report.add("loss.loss_in_good", loss.loss_in_good, "ratio");
  }
  void operator()(const ScriptedLoss& loss) const {
    report.add("loss.model", std::string("packets"));
    for (std::size_t n = 0; n < loss.packets.size(); ++n) {
      report.add(fmt::format("loss.packets[{}].first", n), loss.packets[n].first);
      report.add(fmt::format("loss.packets[{}].last", n), loss.packets[n].second);
    }
  }
};

void describe_length(std::string_view name, const std::optional<QueueLength>& length,
                     Report& report) {
  if (!length) {
    report.add(name, Absent{});
    return;
  }
  const Report::Scope scope(report, name);
  switch (length->unit) {
    case QueueLength::Unit::packets:
      report.add("packets", length->amount);
      break;
    case QueueLength::Unit::octets:
      report.add("octets", length->amount, "octets");
      break;
    case QueueLength::Unit::time:
      report.add("seconds", static_cast<double>(length->amount) * 1e-9, "s");
      break;
  }
}

std::string_view name_of(JitterShape shape) {
  switch (shape) {
    case JitterShape::uniform:
      return "uniform";
    case JitterShape::normal:
      return "normal";
    case JitterShape::pareto:
      return "pareto";
  }
  return "";
}

void describe_list(std::string_view name, const std::vector<std::uint64_t>& figures,
                   Report& report) {
  if (figures.empty()) report.add(name, EmptyList{});
  for (std::size_t n = 0; n < figures.size(); ++n) {
    report.add(fmt::format("{}[{}]", name, n), figures[n]);
  }
}

}  // namespace

void describe(const LinkCounts& counts, Report& report) {
  report.add("packets_in", counts.packets_in);
  report.add("octets_in", counts.octets_in, "octets");
  report.add("forwarded", counts.forwarded);
  report.add("dropped.loss", counts.dropped_loss);
  report.add("dropped.queue", counts.dropped_queue);
  report.add("dropped.down", counts.dropped_down);
  report.add("duplicated", counts.duplicated);
  report.add("reordered", counts.reordered);
  report.add("corrupted", counts.corrupted);
  report.add("marked", counts.marked);
  report.add_optional("arrived_out_of_order", counts.arrived_out_of_order);
  report.add("held_at_the_end", counts.held_at_the_end);
}

void describe(const Impairment& impairment, Report& report) {
  report.add("down", impairment.down);
  std::visit(DescribeLoss{report}, impairment.loss);
  report.add("duplicate_ratio", impairment.duplicate, "ratio");
  report.add("reorder_ratio", impairment.reorder, "ratio");
  report.add("reorder_by_packets", std::uint64_t{impairment.reorder_by});
  report.add("corrupt_ratio", impairment.corrupt, "ratio");
  report.add("corrupt_swap_ratio", impairment.corrupt_swap, "ratio");
  report.add_optional("bottleneck_bits_per_second", impairment.bottleneck_bits_per_second, "bit/s");
  const bool has_queue = impairment.bottleneck_bits_per_second.has_value();
  describe_length("queue", has_queue ? std::optional(queue_limit(impairment)) : std::nullopt,
                  report);
  describe_length("mark", impairment.mark, report);
  report.add("delay_seconds", seconds(impairment.delay), "s");
  report.add("jitter_seconds", seconds(impairment.jitter), "s");
  report.add("jitter_shape", std::string(name_of(impairment.jitter_shape)));
  report.add("jitter_reorders", impairment.jitter_reorders);
}

void describe(const DirectionTruth& truth, Report& report) {
  for (const auto& [name, counts] :
       {std::pair("all", &truth.all), std::pair("udp", &truth.udp), std::pair("tcp", &truth.tcp)}) {
    const Report::Scope scope(report, name);
    describe(*counts, report);
  }
  if (truth.flows.empty()) report.add("flows", EmptyList{});
  for (std::size_t n = 0; n < truth.flows.size(); ++n) {
    const FlowTruth& flow = truth.flows[n];
    const Report::Scope scope(report, fmt::format("flows[{}]", n));
    report.add("protocol", flow.protocol);
    report.add("ordinal", flow.ordinal);
    report.add("source", flow.source.to_string());
    report.add("destination", flow.destination.to_string());
    describe(flow.counts, report);
  }
  report.add("queue.stretch_seconds", seconds(truth.queue.stretch), "s");
  describe_list("queue.most_packets", truth.queue.most_packets, report);
  describe_list("queue.most_octets", truth.queue.most_octets, report);
  report.add("missed_by_the_lab", truth.missed_by_the_lab);
  report.add("left_late", truth.left_late);
  report.add("left_very_late", truth.left_very_late);
  report.add("latest_seconds", seconds(truth.latest), "s");
}

void describe_trust(bool trustworthy, const std::vector<TruthNote>& why, Report& report) {
  report.add("trustworthy", trustworthy);
  if (why.empty()) report.add("why", EmptyList{});
  for (std::size_t n = 0; n < why.size(); ++n) {
    report.add(fmt::format("why[{}]", n), why[n].text);
  }
}

void describe(const Truth& truth, Report& report) {
  report.add("schema", std::string("netduel/truth/1"));
  report.add("seed", truth.spec.seed);
  report.add("duration_seconds", seconds(truth.duration), "s");
  {
    const Report::Scope scope(report, "path");
    report.add("description", truth.spec.description);
    report.add("mtu_octets", std::uint64_t{truth.spec.mtu_octets}, "octets");
    for (const Direction direction : {Direction::a_to_b, Direction::b_to_a}) {
      const Report::Scope way(report, direction == Direction::a_to_b ? "a_to_b" : "b_to_a");
      describe(truth.spec.of(direction), report);
    }
  }
  for (const Direction direction : {Direction::a_to_b, Direction::b_to_a}) {
    const Report::Scope way(
        report, direction == Direction::a_to_b ? "directions.a_to_b" : "directions.b_to_a");
    describe(truth.of(direction), report);
  }
  describe_trust(truth.trustworthy, truth.why, report);
}

Report describe(const Truth& truth) {
  Report report;
  describe(truth, report);
  return report;
}

std::string in_words(const DirectionTruth& truth) {
  const LinkCounts& all = truth.all;
  std::string text = fmt::format("{} packets in, {} out", format_count(all.packets_in),
                                 format_count(all.forwarded));
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", format_count(count), what);
  };
  add(all.dropped_loss, "lost");
  add(all.dropped_queue, "dropped as the queue was full");
  add(all.dropped_down, "dropped as the link was down");
  add(all.duplicated, "duplicated");
  add(all.reordered, "reordered");
  add(all.corrupted, "corrupted");
  add(all.marked, "marked CE");
  add(all.held_at_the_end, "still in it");
  std::uint64_t longest = 0;
  for (const std::uint64_t packets : truth.queue.most_packets) longest = std::max(longest, packets);
  add(longest, "in the longest queue");
  return text;
}

std::string trust_in_words(bool trustworthy, const std::vector<TruthNote>& why) {
  std::string text;
  if (!trustworthy) text += "link: these figures are not trustworthy\n";
  for (const TruthNote& note : why) text += fmt::format("link {}\n", note.text);
  return text;
}

std::string to_text(const Truth& truth) {
  return fmt::format("link a to b: {}\nlink b to a: {}\n", in_words(truth.a_to_b),
                     in_words(truth.b_to_a)) +
         trust_in_words(truth.trustworthy, truth.why);
}

}  // namespace netduel
