#include "lab/bottleneck.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace netduel {
namespace {

constexpr double default_seconds = 0.05;
constexpr double packet_octets = 1500;
constexpr double least_packets = 16;

double bits(const InLink& packet) {
  return 8.0 * packet.packet.ip_octets;
}

}  // namespace

void Bottleneck::set(const Impairment& impairment, std::chrono::nanoseconds now) {
  const auto time = static_cast<double>(now.count());
  if (!waiting_.empty() && rate_ > 0) {
    bits_left_ = std::max(0.0, bits_left_ - (time - since_) * rate_);
    since_ = time;
  }
  rate_ = impairment.bottleneck_bits_per_second.value_or(0) * 1e-9;
  limit_ = queue_limit(impairment);
  mark_ = impairment.mark;
}

bool Bottleneck::exceeds(const QueueLength& limit, std::uint64_t packets,
                         std::uint64_t octets) const {
  switch (limit.unit) {
    case QueueLength::Unit::packets:
      return packets > limit.amount;
    case QueueLength::Unit::octets:
      return octets > limit.amount;
    case QueueLength::Unit::time:
      return 8.0 * static_cast<double>(octets) / rate_ > static_cast<double>(limit.amount);
  }
  return false;
}

bool Bottleneck::enter(InLink&& packet, std::chrono::nanoseconds now) {
  const std::uint64_t octets = octets_ + packet.packet.ip_octets;
  // However small the queue, a transmitter that does nothing takes a packet.
  if (!waiting_.empty() && exceeds(limit_, waiting_.size() + 1, octets)) return false;
  // "At least as long" is "longer than one less".
  const bool long_enough =
      mark_ && !waiting_.empty() && exceeds(*mark_, waiting_.size() + 1, octets_ + 1);
  packet.marked = packet.packet.ecn_capable && long_enough;
  if (waiting_.empty()) {
    bits_left_ = bits(packet);
    since_ = static_cast<double>(now.count());
  }
  octets_ = octets;
  waiting_.push_back(std::move(packet));
  return true;
}

std::optional<std::chrono::nanoseconds> Bottleneck::next() const {
  if (waiting_.empty()) return std::nullopt;
  const double at = rate_ > 0 ? since_ + bits_left_ / rate_ : since_;
  return std::chrono::nanoseconds(std::llround(std::ceil(at)));
}

std::optional<std::chrono::nanoseconds> Bottleneck::empties_at() const {
  if (waiting_.empty()) return std::nullopt;
  if (rate_ <= 0) return next();
  const double behind = 8.0 * static_cast<double>(octets_) - bits(waiting_.front());
  return std::chrono::nanoseconds(std::llround(since_ + (bits_left_ + behind) / rate_));
}

InLink Bottleneck::take() {
  InLink first = std::move(waiting_.front());
  waiting_.pop_front();
  octets_ -= first.packet.ip_octets;
  // The next begins when this one ended, not when somebody looked.
  if (rate_ > 0) since_ += bits_left_ / rate_;
  if (!waiting_.empty()) bits_left_ = bits(waiting_.front());
  return first;
}

QueueLength queue_limit(const Impairment& impairment) {
  if (impairment.queue) return *impairment.queue;
  const double rate = impairment.bottleneck_bits_per_second.value_or(0);
  const double octets = std::max(default_seconds * rate / 8, least_packets * packet_octets);
  return {QueueLength::Unit::octets, static_cast<std::uint64_t>(octets)};
}

std::chrono::nanoseconds longest_wait(const Impairment& impairment) {
  const double rate = impairment.bottleneck_bits_per_second.value_or(0);
  const QueueLength limit = queue_limit(impairment);
  if (limit.unit == QueueLength::Unit::time) return std::chrono::nanoseconds(limit.amount);
  const double octets = limit.unit == QueueLength::Unit::octets
                            ? static_cast<double>(limit.amount)
                            : static_cast<double>(limit.amount) * packet_octets;
  return std::chrono::nanoseconds(std::llround(8e9 * octets / rate));
}

}  // namespace netduel
