#include "lab/lab_host.hpp"

#include <array>
#include <system_error>

#include "os/thread.hpp"

namespace netduel::lab_host {

Endpoint address(IpVersion version, std::uint8_t host) {
  if (version == IpVersion::v4) return Endpoint::v4({10, 77, 0, host}, 0);
  return Endpoint::v6({0xfd, 0x6e, 0x65, 0x74, 0x64, 0x75, 0, 0, 0, 0, 0, 0, 0, 0, 0, host}, 0);
}

os::Mac mac(std::uint8_t host) {
  return {0x02, 0x6e, 0x65, 0x74, 0x64, host};
}

bool add_address(IpVersion version, std::uint8_t host) {
  if (version == IpVersion::v4) {
    os::configure(interface, {{address(version, host), prefix_bits_v4}});
    return true;
  }
  try {
    os::configure(interface, {{address(version, host), prefix_bits_v6}});
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void add_neighbour(IpVersion version, std::uint8_t other) {
  os::add_neighbour(interface, address(version, other), mac(other));
}

void prepare_pumping_thread(std::optional<unsigned> processor) {
  os::prepare_data_thread("netduel-lab");
  os::prefer_short_turns();
  os::leave_signals_to_others();
  // On one processor only, else veth would hand packets over in another order.
  const auto allowed = os::allowed_processors();
  const unsigned any = allowed.empty() ? 0 : allowed.front();
  os::run_on(std::array{processor.value_or(any)});
}

}  // namespace netduel::lab_host
