#include "lab/queue_record.hpp"

#include <algorithm>

namespace netduel {
namespace {

constexpr std::size_t most_stretches = 512;

void halve(std::vector<std::uint64_t>& figures) {
  for (std::size_t i = 0; 2 * i < figures.size(); ++i) {
    const std::uint64_t second = 2 * i + 1 < figures.size() ? figures[2 * i + 1] : 0;
    figures[i] = std::max(figures[2 * i], second);
  }
  figures.resize((figures.size() + 1) / 2);
}

}  // namespace

void QueueRecord::observe(std::chrono::nanoseconds since_start, Link::QueueState queue) {
  if (since_start.count() < 0) return;
  while (static_cast<std::size_t>(since_start / figures_.stretch) >= most_stretches) {
    halve(figures_.most_packets);
    halve(figures_.most_octets);
    figures_.stretch *= 2;
  }
  const auto index = static_cast<std::size_t>(since_start / figures_.stretch);
  if (index >= figures_.most_packets.size()) {
    figures_.most_packets.resize(index + 1);
    figures_.most_octets.resize(index + 1);
  }
  figures_.most_packets[index] = std::max(figures_.most_packets[index], queue.packets);
  figures_.most_octets[index] = std::max(figures_.most_octets[index], queue.octets);
}

}  // namespace netduel
