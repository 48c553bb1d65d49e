#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lab/lab_spec.hpp"
#include "lab/truth.hpp"
#include "netduel/base/endpoint.hpp"
#include "os/network_namespace.hpp"

namespace netduel {

/// Two hosts, a and b, in network namespaces of their own, and an emulated link between them whose
/// packets pass through a thread of this process. Gone when this is destroyed or the process ends,
/// however it does.
class Lab {
 public:
  /// Makes the hosts and the link; nothing passes before `start`. Opens the capture file. Throws
  /// std::system_error that names the attempt and, where one is known, the remedy. An ordinary
  /// user's process must have called os::become_able_to_make_namespaces() before.
  explicit Lab(const LabSpec& spec);
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  const os::NetworkNamespace& a() const;
  const os::NetworkNamespace& b() const;
  /// IPv6 is missing where the system or a small MTU doesn't allow it.
  bool has(IpVersion version) const;
  /// With port 0.
  static Endpoint address_of_a(IpVersion version);
  static Endpoint address_of_b(IpVersion version);

  /// Begins to pass packets, on a thread that keeps to `processor` if given.
  void start(std::optional<unsigned> processor = std::nullopt);
  /// The script of changes begins now (again).
  void restart_script();

  /// What happened until now. From any thread.
  Truth truth() const;
  /// How long a packet that came to that direction's bottleneck now would wait there. From any
  /// thread, and cheap.
  std::chrono::nanoseconds queueing_time(Direction direction) const;
  /// Stops passing packets and closes the capture; the final truth, `held_at_the_end` included.
  Truth stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace netduel
