#pragma once

#include <cstdlib>
#include <iostream>
#include <source_location>

/// Ends the program when what it was promised doesn't hold.
inline void check(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::cerr << where.file_name() << ':' << where.line() << " does not hold\n";
  std::exit(1);
}
