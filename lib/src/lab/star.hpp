#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "lab/star_spec.hpp"
#include "lab/star_truth.hpp"
#include "netduel/base/endpoint.hpp"
#include "os/network_namespace.hpp"

namespace netduel {

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
  /// The scripts of changes begin now (again).
  void restart_script();

  /// What happened until now. From any thread.
  StarTruth truth() const;
  /// Stops passing packets and closes the capture; the final truth.
  StarTruth stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace netduel
