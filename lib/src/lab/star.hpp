#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lab/impairment.hpp"
#include "lab/truth.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/base/report.hpp"
#include "os/network_namespace.hpp"

namespace netduel {

/// Hosts around a switch. Port 0 is host a's, port n that of host n, h1 to hN.
struct StarSpec {
  /// What a port's link does: `up` to what its host sends, `down` to what its host gets.
  struct Port {
    Impairment up;
    Impairment down;
  };
  /// One for each host, a's first; at least two.
  std::vector<Port> ports;
  std::uint64_t seed = 0;
  std::size_t mtu_octets = 1500;
  /// A pcapng file of all ports.
  std::optional<std::string> capture_file;
  /// For people.
  std::string description;

  static constexpr std::size_t most_hosts = 250;

  /// "a", "h1", "h2", ...
  static std::string name_of(std::size_t port);
  /// Between a and the host that is furthest away, both ways, without queues and jitter.
  std::chrono::nanoseconds round_trip() const;
  /// How long after the last send something may still come (Tmax).
  std::chrono::nanoseconds drain() const;
};

/// What the link of one port did.
struct PortTruth {
  DirectionTruth up;
  DirectionTruth down;
};

struct StarTruth {
  StarSpec spec;
  std::vector<PortTruth> ports;  ///< as in the spec
  std::chrono::nanoseconds duration{};
  bool trustworthy = true;
  std::vector<TruthNote> why;
};

/// Rows of the document "netduel/truth/1", with `ports` in the place of two directions
/// (docs/lab.md).
Report describe(const StarTruth& truth);
std::string to_text(const StarTruth& truth);

/// A switch and the hosts around it, in network namespaces of their own, each behind an emulated
/// link, whose packets pass through a thread of this process. Multicast goes to the ports whose
/// hosts have joined, as they say by IGMPv3 (RFC 9776) and MLDv2 (RFC 9777), and to no other. Gone
/// when this is destroyed or the process ends, however it does.
class StarLab {
 public:
  /// As `Lab` does.
  explicit StarLab(const StarSpec& spec);
  ~StarLab();
  StarLab(const StarLab&) = delete;
  StarLab& operator=(const StarLab&) = delete;

  std::size_t hosts() const;
  const os::NetworkNamespace& host(std::size_t port) const;
  /// IPv6 is missing where the system or a small MTU doesn't allow it.
  bool has(IpVersion version) const;
  /// With port number 0.
  static Endpoint address_of(std::size_t port, IpVersion version);

  /// Begins to pass packets, on a thread that keeps to `processor` if given.
  void start(std::optional<unsigned> processor = std::nullopt);

  /// What happened until now. From any thread.
  StarTruth truth() const;
  /// Stops passing packets and closes the capture; the final truth.
  StarTruth stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace netduel
