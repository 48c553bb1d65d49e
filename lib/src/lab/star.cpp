#include "lab/star.hpp"

#include <stdexcept>

namespace netduel {

struct StarLab::Parts {
  std::vector<os::NetworkNamespace> hosts;
};

std::string StarSpec::name_of(std::size_t port) {
  return port == 0 ? "a" : "h" + std::to_string(port);
}

std::chrono::nanoseconds StarSpec::round_trip() const {
  return {};
}

std::chrono::nanoseconds StarSpec::drain() const {
  return {};
}

Report describe(const StarTruth&) {
  return {};
}

std::string to_text(const StarTruth&) {
  return {};
}

StarLab::StarLab(const StarSpec&) {
  throw std::runtime_error("not yet");
}
StarLab::~StarLab() = default;

std::size_t StarLab::hosts() const {
  return parts_->hosts.size();
}

const os::NetworkNamespace& StarLab::host(std::size_t port) const {
  return parts_->hosts[port];
}

bool StarLab::has(IpVersion) const {
  return true;
}

Endpoint StarLab::address_of(std::size_t, IpVersion version) {
  return Endpoint::any(version);
}

void StarLab::start(std::optional<unsigned>) {}

StarTruth StarLab::truth() const {
  return {};
}

StarTruth StarLab::stop() {
  return {};
}

}  // namespace netduel
