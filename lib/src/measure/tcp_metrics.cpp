#include "netduel/measure/tcp_metrics.hpp"

namespace netduel {
namespace {

std::optional<double> ratio(double part, double whole) {
  if (!(whole > 0)) return std::nullopt;
  return part / whole;
}

}  // namespace

std::optional<double> tcp_transfer_time_ratio(std::chrono::nanoseconds actual, std::uint64_t octets,
                                              double achievable_bits_per_second) {
  const auto ideal = ratio(8 * static_cast<double>(octets), achievable_bits_per_second);
  return ratio(std::chrono::duration<double>(actual).count(), ideal.value_or(0));
}

std::optional<double> tcp_efficiency(std::uint64_t octets_sent, std::uint64_t octets_sent_again) {
  const auto sent = static_cast<double>(octets_sent);
  return ratio(sent - static_cast<double>(octets_sent_again), sent);
}

std::optional<double> buffer_delay(std::chrono::nanoseconds mean_round_trip,
                                   std::chrono::nanoseconds base_round_trip) {
  return ratio(static_cast<double>((mean_round_trip - base_round_trip).count()),
               static_cast<double>(base_round_trip.count()));
}

}  // namespace netduel
