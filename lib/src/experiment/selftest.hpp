#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/selftest_judgement.hpp"

namespace netduel {

struct SelftestSpec {
  std::uint64_t seed = 0;
  /// Why no emulated path can be made here; what needs one is then not checked.
  std::optional<std::string> no_lab = {};
  /// What still runs then is cut, and with what a trial takes to end that is less than 40 s.
  std::chrono::nanoseconds longest = std::chrono::seconds(37);
};

/// One of the things that are checked, and what came out.
struct SelftestCheck {
  /// Stable, for programs.
  std::string id;
  /// What holds where it is verified.
  std::string name;
  Judgement judgement = {};
};

/// All that a selftest found, also when it was interrupted.
struct Selftest {
  SelftestSpec spec;
  std::vector<SelftestCheck> checks = {};
  std::chrono::nanoseconds took{};
  bool interrupted = false;
  /// Why it ended early, if not for an interruption.
  std::optional<std::string> error = {};

  std::size_t count(CheckStatus status) const;
};

struct SelftestTold {
  /// Before a check: its name, which one it is, from 0, and of how many.
  std::function<void(std::string_view name, std::size_t index, std::size_t of)> begins;
  std::function<void(const SelftestCheck&)> ended;
};

/// Checks on this machine whether the figures can be trusted: trials whose outcome is known from
/// elsewhere, one after the other, in at most 40 s. Never throws for what goes wrong with a check:
/// it is then not verified, and says why.
Selftest selftest(const SelftestSpec& spec, std::stop_token stop, const SelftestTold& told);

}  // namespace netduel
