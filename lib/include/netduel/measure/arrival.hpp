#pragma once

#include <concepts>
#include <cstdint>
#include <tuple>
#include <utility>

#include "netduel/base/report.hpp"
#include "netduel/base/time.hpp"

namespace netduel {

/// The library's own: takes the figures of finished metrics to another host.
struct MeterArchive;

/// One observation (a singleton, RFC 2330 section 11): which probe, how many octets of payload,
/// when it was due or sent, when it arrived and when the application had read it.
struct Arrival {
  std::uint64_t sequence = 0;
  std::uint32_t octets = 0;
  WallTime sent{};
  WallTime arrived{};
  WallTime read_at{};
};

/// Where an arrival stands among those before it (RFC 4737, section 3.3, duplicates set apart
/// first as its section 3.6 asks).
enum class Order : std::uint8_t {
  in_order,   ///< the number that was expected next
  gap,        ///< larger than expected: numbers were left out, by loss or by reordering
  reordered,  ///< smaller than expected and not seen before
  duplicate,  ///< seen before
  stale       ///< so far back that the window can't tell a late first arrival from a duplicate
};

/// Whether an arrival counts as a message delivered. A stale one doesn't: it may be a duplicate.
constexpr bool is_unique(Order order) {
  return order == Order::in_order || order == Order::gap || order == Order::reordered;
}

/// What SequenceWindow::place says of one arrival.
struct Placement {
  Order order = Order::in_order;
  /// In numbers. gap: how many were left out. reordered, duplicate, stale: how far back from the
  /// number expected next. in_order: 0.
  std::uint64_t distance = 0;
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// A figure's recipe: sees every arrival with the one placement that all metrics share, and
/// describes itself as rows. Time is in its arguments; it reads no clock and prints nothing.
template <class M>
concept Metric = requires(M metric, const M& finished, const Arrival& arrival, Placement placement,
                          Report& report) {
  metric.observe(arrival, placement);
  finished.describe(report);
};

/// Metrics that observe the same arrivals, in the order in which they were read; each type once.
/// One meter, and one SequenceWindow, per source and stream. Not thread-safe.
template <Metric... Metrics>
class Meter {
 public:
  /// Each metric as its default makes it, or as it is given.
  Meter() = default;
  explicit Meter(Metrics... metrics) : metrics_(std::move(metrics)...) {}

  void observe(const Arrival& arrival, Placement placement) {
    std::apply([&](auto&... metric) { (metric.observe(arrival, placement), ...); }, metrics_);
  }
  /// The rows of each metric in turn, below the report's scope.
  void describe(Report& report) const {
    std::apply([&](const auto&... metric) { (metric.describe(report), ...); }, metrics_);
  }
  /// Nothing more comes of a stream whose last number is the one before `end`: tells those metrics
  /// that want to know.
  void finish(std::uint64_t end) {
    const auto tell = [end](auto& metric) {
      if constexpr (requires { metric.finish(end); }) metric.finish(end);
    };
    std::apply([&](auto&... metric) { (tell(metric), ...); }, metrics_);
  }
  /// One of the metrics, by its type.
  template <Metric M>
  const M& get() const {
    return std::get<M>(metrics_);
  }

 private:
  friend struct MeterArchive;

  std::tuple<Metrics...> metrics_;
};

}  // namespace netduel
