#include "measure/integrity.hpp"

namespace netduel {

void add(std::optional<IntegrityCounts>& total, const std::optional<IntegrityCounts>& more) {
  if (!more) return;
  if (!total) total.emplace();
  total->verified += more->verified;
  total->bits_flipped += more->bits_flipped;
  total->words_swapped += more->words_swapped;
  total->other += more->other;
}

void describe(const std::optional<IntegrityCounts>& integrity, Report& report) {
  if (!integrity) {
    report.add("integrity", Absent{});
    return;
  }
  const Report::Scope scope(report, "integrity");
  report.add("verified", integrity->verified);
  report.add("corrupted", integrity->corrupted());
  report.add("bits_flipped", integrity->bits_flipped);
  report.add("words_swapped", integrity->words_swapped);
  report.add("other", integrity->other);
}

}  // namespace netduel
