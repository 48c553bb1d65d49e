#include "experiment/selftest_words.hpp"

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "netduel/base/units.hpp"

namespace netduel {

std::string in_words(std::chrono::nanoseconds time) {
  return time.count() < 0 ? "-" + format_duration(seconds(-time)) : format_duration(seconds(time));
}

bool was_set(std::chrono::nanoseconds clock_step) {
  return std::chrono::abs(clock_step) > std::chrono::milliseconds(1);
}

std::string set_in_words(std::chrono::nanoseconds clock_step) {
  return fmt::format("the wall clock was set by {} meanwhile; another run helps",
                     in_words(clock_step));
}

std::string strain_in_words(const LabStrain& strain, std::chrono::nanoseconds longest) {
  if (strain.missed_frames > 0) {
    return fmt::format("the emulated path dropped {} frames that it had no time for",
                       strain.missed_frames);
  }
  if (strain.latest >= longest) {
    return fmt::format("packets left the emulated path up to {} late", in_words(strain.latest));
  }
  return strain.trustworthy ? "" : "packets left the emulated path too late";
}

std::string lost_here_in_words(std::uint64_t messages) {
  return fmt::format("this host itself lost up to {} messages", messages);
}

}  // namespace netduel
