#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "netduel/base/message.hpp"

namespace netduel {

// Blocks of the PCAP Next Generation file format (draft-ietf-opsawg-pcapng), little-endian, with
// Ethernet frames and times in nanoseconds. Each function gives the octets of one block; a file is
// a section header, the interfaces, then packets in any order of time.

std::string pcapng_section_header(std::string_view application);
/// Interfaces are numbered from 0 in the order of their blocks.
std::string pcapng_interface(std::string_view name, std::uint32_t snap_octets = 0);
/// An Enhanced Packet Block, with a comment if it isn't empty.
std::string pcapng_packet(std::uint32_t interface, WallTime at, Bytes frame,
                          std::string_view comment);

}  // namespace netduel
