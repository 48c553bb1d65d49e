#include <fmt/format.h>

#include "multicast_texts.hpp"
#include "option_values.hpp"

namespace netduel::tool {

MulticastDemoOptions to_options(const MulticastDemoTexts& texts) {
  MulticastDemoOptions options;
  if (texts.receivers) {
    options.spec.receivers = whole_number(
        "--receivers", *texts.receivers, DemoSpec::fewest, DemoSpec::most,
        fmt::format("{} to {} hosts beside the sender's", DemoSpec::fewest, DemoSpec::most));
  }
  options.spec.seed = seed(texts.seed);
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
