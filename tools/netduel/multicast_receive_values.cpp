#include "multicast_texts.hpp"

namespace netduel::tool {

MulticastReceiveOptions to_options(const MulticastReceiveTexts&) {
  return {};
}

}  // namespace netduel::tool
