#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "netduel/base/report.hpp"

namespace netduel {

enum class CheckStatus : std::uint8_t {
  verified,
  failed,
  not_verified,  ///< nothing is said against it, and nothing for it
};

constexpr std::string_view name_of(CheckStatus status) {
  return status == CheckStatus::verified ? "verified"
         : status == CheckStatus::failed ? "failed"
                                         : "not_verified";
}

/// What a check of the selftest came to.
struct Judgement {
  CheckStatus status = CheckStatus::not_verified;
  /// One sentence with what was seen.
  std::string detail = "Nothing was measured.";
  /// Why it is not verified, to stand behind "because"; absent where it is or failed.
  std::optional<std::string> because = {};
  /// Another try may come out otherwise.
  bool may_differ_next_time = false;
  Report figures = {};
};

inline Judgement verified(std::string detail, Report figures) {
  return {
      .status = CheckStatus::verified, .detail = std::move(detail), .figures = std::move(figures)};
}

inline Judgement failed(std::string detail, Report figures) {
  return {
      .status = CheckStatus::failed, .detail = std::move(detail), .figures = std::move(figures)};
}

inline Judgement not_verified(std::string because) {
  return {.because = std::move(because)};
}

inline Judgement not_verified(std::string because, std::string detail, Report figures) {
  return {
      .detail = std::move(detail), .because = std::move(because), .figures = std::move(figures)};
}

/// The machine had no time for the check: `what` tells by which figures.
inline Judgement too_busy(const std::string& what, std::string detail, Report figures) {
  Judgement judgement = not_verified("this machine was too busy (" + what + "); an idle one helps",
                                     std::move(detail), std::move(figures));
  judgement.may_differ_next_time = true;
  return judgement;
}

/// As it is, but for an error that has to show each time to be one: a stall of the machine that
/// nothing tells of can be behind it.
inline Judgement if_it_repeats(Judgement judgement) {
  judgement.may_differ_next_time = true;
  return judgement;
}

}  // namespace netduel
