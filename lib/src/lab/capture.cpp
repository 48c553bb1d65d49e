#include "lab/capture.hpp"

#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "wire/pcapng.hpp"

namespace netduel {

Capture::Capture(const std::string& file, const std::vector<std::string>& hosts) : file_(file) {
  file_.write(pcapng_section_header("netduel"));
  for (const std::string& host : hosts) file_.write(pcapng_interface(host));
  if (!file_.flush()) throw std::system_error(file_.close(), "write " + file);
}

void Capture::add(const Event& event, Bytes frame, const PacketHeaders& headers,
                  const Offload& offload) {
  const Segmenter segments(frame, headers, offload);
  std::vector<std::byte> one;
  for (std::size_t n = 0; n < segments.count(); ++n) {
    one.resize(segments.frame_octets(n));
    segments.write(n, one);
    Offload rest = segments.offload();
    complete_checksum(one, rest);
    file_.write(pcapng_packet(
        event.interface, event.at, one,
        fmt::format("{}, {}, packet {}: {}", event.way, event.flow, event.number + n, event.fate)));
  }
}

bool Capture::close() {
  return !file_.close();
}

}  // namespace netduel
