#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lab/lab_spec.hpp"
#include "os/output_file.hpp"
#include "wire/packet.hpp"

namespace netduel {

/// A pcapng file of both sides of a link: what came from a host and what left for it, with
/// checksums filled in, super-packets cut, and each packet's fate as its comment.
class Capture {
 public:
  /// Throws std::system_error when the file can't be written.
  explicit Capture(const std::string& file);

  /// What happened to a packet.
  struct Event {
    Direction direction = Direction::a_to_b;
    bool leaving = false;  ///< left for the other side; else it came from its own
    WallTime at;
    std::string flow;          ///< in words
    std::uint64_t number = 0;  ///< in its flow and direction; of a super-packet, its first one's
    std::string_view fate;     ///< in words
  };
  void add(const Event& event, Bytes frame, const PacketHeaders& headers, const Offload& offload);
  /// Writes the rest; false when anything could not be written.
  bool close();

 private:
  os::OutputFile file_;
};

}  // namespace netduel
