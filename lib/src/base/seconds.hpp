#pragma once

#include <chrono>
#include <optional>

namespace netduel {

/// A time as a figure.
constexpr double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

constexpr std::optional<double> seconds(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? std::optional(seconds(*time)) : std::nullopt;
}

}  // namespace netduel
