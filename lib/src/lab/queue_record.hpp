#pragma once

#include <chrono>

#include "lab/link.hpp"
#include "lab/truth.hpp"

namespace netduel {

/// Keeps how long a queue was over any time in bounded memory: the longest in each of up to 512
/// stretches, which are made twice as long when they run out.
class QueueRecord {
 public:
  void observe(std::chrono::nanoseconds since_start, Link::QueueState queue);
  const QueueOverTime& figures() const { return figures_; }

 private:
  QueueOverTime figures_{
      .stretch = std::chrono::milliseconds(10), .most_packets = {}, .most_octets = {}};
};

}  // namespace netduel
