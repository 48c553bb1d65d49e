#include "experiment_texts.hpp"

namespace netduel::tool {

BufferbloatOptions to_options(const BufferbloatTexts& texts) {
  BufferbloatOptions options;
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
