#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Reorder density and reorder buffer-occupancy density (RFC 5236) of unique arrivals. Each arrival
/// takes the next receive index, which passes over lost numbers; its displacement is the index less
/// its number: late ones are positive. The occupancy is how many arrivals a receiver that restores
/// the order holds after each. A number is lost when it isn't among the arrivals up to `threshold`
/// (the RFC's DT, and BT too) after its turn; what comes later still is passed over. Figures are
/// complete after `finish`. Memory is fixed. Not thread-safe.
/// Rows: `reorder_density.{threshold,displacements[n].{displacement,ratio},
/// occupancies[n].{messages,ratio}}`.
class NETDUEL_EXPORT ReorderDensity {
 public:
  static constexpr std::size_t default_threshold = 64;

  /// `first` is the number of the stream's first message; `threshold` is at least 1.
  explicit ReorderDensity(std::uint64_t first = 0, std::size_t threshold = default_threshold);

  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    ahead_[static_cast<std::size_t>(seen_++ % ahead_.size())] = arrival.sequence;
    if (seen_ - done_ == ahead_.size()) take_one();
  }
  /// Nothing more comes; where the stream ends is of no matter.
  void finish(std::uint64_t end);
  /// Adds another stream's of the same threshold, both finished; neither observes any more.
  void merge(const ReorderDensity& other);
  void describe(Report& report) const;

  std::size_t threshold() const { return threshold_; }
  /// Arrivals of that displacement, from -threshold to threshold; those further ahead count with
  /// -threshold.
  std::uint64_t displaced_by(std::int64_t displacement) const;
  /// Arrivals after which that many, 0 to threshold, were held.
  std::uint64_t occupied_by(std::size_t messages) const { return occupied_[messages]; }
  /// All that are counted: the RFC's N'.
  std::uint64_t counted() const { return counted_; }

 private:
  void take_one();
  std::uint64_t next_of(std::uint64_t number, const std::vector<std::uint64_t>& early) const;
  void displace(std::uint64_t sequence);
  void occupy(std::uint64_t sequence);

  std::size_t threshold_;
  /// A ring of the arrivals that are not taken yet: from the done_-th to the seen_-th.
  std::vector<std::uint64_t> ahead_;
  std::uint64_t seen_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t index_;     ///< the receive index of the arrival that is taken next
  std::uint64_t expected_;  ///< what a receiver that restores the order waits for
  /// Taken before the index came to their number, and before they were expected.
  std::vector<std::uint64_t> early_;
  std::vector<std::uint64_t> held_;
  std::vector<std::uint64_t> displaced_;
  std::vector<std::uint64_t> occupied_;
  std::uint64_t counted_ = 0;
};

}  // namespace netduel
