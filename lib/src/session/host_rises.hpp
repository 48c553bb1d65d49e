#pragma once

#include <cstdint>
#include <optional>

#include "netduel/measure/ledger.hpp"
#include "netduel/wire/overhead.hpp"
#include "os/host_counters.hpp"

namespace netduel {

/// By how much a host's counters rose; absent where one of the two is.
std::optional<std::uint64_t> rise(std::optional<std::uint64_t> before,
                                  std::optional<std::uint64_t> after);
/// What a ledger wants to know of that.
HostCounters rises(Transport transport, const os::HostTotals& before, const os::HostTotals& after);

}  // namespace netduel
