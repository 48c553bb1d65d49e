#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace netduel {

/// What a stream has counted so far, the omitted time included: one thread counts, any may look.
struct LiveFigures {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  /// Of a receiver: left out in numbering and not come late yet.
  std::uint64_t lost = 0;
  std::uint64_t reordered = 0;
  std::uint64_t duplicates = 0;
  /// RFC 3550, section 6.4.1.
  std::chrono::nanoseconds jitter{};
};

class LiveCounters {
 public:
  void set(const LiveFigures& now) {
    octets_.store(now.octets, std::memory_order_relaxed);
    messages_.store(now.messages, std::memory_order_relaxed);
    lost_.store(now.lost, std::memory_order_relaxed);
    reordered_.store(now.reordered, std::memory_order_relaxed);
    duplicates_.store(now.duplicates, std::memory_order_relaxed);
    jitter_.store(now.jitter.count(), std::memory_order_relaxed);
  }
  LiveFigures figures() const {
    return {.octets = octets_.load(std::memory_order_relaxed),
            .messages = messages_.load(std::memory_order_relaxed),
            .lost = lost_.load(std::memory_order_relaxed),
            .reordered = reordered_.load(std::memory_order_relaxed),
            .duplicates = duplicates_.load(std::memory_order_relaxed),
            .jitter = std::chrono::nanoseconds(jitter_.load(std::memory_order_relaxed))};
  }

 private:
  std::atomic<std::uint64_t> octets_{0};
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::uint64_t> reordered_{0};
  std::atomic<std::uint64_t> duplicates_{0};
  std::atomic<std::int64_t> jitter_{0};
};

}  // namespace netduel
