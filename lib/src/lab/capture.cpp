#include "lab/capture.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "wire/pcapng.hpp"

namespace netduel {

Capture::Capture(const std::string& file) : file_(file, std::ios::binary | std::ios::trunc) {
  if (!file_) throw std::system_error(errno, std::generic_category(), "write --pcap " + file);
  file_ << pcapng_section_header("netduel") << pcapng_interface("a") << pcapng_interface("b");
  file_.flush();
  if (!file_) throw std::system_error(errno, std::generic_category(), "write --pcap " + file);
}

void Capture::add(const Event& event, Bytes frame, const PacketHeaders& headers,
                  const Offload& offload) {
  const bool up = event.direction == Direction::a_to_b;
  const Segmenter segments(frame, headers, offload);
  std::vector<std::byte> one;
  for (std::size_t n = 0; n < segments.count(); ++n) {
    one.resize(segments.frame_octets(n));
    segments.write(n, one);
    Offload rest = segments.offload();
    complete_checksum(one, rest);
    file_ << pcapng_packet(up == event.leaving ? 1 : 0, event.at, one,
                           fmt::format("{}, {}, packet {}: {}", up ? "a to b" : "b to a",
                                       event.flow, event.number + n, event.fate));
  }
}

bool Capture::close() {
  file_.close();
  return !file_.fail();
}

}  // namespace netduel
