#include "lab/impairment.hpp"

namespace netduel {

bool Impairment::needs_single_packets() const {
  return !std::holds_alternative<std::monostate>(loss) || duplicate > 0 || reorder > 0 ||
         corrupt > 0 || corrupt_swap > 0 || bottleneck_bits_per_second || jitter.count() > 0;
}

}  // namespace netduel
