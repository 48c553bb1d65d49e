#include "multicast_texts.hpp"

namespace netduel::tool {

MulticastDemoOptions to_options(const MulticastDemoTexts&) {
  return {};
}

}  // namespace netduel::tool
