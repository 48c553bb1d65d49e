// How fast two processors hand each other what one has written and the other reads: buffers of 64
// KiB, four in turn. No transport between two processors can be faster by much, and in a virtual
// machine it changes from minute to minute as the host moves its processors about.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "os/thread.hpp"

namespace {

using Buffer = std::array<std::byte, 65536>;
constexpr long rounds = 8000;
constexpr long buffers = 4;

struct Shared {
  std::array<Buffer, buffers> between;
  std::atomic<long> written{0};
  std::atomic<long> read{0};
};

/// Keeps the compiler from leaving a copy out that nobody reads.
void use(const Buffer& buffer) {
  asm volatile("" : : "r"(buffer.data()) : "memory");
}

void read_all(Shared& shared, unsigned processor) {
  netduel::os::run_on(std::array{processor});
  auto own = std::make_unique<Buffer>();
  for (long n = 0; n < rounds; ++n) {
    while (shared.written.load(std::memory_order_acquire) <= n) {
    }
    std::memcpy(own->data(), shared.between[static_cast<std::size_t>(n % buffers)].data(),
                own->size());
    use(*own);
    shared.read.store(n + 1, std::memory_order_release);
  }
}

void write_all(Shared& shared, unsigned processor) {
  netduel::os::run_on(std::array{processor});
  auto own = std::make_unique<Buffer>();
  own->fill(std::byte{1});
  for (long n = 0; n < rounds; ++n) {
    while (n - shared.read.load(std::memory_order_acquire) >= buffers) {
    }
    std::memcpy(shared.between[static_cast<std::size_t>(n % buffers)].data(), own->data(),
                own->size());
    shared.written.store(n + 1, std::memory_order_release);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: netduel_handover WRITING-PROCESSOR READING-PROCESSOR\n", stderr);
    return 2;
  }
  const auto shared = std::make_unique<Shared>();
  const auto start = std::chrono::steady_clock::now();
  {
    const std::jthread reader(
        [&] { read_all(*shared, static_cast<unsigned>(std::strtoul(words[2], nullptr, 10))); });
    write_all(*shared, static_cast<unsigned>(std::strtoul(words[1], nullptr, 10)));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.3f\n", static_cast<double>(rounds * sizeof(Buffer)) / took.count() / 1e9);
  return 0;
}
