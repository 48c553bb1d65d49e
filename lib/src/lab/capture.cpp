#include "lab/capture.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include "wire/pcapng.hpp"

namespace netduel {

Capture::Capture(const std::string& file) : file_(file, std::ios::binary | std::ios::trunc) {
  if (!file_) throw std::system_error(errno, std::generic_category(), "write --pcap " + file);
  file_ << pcapng_section_header("netduel") << pcapng_interface("a") << pcapng_interface("b");
  file_.flush();
  if (!file_) throw std::system_error(errno, std::generic_category(), "write --pcap " + file);
}

void Capture::add(Direction direction, bool leaving, WallTime at, Bytes frame,
                  const PacketHeaders& headers, const Offload& offload,
                  const std::string& comment) {
  const bool on_b = (direction == Direction::a_to_b) == leaving;
  const Segmenter segments(frame, headers, offload);
  std::vector<std::byte> one;
  for (std::size_t n = 0; n < segments.count(); ++n) {
    one.resize(segments.frame_octets(n));
    segments.write(n, one);
    Offload rest = segments.offload();
    complete_checksum(one, rest);
    file_ << pcapng_packet(on_b ? 1 : 0, at, one, comment);
  }
}

bool Capture::close() {
  file_.close();
  return !file_.fail();
}

}  // namespace netduel
