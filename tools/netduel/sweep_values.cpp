#include "experiment_texts.hpp"

namespace netduel::tool {

SweepOptions to_options(const SweepTexts& texts) {
  SweepOptions options;
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
