#include "multicast_texts.hpp"

namespace netduel::tool {

MulticastCompareOptions to_options(const MulticastCompareTexts&) {
  return {};
}

}  // namespace netduel::tool
