#pragma once

#include <stdexcept>

namespace netduel::tool {

/// One line that says what was wrong with the call and what would work.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace netduel::tool
