#pragma once

#include <string>

// Debian 12 has Catch2 2.13, later systems have 3: the tests include this and build with both.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
/// Matches a text that contains `part`.
inline auto containing(const std::string& part) {
  return Catch::Matchers::ContainsSubstring(part);
}
#else
#include <catch2/catch.hpp>
/// Matches a text that contains `part`.
inline auto containing(const std::string& part) {
  return Catch::Contains(part);
}
#endif
