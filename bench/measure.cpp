// What accounting one message costs: placing it, all metrics of a trial's meter, and the tying of
// gaps to drops, as the receiving loop does; then each part alone. Run by bench/measure.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <cxxabi.h>

#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/drop_gaps.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/sequence_window.hpp"

namespace {

using namespace netduel;
using std::chrono::nanoseconds;

/// A lap is 16 384 numbers, few enough to stay in the processor's cache, like a buffer just read.
constexpr std::uint64_t lap_numbers = 1 << 14;
constexpr double share = 0.01;
constexpr int farthest_late = 64;
constexpr nanoseconds between_messages{100};

struct Template {
  std::uint32_t sequence;
  std::uint32_t delay;
  std::uint32_t wait;
};

/// Delays of some 30 us to 3 ms, and up to 20 us until they are read.
std::vector<Template> in_order_lap(std::mt19937& random) {
  std::lognormal_distribution<double> delay(12.5, 0.8);
  std::vector<Template> lap;
  for (std::uint32_t n = 0; n < lap_numbers; ++n) {
    lap.push_back({n, static_cast<std::uint32_t>(delay(random)),
                   static_cast<std::uint32_t>(random() % 20'000)});
  }
  return lap;
}

using Change = void (*)(std::vector<Template>&, std::mt19937&);

bool one_in_hundred(std::mt19937& random) {
  return std::uniform_real_distribution<>()(random) < share;
}

void none(std::vector<Template>&, std::mt19937&) {}

void lose(std::vector<Template>& lap, std::mt19937& random) {
  std::erase_if(lap, [&](const Template&) { return one_in_hundred(random); });
}

/// Moves one up to 64 places back.
void reorder(std::vector<Template>& lap, std::mt19937& random) {
  for (auto at = lap.begin(); lap.end() - at > farthest_late; ++at) {
    if (!one_in_hundred(random)) continue;
    std::rotate(at, at + 1, at + 2 + static_cast<int>(random() % (farthest_late - 1)));
  }
}

void duplicate(std::vector<Template>& lap, std::mt19937& random) {
  std::vector<Template> with_duplicates;
  for (const Template& one : lap) {
    with_duplicates.push_back(one);
    if (one_in_hundred(random)) with_duplicates.push_back(one);
  }
  lap = std::move(with_duplicates);
}

/// An endless stream: lap after lap of one pattern, with the placements that it has.
class Stream {
 public:
  explicit Stream(Change change) {
    std::mt19937 random(1);
    lap_ = in_order_lap(random);
    change(lap_, random);
    SequenceWindow window;
    for (int lap = 0; lap < 2; ++lap) {
      placements_.clear();
      for (const Template& one : lap_) {
        placements_.push_back(window.place(one.sequence + lap * lap_numbers));
      }
    }
  }

  std::size_t size() const { return lap_.size(); }
  Arrival arrival(std::size_t n) const {
    const Template& one = lap_[n];
    const std::uint64_t sequence = first_ + one.sequence;
    const WallTime sent(sequence * between_messages);
    const WallTime arrived = sent + nanoseconds(one.delay);
    return {.sequence = sequence,
            .octets = 64,
            .sent = sent,
            .arrived = arrived,
            .read_at = arrived + nanoseconds(one.wait)};
  }
  Placement placement(std::size_t n) const { return placements_[n]; }
  void next_lap() { first_ += lap_numbers; }

 private:
  std::vector<Template> lap_;
  std::vector<Placement> placements_;
  std::uint64_t first_ = 0;
};

/// Runs `account(stream, n)` for message after message; the time is that of one.
template <class Account>
void over_messages(benchmark::State& state, Change change, Account account) {
  Stream stream(change);
  for (auto _ : state) {
    for (std::size_t n = 0; n < stream.size(); ++n) account(stream, n);
    stream.next_lap();
  }
  const auto messages =
      static_cast<double>(state.iterations()) * static_cast<double>(stream.size());
  state.counters["per_message"] =
      benchmark::Counter(messages, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// As ReceivingLoop::observe does with a message that is sound.
void everything(benchmark::State& state, Change change) {
  SequenceWindow window;
  StreamMeter meter;
  DropGaps gaps;
  over_messages(state, change, [&](const Stream& stream, std::size_t n) {
    const Arrival arrival = stream.arrival(n);
    const Placement placement = window.place(arrival.sequence);
    meter.observe(arrival, placement);
    gaps.observe(placement, 0);
  });
  benchmark::DoNotOptimize(meter);
  benchmark::DoNotOptimize(gaps);
}

void placing(benchmark::State& state, Change change) {
  SequenceWindow window;
  over_messages(state, change, [&](const Stream& stream, std::size_t n) {
    benchmark::DoNotOptimize(window.place(stream.arrival(n).sequence));
  });
}

/// What there is to every row: making up the message and looking up its placement.
void harness(benchmark::State& state, Change change) {
  over_messages(state, change, [&](const Stream& stream, std::size_t n) {
    benchmark::DoNotOptimize(stream.arrival(n));
    benchmark::DoNotOptimize(stream.placement(n));
  });
}

template <Metric M>
void alone(benchmark::State& state, Change change) {
  M metric;
  over_messages(state, change, [&](const Stream& stream, std::size_t n) {
    metric.observe(stream.arrival(n), stream.placement(n));
    benchmark::ClobberMemory();
  });
  benchmark::DoNotOptimize(metric);
}

constexpr std::pair<const char*, Change> streams[] = {{"in_order", none},
                                                      {"loss_1%", lose},
                                                      {"reordering_1%", reorder},
                                                      {"duplicates_1%", duplicate}};

void add(const std::string& name, void (*run)(benchmark::State&, Change)) {
  for (const auto& [stream, change] : streams) {
    benchmark::RegisterBenchmark((name + "/" + stream).c_str(), run, change);
  }
}

template <Metric M>
void add_alone() {
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(typeid(M).name(), nullptr, nullptr, nullptr), &std::free);
  const std::string full = name.get();
  add("alone/" + full.substr(full.rfind(':') + 1), alone<M>);
}

template <class M, class Meter>
struct Has;
template <class M, class... Metrics>
struct Has<M, Meter<Metrics...>> : std::disjunction<std::is_same<M, Metrics>...> {};

/// The metrics of a trial are those of its type, so that one added there is measured here.
template <class... Metrics>
void add_each(std::type_identity<Meter<Metrics...>>) {
  (add_alone<Metrics>(), ...);
}

template <Metric M>
void add_unless_in_the_meter() {
  if constexpr (!Has<M, StreamMeter>::value) add_alone<M>();
}

const bool added = [] {
  add("everything", everything);
  add("placing", placing);
  add_each(std::type_identity<StreamMeter>{});
  add_unless_in_the_meter<LossPeriods>();
  add_unless_in_the_meter<DelayVariation>();
  add("harness", harness);
  return true;
}();

}  // namespace
