#include "bufferbloat.hpp"

namespace netduel::tool {

int run(const BufferbloatOptions&) {
  return 1;
}

}  // namespace netduel::tool
