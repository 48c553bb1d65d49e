#include "report/bar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace netduel {

std::string bar(double share, std::size_t width) {
  constexpr std::array<std::string_view, 9> blocks = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
  constexpr std::size_t eighths = 8;
  if (!(share > 0) || width == 0) return {};
  const double most = static_cast<double>(width * eighths);
  const auto filled =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(std::min(share, 1.0) * most)));
  std::string text;
  for (std::size_t i = 0; i < filled / eighths; ++i) text += blocks.back();
  return text + std::string(blocks[filled % eighths]);
}

}  // namespace netduel
