#include "netduel/measure/metrics.hpp"

namespace netduel {

void Throughput::start(const Arrival& arrival) {
  first_sent_ = arrival.sent;
  first_read_ = arrival.read_at;
  last_read_ = arrival.read_at;
}

std::chrono::nanoseconds Throughput::duration() const {
  if (!first_sent_) return std::chrono::nanoseconds::zero();
  return *last_read_ - *first_sent_;
}

std::optional<double> Throughput::goodput_bits_per_second() const {
  const std::chrono::duration<double> seconds = duration();
  if (seconds.count() <= 0) return std::nullopt;
  return static_cast<double>(unique_octets_) * 8 / seconds.count();
}

void Throughput::describe(Report& report) const {
  std::optional<double> seconds;
  if (first_sent_ && duration().count() >= 0)
    seconds = std::chrono::duration<double>(duration()).count();
  report.add("delivered_octets", unique_octets_, "octets");
  report.add_optional("duration_seconds", seconds, "s");
  report.add_optional("goodput_bits_per_second", goodput_bits_per_second(), "bit/s");
}

}  // namespace netduel
