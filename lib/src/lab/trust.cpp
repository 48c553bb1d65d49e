#include "lab/trust.hpp"

#include <chrono>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "netduel/base/units.hpp"

namespace netduel {
namespace {

/// Shares of packets that left late: what is worth a word, and what makes a path another one. Of
/// few packets, one that is late is no sign of a busy machine.
constexpr double some_late = 0.01;
constexpr double too_many_very_late = 0.1;
constexpr std::uint64_t fewest_late = 10;

bool is_more_than(std::uint64_t late, double share, const DirectionTruth& way) {
  return late >= fewest_late &&
         static_cast<double>(late) > share * static_cast<double>(way.all.forwarded);
}

}  // namespace

bool is_trustworthy(const DirectionTruth& way, std::string_view name, std::vector<TruthNote>& why) {
  bool trustworthy = true;
  const auto note = [&](const char* id, const std::string& text) {
    why.push_back({id, fmt::format("{}: {}", name, text)});
  };
  if (way.missed_by_the_lab > 0) {
    trustworthy = false;
    note("lab_dropped_frames",
         fmt::format("{} frames were dropped by the lab itself and not by the link, as this "
                     "machine was too busy for it; a lower rate helps",
                     format_count(way.missed_by_the_lab)));
  }
  if (is_more_than(way.left_very_late, too_many_very_late, way)) trustworthy = false;
  if (is_more_than(way.left_late, some_late, way)) {
    note("lab_was_late",
         fmt::format("{} of the packets left the link more than 1 ms late ({} at most), as this "
                     "machine was busy; a lower rate or an idle machine helps",
                     format_ratio(static_cast<double>(way.left_late) /
                                  static_cast<double>(way.all.forwarded)),
                     format_duration(std::chrono::duration<double>(way.latest).count())));
  }
  if (way.all.arrived_out_of_order.value_or(0) > 0) {
    note("host_reordered_tcp",
         fmt::format("{} TCP segments came to the link out of order already: the virtual "
                     "Ethernet of the host did that, as it does when TCP saturates two processors",
                     format_count(*way.all.arrived_out_of_order)));
  }
  return trustworthy;
}

}  // namespace netduel
