#pragma once

#include <vector>

#include "os/network_namespace.hpp"

namespace netduel {

/// Where an end of a trial runs.
struct Place {
  /// Anywhere when there are none.
  std::vector<unsigned> processors;
  /// The host's own network when there is none. Outlives the end.
  const os::NetworkNamespace* network = nullptr;
  /// Nothing else that the trial needs runs on these processors, so the end may wait awake.
  bool alone = false;
};

}  // namespace netduel
