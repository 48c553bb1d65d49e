#include "netduel/measure/metrics.hpp"

namespace netduel {
namespace {

std::optional<double> in_seconds(std::optional<std::chrono::nanoseconds> value) {
  if (!value) return std::nullopt;
  return std::chrono::duration<double>(*value).count();
}

}  // namespace

void describe_percentiles(Report& report, std::string_view name,
                          const DurationHistogram& histogram) {
  const Report::Scope scope(report, name);
  report.add_optional("p50", in_seconds(histogram.percentile(0.50)), "s");
  report.add_optional("p99", in_seconds(histogram.percentile(0.99)), "s");
  report.add_optional("max", in_seconds(histogram.max()), "s");
}

void Delay::merge(const Delay& other) {
  to_read_.merge(other.to_read_);
  to_arrival_.merge(other.to_arrival_);
}

Delay Delay::shifted(std::chrono::nanoseconds by) const {
  Delay result;
  result.to_read_ = to_read_.shifted(by);
  result.to_arrival_ = to_arrival_.shifted(by);
  return result;
}

void Delay::Delays::merge(const Delays& other) {
  all.merge(other.all);
  below_zero.merge(other.below_zero);
}

Delay::Delays Delay::Delays::shifted(std::chrono::nanoseconds by) const {
  Delays result;
  using std::chrono::nanoseconds;
  all.for_each([&](nanoseconds delay, std::uint64_t times) { result.record(delay + by, times); });
  below_zero.for_each(
      [&](nanoseconds early, std::uint64_t times) { result.record(by - early, times); });
  return result;
}

void Delay::describe(Report& report) const {
  describe_percentiles(report, "delay_seconds", to_read());
  describe_percentiles(report, "arrival_delay_seconds", to_arrival());
}

}  // namespace netduel
