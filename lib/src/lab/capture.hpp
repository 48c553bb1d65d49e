#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "netduel/base/message.hpp"
#include "os/output_file.hpp"
#include "wire/packet.hpp"

namespace netduel {

/// A pcapng file of the hosts' sides of a lab's links: what came from a host and what left for it,
/// with checksums filled in, super-packets cut, and each packet's fate as its comment.
class Capture {
 public:
  /// An interface for each host. Throws std::system_error when the file can't be written.
  Capture(const std::string& file, const std::vector<std::string>& hosts);

  /// What happened to a packet.
  struct Event {
    std::uint32_t interface = 0;  ///< the host's place among them
    WallTime at;
    std::string_view way;      ///< "a to b"
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
