#include "selftest.hpp"

namespace netduel::tool {

int run(const SelftestOptions&) {
  return 1;
}

}  // namespace netduel::tool
