// No emulated paths: whoever asks for one is told so at the first step. The steps after it have
// definitions only so that the floors above are the same everywhere.
#include <system_error>

#include "os/lab_process.hpp"
#include "os/network_namespace.hpp"
#include "os/packet_ring.hpp"
#include "os/veth.hpp"

namespace netduel::os {
namespace {

[[noreturn]] void refuse() {
  throw std::system_error(
      std::make_error_code(std::errc::operation_not_supported),
      "make an emulated path (this build has none: they need Linux, and netduel's files for it; "
      "netduel compare without a path works here, over loopback)");
}

}  // namespace

void become_able_to_make_namespaces() {
  refuse();
}

NetworkNamespace NetworkNamespace::create() {
  refuse();
}

void NetworkNamespace::enter() const {
  refuse();
}

void make_veth(const std::string&, const std::string&, const NetworkNamespace&, const Mac&,
               std::size_t) {
  refuse();
}

void configure(const std::string&, const std::vector<InterfaceAddress>&) {
  refuse();
}

void await_carrier(const std::string&) {
  refuse();
}

void add_neighbour(const std::string&, const Endpoint&, const Mac&) {
  refuse();
}

void forgo_udp_segmentation(const std::string&) {
  refuse();
}

std::uint64_t interface_send_drops(const std::string&) {
  refuse();
}

bool enable_ecn() {
  return false;
}

struct PacketRing::State {};

PacketRing PacketRing::open(const std::string&, std::size_t) {
  refuse();
}

PacketRing::PacketRing(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketRing::PacketRing(PacketRing&&) noexcept = default;
PacketRing& PacketRing::operator=(PacketRing&&) noexcept = default;
PacketRing::~PacketRing() = default;

std::optional<PacketRing::Incoming> PacketRing::next() {
  return std::nullopt;
}

void PacketRing::release() {}

std::size_t PacketRing::send(std::span<const Outgoing> frames) {
  return frames.size();
}

std::uint64_t PacketRing::missed() {
  refuse();
}

NativeHandle PacketRing::handle() const {
  return -1;
}

bool packet_rings_take_udp_super_packets() {
  return false;
}

FrameWaiter::FrameWaiter() : handle_(-1) {
  refuse();
}

void FrameWaiter::add(const PacketRing&) {}

void FrameWaiter::wait(std::chrono::nanoseconds) const {}

class LabProcess::Terminal {};

LabProcess::LabProcess(const HostedPrograms&) {
  refuse();
}

LabProcess::~LabProcess() = default;

CommandEnd LabProcess::run(const std::function<void()>&) {
  refuse();
}

}  // namespace netduel::os
