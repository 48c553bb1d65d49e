#pragma once

#include <fstream>
#include <string>

#include "lab/lab_spec.hpp"
#include "wire/packet.hpp"

namespace netduel {

/// A pcapng file of both sides of a link: what came from a host and what left for it, with
/// checksums filled in, super-packets cut, and each packet's fate as its comment.
class Capture {
 public:
  /// Throws std::system_error when the file can't be written.
  explicit Capture(const std::string& file);

  /// `side` is where the packet was seen: where it came from, or where it left for.
  void add(Direction direction, bool leaving, WallTime at, Bytes frame,
           const PacketHeaders& headers, const Offload& offload, const std::string& comment);
  /// Writes the rest; false when anything could not be written.
  bool close();

 private:
  std::ofstream file_;
};

}  // namespace netduel
