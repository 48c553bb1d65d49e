#include "netduel/measure/sequence_window.hpp"

#include <algorithm>
#include <bit>

namespace netduel {
namespace {

constexpr std::uint64_t bits_per_word = 64;
constexpr std::uint64_t too_large = std::uint64_t{1} << 63;

}  // namespace

SequenceWindow::SequenceWindow(std::uint64_t first_expected, std::uint64_t span)
    : seen_(static_cast<std::size_t>(std::bit_ceil(std::max(span, bits_per_word)) / bits_per_word)),
      mask_(seen_.size() * bits_per_word - 1),
      first_expected_(first_expected),
      next_expected_(first_expected) {}

Placement SequenceWindow::place_out_of_order(std::uint64_t sequence) {
  if (sequence >= too_large) return {Order::stale, 0};
  if (sequence > next_expected_) {
    const std::uint64_t left_out = sequence - next_expected_;
    clear(next_expected_, left_out);
    mark(sequence);
    next_expected_ = sequence + 1;
    return {Order::gap, left_out};
  }
  const std::uint64_t back = next_expected_ - sequence;
  if (sequence < first_expected_ || back > mask_ + 1) return {Order::stale, back};
  if ((word_of(sequence) & bit_of(sequence)) != 0) return {Order::duplicate, back};
  mark(sequence);
  return {Order::reordered, back};
}

void SequenceWindow::clear(std::uint64_t first, std::uint64_t count) {
  if (count > mask_) {
    std::fill(seen_.begin(), seen_.end(), 0);
    return;
  }
  while (count > 0) {
    const std::uint64_t offset = first % bits_per_word;
    const std::uint64_t here = std::min(count, bits_per_word - offset);
    const std::uint64_t ones = ~std::uint64_t{0} >> (bits_per_word - here);
    word_of(first) &= ~(ones << offset);
    first += here;
    count -= here;
  }
}

}  // namespace netduel
