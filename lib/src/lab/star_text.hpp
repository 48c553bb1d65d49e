#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lab/impairment_text.hpp"
#include "lab/star_spec.hpp"

namespace netduel {

/// A star of a and `hosts` more as typed; `seed`, `mtu_octets` and `capture_file` of the result
/// stay as they are by default. Preset, settings and changes are those of the link of each host but
/// a, where "up-" is from the host and "down-" to it. `ports` are what some links have of their
/// own: "3:loss=5%", "3-7:down-loss=burst:2%,5,up-delay=3ms", "a:up-loss=2%". Throws
/// ImpairmentError.
StarSpec read_star_spec(std::size_t hosts, const std::optional<std::string>& preset,
                        const std::vector<ImpairmentText>& settings,
                        const std::vector<std::string>& changes,
                        const std::vector<std::string>& ports);

}  // namespace netduel
