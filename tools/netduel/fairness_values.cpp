#include "experiment_texts.hpp"

namespace netduel::tool {

FairnessOptions to_options(const FairnessTexts& texts) {
  FairnessOptions options;
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
