#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "experiment/selftest_steps.hpp"
#include "wire/integrity.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// One bit at a time, as the polynomial is written: slow, and by no table and no instruction.
std::uint32_t crc32c_bit_by_bit(Bytes octets) {
  constexpr std::uint32_t reflected_polynomial = 0x82f63b78;
  std::uint32_t crc = 0xffffffff;
  for (const std::byte octet : octets) {
    crc ^= std::to_integer<std::uint32_t>(octet);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc % 2 != 0 ? reflected_polynomial : 0);
  }
  return ~crc;
}

/// RFC 3720, appendix B.4: 32 octets that begin with `first` and go on by `step`.
struct KnownChecksum {
  unsigned first;
  int step;
  std::uint32_t crc;
};
constexpr KnownChecksum known_checksums[] = {
    {0x00, 0, 0x8a9136aa}, {0xff, 0, 0x62a8ab43}, {0x00, 1, 0x46dd794e}, {0x1f, -1, 0x113fdb5c}};

void compare_with_known(ChecksumEvidence& seen) {
  for (const KnownChecksum& known : known_checksums) {
    std::vector<std::byte> octets(32);
    int next = static_cast<int>(known.first);
    for (std::byte& octet : octets) {
      octet = static_cast<std::byte>(next);
      next += known.step;
    }
    ++seen.compared;
    if (crc32c(octets) != known.crc) ++seen.wrong;
  }
}

/// Long ones, at each alignment: another path through the processor than 32 octets take.
void compare_bit_by_bit(ChecksumEvidence& seen, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> octets(9000);
  for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
  for (std::size_t begin = 0; begin < 8; ++begin) {
    for (const std::size_t length : {1U, 63U, 1444U, 8900U}) {
      const Bytes part = Bytes(octets).subspan(begin, length);
      ++seen.compared;
      if (crc32c(part) != crc32c_bit_by_bit(part)) ++seen.wrong;
    }
  }
}

Judgement try_checksum(std::uint64_t seed, const std::stop_token&) {
  ChecksumEvidence seen;
  compare_with_known(seen);
  compare_bit_by_bit(seen, seed);
  return judge(seen);
}

LabSpec corrupting_path(std::uint64_t seed) {
  LabSpec path;
  path.a_to_b.corrupt = 0.02;
  path.a_to_b.corrupt_swap = 0.02;
  path.a_to_b.delay = 2ms;
  path.b_to_a.delay = 2ms;
  path.seed = seed;
  return path;
}

Judgement try_integrity(Transport transport, std::uint64_t seed, const std::stop_token& stop) {
  SelftestPlan plan;
  plan.transport = transport;
  plan.spec.verify = true;
  plan.spec.time = 500ms;
  plan.spec.seed = seed;
  plan.spec.lab = corrupting_path(seed);
  plan.bits_per_second = 20e6;
  const SelftestTrial done = run(plan, stop);
  const TrialResult& result = done.trial.result;
  return judge(IntegrityEvidence{
      .transport = transport,
      .sent = result.ledger.sent,
      .told = result.receiver.integrity.value_or(IntegrityCounts{}),
      .read_to_the_end = transport == Transport::udp || result.receiver.read_to_the_end,
      .corrupted_by_link = done.trial.link ? done.trial.link->there.corrupted : 0,
      .lost_in_host = result.ledger.lost_in_host.value_or(Bounds{}).high,
      .drain = result.plan.drain,
      .strain = strain_of(*done.truth)});
}

}  // namespace

void add_integrity_steps(std::vector<SelftestStep>& steps) {
  steps.push_back({.id = "crc32c",
                   .name = "the CRC32C of messages is the one of RFC 3720",
                   .try_once = try_checksum});
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    const bool udp = transport == Transport::udp;
    steps.push_back(
        {.id = udp ? "integrity_udp" : "integrity_tcp",
         .name = fmt::format("--verify tells what passes {}'s checksum", udp ? "UDP" : "TCP"),
         .needs_lab = true,
         .try_once = [=](std::uint64_t seed, const std::stop_token& stop) {
           return try_integrity(transport, seed, stop);
         }});
  }
}

}  // namespace netduel
