#pragma once

#include <utility>

#include "os/socket.hpp"

namespace netduel::os {

/// Closes its handle when it goes.
class OwnedHandle {
 public:
  explicit OwnedHandle(NativeHandle handle) : handle_(handle) {}
  OwnedHandle(OwnedHandle&& other) noexcept : handle_(std::exchange(other.handle_, none)) {}
  OwnedHandle& operator=(OwnedHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~OwnedHandle() {
    if (handle_ != none) close_handle(handle_);
  }

  NativeHandle get() const { return handle_; }

 private:
  static constexpr NativeHandle none = -1;
  NativeHandle handle_;
};

}  // namespace netduel::os
