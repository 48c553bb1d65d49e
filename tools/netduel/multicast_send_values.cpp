#include "multicast_texts.hpp"

namespace netduel::tool {

MulticastSendOptions to_options(const MulticastSendTexts&) {
  return {};
}

}  // namespace netduel::tool
