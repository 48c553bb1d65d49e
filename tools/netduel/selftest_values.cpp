#include "experiment_texts.hpp"

namespace netduel::tool {

SelftestOptions to_options(const SelftestTexts& texts) {
  SelftestOptions options;
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
