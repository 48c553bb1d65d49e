#include "experiment_texts.hpp"
#include "option_values.hpp"

namespace netduel::tool {

SelftestOptions to_options(const SelftestTexts& texts) {
  SelftestOptions options;
  options.seed = seed(texts.seed);
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
