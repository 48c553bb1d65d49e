#pragma once

#include <string>
#include <string_view>

#include "os/owned_handle.hpp"

namespace netduel::os {

/// One line on standard error, as the command's own are. Never fails: nobody would hear of it.
void say(const std::string& text);

/// What a program writes into a pipe, on standard error in whole lines, each after a prefix.
class PrefixedOutput {
 public:
  /// Throws std::system_error when there is no pipe to be had.
  explicit PrefixedOutput(std::string prefix);

  /// For the program; to be closed here once it has started.
  NativeHandle writing_end() const { return writing_end_.get(); }
  void close_writing_end() { writing_end_ = OwnedHandle(-1); }
  /// To wait for input at; -1 when there will be no more.
  NativeHandle reading_end() const { return reading_end_.get(); }

  /// Hands on some of what has come, without waiting for more; false when there was none.
  bool hand_on();
  /// Hands on what has come, and the line that was begun.
  void finish();

 private:
  void hand_on_lines();

  std::string prefix_;
  std::string begun_;
  OwnedHandle reading_end_{-1};
  OwnedHandle writing_end_{-1};
};

}  // namespace netduel::os
