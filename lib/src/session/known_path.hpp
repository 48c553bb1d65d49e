#pragma once

#include <chrono>

namespace netduel {

/// What an end of a test knows beforehand of the path that it sends into.
struct KnownPath {
  /// What a slow or lossy path adds to how long a peer may take to answer, and a stream to end.
  std::chrono::nanoseconds patience{};
  /// See Plan.
  bool splits_super_packets = false;
};

}  // namespace netduel
