#pragma once

#include <cstdint>

namespace netduel::test {

/// The calling thread's calls of operator new so far; what calls malloc itself is not among them.
/// This program replaces operator new, which sanitizers do too: so it isn't built with them.
std::uint64_t allocations_of_this_thread();

}  // namespace netduel::test
