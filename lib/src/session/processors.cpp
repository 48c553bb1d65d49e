#include "session/processors.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "os/thread.hpp"

namespace netduel {
namespace {

std::vector<unsigned> without(std::vector<unsigned> all, const std::vector<unsigned>& some) {
  std::erase_if(all, [&](unsigned one) { return std::ranges::find(some, one) != some.end(); });
  return all;
}

}  // namespace

Processors processors_apart() {
  const auto allowed = os::allowed_processors();
  if (allowed.size() < 2) return {.sender = {}, .receiver = {}, .shared = allowed.size() == 1};
  const unsigned last = allowed.back();
  auto others = without(allowed, os::siblings_of(last));
  if (others.empty()) others = without(allowed, {last});
  return {.sender = {last}, .receiver = std::move(others), .path = std::nullopt};
}

Processors processors_apart_with_path() {
  Processors processors = processors_apart();
  if (!processors.apart()) return processors;
  processors.path = processors.receiver.front();
  if (processors.receiver.size() > 1) {
    processors.receiver.erase(processors.receiver.begin());
  }
  return processors;
}

bool can_run_on(unsigned processor) {
  bool can = false;
  std::jthread([&] { can = os::run_on(std::array{processor}); }).join();
  return can;
}

}  // namespace netduel
