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

Processors processors_apart(std::size_t senders) {
  const auto allowed = os::allowed_processors();
  if (allowed.size() < 2) return {.sender = {}, .receiver = {}, .shared = allowed.size() == 1};
  const std::size_t share = std::clamp<std::size_t>(senders, 1, allowed.size() / 2);
  const std::vector<unsigned> last(allowed.end() - static_cast<std::ptrdiff_t>(share),
                                   allowed.end());
  auto others = without(allowed, last);
  auto apart = others;
  for (const unsigned one : last) apart = without(std::move(apart), os::siblings_of(one));
  if (!apart.empty()) others = std::move(apart);
  return {.sender = last, .receiver = std::move(others), .path = std::nullopt};
}

Processors processors_apart_with_path(std::size_t senders) {
  Processors processors = processors_apart(senders);
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
