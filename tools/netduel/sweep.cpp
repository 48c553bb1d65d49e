#include "sweep.hpp"

namespace netduel::tool {

int run(const SweepOptions&) {
  return 1;
}

}  // namespace netduel::tool
