#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "experiment/corruption.hpp"
#include "experiment/selftest_judge.hpp"
#include "experiment/selftest_words.hpp"

namespace netduel {
namespace {

Report figures_of(const IntegrityEvidence& seen) {
  Report figures;
  figures.add("sent", seen.sent);
  figures.add("whole", seen.told.verified);
  figures.add("bits_flipped", seen.told.bits_flipped);
  figures.add("words_swapped", seen.told.words_swapped);
  figures.add("otherwise_corrupted", seen.told.other);
  figures.add("missing", seen.missing());
  figures.add("link_corrupted", seen.corrupted_by_link);
  return figures;
}

/// The link swapped words in the messages that are told, and flipped bits in those that are
/// missing: UDP's checksum is to stop the second kind alone.
bool is_accounted_for(const IntegrityEvidence& seen) {
  // TCP sends again what its checksum stopped, and one segment may hold parts of two messages.
  if (seen.transport == Transport::tcp) {
    return seen.missing() == 0 && seen.told.corrupted() <= 2 * seen.corrupted_by_link;
  }
  return seen.told.words_swapped + seen.missing() == seen.corrupted_by_link;
}

}  // namespace

std::uint64_t IntegrityEvidence::missing() const {
  return sent - std::min(sent, told.verified + told.corrupted());
}

Judgement judge(const IntegrityEvidence& seen) {
  Report figures = figures_of(seen);
  const std::string detail = fmt::format(
      "Of {} messages {} came whole, {} did not come, and the check told of {}; the link corrupted "
      "{} packets.",
      seen.sent, seen.told.verified, seen.missing(), damage_in_words(seen.told),
      seen.corrupted_by_link);
  if (seen.sent == 0 || !seen.read_to_the_end) {
    return too_busy("the messages had not come to their end in time", detail, std::move(figures));
  }
  const bool nothing_else = seen.told.bits_flipped + seen.told.other == 0;
  if (is_accounted_for(seen) && nothing_else) {
    const bool both =
        seen.told.words_swapped > 0 && seen.corrupted_by_link > seen.told.words_swapped;
    if (both) return verified(detail, std::move(figures));
    return too_busy("too few messages left for the link to corrupt some in each way", detail,
                    std::move(figures));
  }
  // Neither makes up octets, so what was told is not excused by it.
  const bool explains = nothing_else && seen.missing() > 0;
  if (explains && seen.lost_in_host > 0) {
    return too_busy(lost_here_in_words(seen.lost_in_host), detail, std::move(figures));
  }
  if (const std::string why = strain_in_words(seen.strain, seen.drain); explains && !why.empty()) {
    return too_busy(why, detail, std::move(figures));
  }
  // A word may change places with one in a message beside it, and by chance into three bits less.
  return if_it_repeats(failed(detail, std::move(figures)));
}

Judgement judge(const ChecksumEvidence& seen) {
  Report figures;
  figures.add("compared", seen.compared);
  figures.add("wrong", seen.wrong);
  const std::string detail =
      fmt::format("Of {} checksums, those of RFC 3720 and some reckoned bit by bit, {} were wrong.",
                  seen.compared, seen.wrong);
  const bool right = seen.wrong == 0 && seen.compared > 0;
  return right ? verified(detail, std::move(figures)) : failed(detail, std::move(figures));
}

}  // namespace netduel
