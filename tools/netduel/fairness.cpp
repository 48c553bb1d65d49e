#include "fairness.hpp"

namespace netduel::tool {

int run(const FairnessOptions&) {
  return 1;
}

}  // namespace netduel::tool
