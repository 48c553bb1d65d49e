#pragma once

#include <cstdint>

namespace netduel {

/// What to wait for on a handle.
enum class Interest : std::uint8_t { readable = 1, writable = 2, both = 3 };

/// A handle that is ready, by the key under which it was added. An error to fetch counts as both:
/// the next call on the socket tells of it.
struct Ready {
  std::uint64_t key = 0;
  bool readable = false;  ///< data, or the peer's half-close
  bool writable = false;
};

}  // namespace netduel
