#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "experiment/selftest_judge.hpp"
#include "experiment/selftest_words.hpp"

namespace netduel {
namespace {

const Check* first_failure(const Ledger& ledger) {
  const auto found =
      std::ranges::find_if(ledger.checks, [](const Check& check) { return !check.passed; });
  return found != ledger.checks.end() ? &*found : nullptr;
}

std::uint64_t missing(const Ledger& ledger) {
  return ledger.sent - std::min(ledger.sent, ledger.delivered);
}

Report figures_of(const LedgerEvidence& seen) {
  Report figures;
  figures.add("sent", seen.ledger.sent);
  figures.add("missing", missing(seen.ledger));
  figures.add("duplicates", seen.ledger.duplicates.value_or(0));
  figures.add("reordered", seen.ledger.reordered.value_or(0));
  figures.add("link_packets_in", seen.packets_in);
  figures.add("link_dropped", seen.dropped);
  figures.add("link_duplicated", seen.duplicated);
  figures.add("link_reordered", seen.reordered);
  figures.add("link_held_at_the_end", seen.held_at_the_end);
  figures.add("largest_super_packet_messages", std::uint64_t{seen.largest_super_packet_messages});
  return figures;
}

/// Why the two accounts may differ without either being wrong; empty when they may not.
std::string excuse(const LedgerEvidence& seen) {
  const std::uint64_t lost_in_host = seen.ledger.lost_in_host.value_or(Bounds{}).high;
  if (lost_in_host > 0) return lost_here_in_words(lost_in_host);
  return strain_in_words(seen.strain, seen.drain);
}

/// What came until the stream was cut was as it should be.
bool is_unfinished(const TcpEvidence& seen) {
  return !seen.read_to_the_end && seen.delivered <= seen.sent &&
         seen.duplicates + seen.out_of_order + seen.corrupted == 0;
}

/// What a bad link did to TCP; empty when TCP made up for it.
std::string broken_guarantee(const TcpEvidence& seen) {
  if (seen.duplicates + seen.out_of_order + seen.corrupted > 0) {
    return fmt::format("{} messages came twice, {} out of order and {} corrupted", seen.duplicates,
                       seen.out_of_order, seen.corrupted);
  }
  if (seen.delivered != seen.sent) {
    return fmt::format("{} of {} messages came", seen.delivered, seen.sent);
  }
  return {};
}

Report figures_of(const TcpEvidence& seen) {
  Report figures;
  figures.add("sent", seen.sent);
  figures.add("delivered", seen.delivered);
  figures.add("duplicates", seen.duplicates);
  figures.add("out_of_order", seen.out_of_order);
  figures.add("corrupted", seen.corrupted);
  figures.add_optional("retransmitted_segments", seen.retransmitted_segments);
  figures.add("link_dropped", seen.dropped);
  return figures;
}

Report figures_of(const OverflowEvidence& seen) {
  const Bounds in_host = seen.ledger.lost_in_host.value_or(Bounds{});
  const Bounds elsewhere = seen.ledger.lost_elsewhere.value_or(Bounds{});
  Report figures;
  figures.add("sent", seen.ledger.sent);
  figures.add("missing", missing(seen.ledger));
  figures.add("lost_in_host_low", in_host.low);
  figures.add("lost_in_host_high", in_host.high);
  figures.add("lost_elsewhere_low", elsewhere.low);
  figures.add("lost_elsewhere_high", elsewhere.high);
  figures.add_optional("socket_drops", seen.socket_drops);
  figures.add_optional("host_receive_buffer_errors", seen.host_errors);
  figures.add("largest_super_packet_messages", std::uint64_t{seen.super_packets.largest});
  return figures;
}

/// What is wrong with the attribution of what overflowed; empty when nothing is.
std::string wrong_attribution(const OverflowEvidence& seen) {
  const std::uint64_t lost = missing(seen.ledger);
  const Bounds in_host = seen.ledger.lost_in_host.value_or(Bounds{});
  const Bounds elsewhere = seen.ledger.lost_elsewhere.value_or(Bounds{});
  if (const Check* const check = first_failure(seen.ledger)) return check->detail;
  if (lost < in_host.low || lost > in_host.high) {
    return fmt::format("The bounds {} to {} don't hold the {} that went missing.", in_host.low,
                       in_host.high, lost);
  }
  if (elsewhere.low > 0) return fmt::format("{} are said to be lost elsewhere.", elsewhere.low);
  const std::uint64_t least = std::max(1U, seen.super_packets.smallest);
  const std::uint64_t most = std::max(least, std::uint64_t{seen.super_packets.largest});
  if (seen.host_errors && *seen.host_errors * most < lost) {
    return fmt::format("The host counted {} receive buffer errors, too few for {} messages.",
                       *seen.host_errors, lost);
  }
  if (seen.socket_drops &&
      (*seen.socket_drops * most < lost || *seen.socket_drops * least > lost)) {
    return fmt::format("The socket counted {} drops, which can't be {} messages.",
                       *seen.socket_drops, lost);
  }
  return {};
}

}  // namespace

Judgement judge(const LedgerEvidence& seen) {
  const Ledger& ledger = seen.ledger;
  const std::string detail = fmt::format(
      "Of {} messages {} were lost, {} came again and {} out of order; the link dropped {}, "
      "duplicated {} and reordered {}.",
      ledger.sent, missing(ledger), ledger.duplicates.value_or(0), ledger.reordered.value_or(0),
      seen.dropped, seen.duplicated, seen.reordered);
  Report figures = figures_of(seen);
  if (seen.offload && seen.largest_super_packet_messages < 2) {
    return not_verified("no message left in a super-packet: there is no UDP_SEGMENT here", detail,
                        std::move(figures));
  }
  const Check* const check = first_failure(ledger);
  const bool equal = ledger.sent == seen.packets_in && missing(ledger) == seen.dropped &&
                     ledger.duplicates == seen.duplicated && ledger.reordered == seen.reordered;
  if (equal && check == nullptr) {
    if (seen.dropped > 0 && seen.duplicated > 0 && seen.reordered > 0) {
      return verified(detail, std::move(figures));
    }
    return too_busy("too few messages left for each of loss, duplication and reordering", detail,
                    std::move(figures));
  }
  if (const std::string why = excuse(seen); !why.empty()) {
    return too_busy(why, detail, std::move(figures));
  }
  Judgement judgement = failed(check != nullptr ? check->detail : detail, std::move(figures));
  // The lab's thread may just be about to let them go, but not each time.
  return seen.held_at_the_end > 0 ? if_it_repeats(std::move(judgement)) : judgement;
}

Judgement judge(const TcpEvidence& seen) {
  Report figures = figures_of(seen);
  const std::string again = seen.retransmitted_segments
                                ? fmt::format("{} were sent again", *seen.retransmitted_segments)
                                : std::string("how many were sent again can't be told here");
  const std::string detail = fmt::format(
      "All of {} messages came once and in order; of their segments the link dropped "
      "{}, and {}.",
      seen.sent, seen.dropped, again);
  const std::string broken = broken_guarantee(seen);
  if (seen.sent == 0 || is_unfinished(seen)) {
    return too_busy("the stream had not come to its end in time",
                    fmt::format("{} of {} messages came until then.", seen.delivered, seen.sent),
                    std::move(figures));
  }
  if (!broken.empty()) {
    return failed(fmt::format("Over the bad link {}.", broken), std::move(figures));
  }
  if (seen.dropped == 0) {
    return too_busy("the link had nothing to drop", detail, std::move(figures));
  }
  if (seen.retransmitted_segments == 0U) return failed(detail, std::move(figures));
  return verified(detail, std::move(figures));
}

Judgement judge(const OverflowEvidence& seen) {
  const std::uint64_t lost = missing(seen.ledger);
  const Bounds in_host = seen.ledger.lost_in_host.value_or(Bounds{});
  const std::string of_host =
      seen.host_errors ? fmt::format("the host counted {} receive buffer errors", *seen.host_errors)
                       : std::string("the host doesn't tell its own count");
  const std::string detail =
      fmt::format("Of {} messages {} went missing, {} to {} of them by this host's account; {}.",
                  seen.ledger.sent, lost, in_host.low, in_host.high, of_host);
  Report figures = figures_of(seen);
  if (!seen.drops_known) {
    return not_verified("this system doesn't count what a socket drops", detail,
                        std::move(figures));
  }
  if (seen.offload && seen.super_packets.largest < 2) {
    return not_verified("no message left in a super-packet: there is no UDP_SEGMENT here", detail,
                        std::move(figures));
  }
  if (lost == 0) {
    return too_busy("the buffer did not overflow, as nothing was sent fast enough", detail,
                    std::move(figures));
  }
  if (seen.softnet_drops.value_or(0) > 0) {
    return too_busy(
        fmt::format("{} packets were dropped before the socket saw them", *seen.softnet_drops),
        detail, std::move(figures));
  }
  const std::string wrong = wrong_attribution(seen);
  if (!wrong.empty()) return failed(wrong, std::move(figures));
  return verified(detail, std::move(figures));
}

}  // namespace netduel
