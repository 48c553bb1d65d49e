#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "path_options.hpp"
#include "session/client.hpp"
#include "session/server.hpp"

namespace netduel::tool {

/// How `netduel client` writes its text.
struct TextFormat {
  /// iperf3's -f: k m g t bits, K M G T octets; 'a' suits each figure.
  char unit = 'a';
  bool verbose = false;
  /// Before each line.
  std::string title;
  /// A format of strftime(3), before each line.
  std::optional<std::string> timestamps;
};

struct ClientOptions {
  /// Absent: the server is in this process, on loopback or behind an emulated path.
  std::optional<std::string> host;
  /// Without a host.
  PathOptions path;
  std::uint16_t port = iperf3::default_port;
  /// -p: without a host, our own server listens there and not on a free port.
  bool has_port = false;
  std::optional<IpVersion> ip_version;
  /// Where to come from: a name or an address.
  std::optional<std::string> bind;
  /// Complete but for addresses, the cookie and what depends on the path.
  ClientSpec spec;
  /// Absent: iperf3's for TCP, and what fits the path for UDP.
  std::optional<std::size_t> length;
  /// UDP without -b.
  bool has_default_rate = false;
  /// `-b max-lossless`: the rate is to be found.
  bool seeks_lossless_rate = false;
  /// A processor for this process.
  std::optional<unsigned> affinity;
  TextFormat text;
  bool json = false;
  bool json_stream = false;
  std::optional<std::string> log_file;
};

struct ServerOptions {
  ServerSpec spec;
  /// A name or an address.
  std::optional<std::string> bind;
  bool json = false;
};

}  // namespace netduel::tool
