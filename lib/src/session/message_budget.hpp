#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace netduel {

/// How many messages the streams of a test may still send, all together (iperf3's -n and -k).
/// Thread-safe.
class MessageBudget {
 public:
  explicit MessageBudget(std::uint64_t messages) : left_(messages) {}

  /// Takes as many of `wanted` as there are and returns how many those are.
  std::size_t take(std::size_t wanted) {
    std::uint64_t left = left_.load();
    std::uint64_t taken = 0;
    do {
      taken = std::min<std::uint64_t>(left, wanted);
    } while (!left_.compare_exchange_weak(left, left - taken));
    return static_cast<std::size_t>(taken);
  }
  void give_back(std::size_t unused) { left_ += unused; }

 private:
  std::atomic<std::uint64_t> left_;
};

}  // namespace netduel
