#pragma once

#include "netduel/base/socket_options.hpp"
#include "os/owned_handle.hpp"

namespace netduel::os {

/// Ends a wait for handles from outside: one of the handles is this one's.
class Wakeup {
 public:
  /// Throws std::system_error when the system gives no more handles.
  Wakeup();

  /// To wait for. Readable from the first `wake` until `clear`.
  NativeHandle handle() const { return ends_.reading.get(); }
  /// Any thread may call it, and a signal handler too. Never blocks, however often it is called.
  void wake() const;
  /// Belongs to the thread that waits. What wakes while it goes on may be cleared too, so what to
  /// wake up for has to be looked at behind it.
  void clear() const;

 private:
  /// Of a pipe.
  struct Ends {
    OwnedHandle reading;
    OwnedHandle writing;
  };
  static Ends make_pipe();
  Ends ends_;
};

}  // namespace netduel::os
