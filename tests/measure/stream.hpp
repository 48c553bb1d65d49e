#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "netduel/measure/metrics.hpp"
#include "netduel/measure/sequence_window.hpp"

namespace netduel::test {

/// A receiving end: one window, one meter. Messages of 1000 octets are read 10 ms apart, each
/// 3 ms after its `sent` and 1 ms after its arrival.
struct Stream {
  explicit Stream(std::uint64_t first = 0, std::uint64_t span = SequenceWindow::default_span)
      : window(first, span) {}

  Placement read(std::uint64_t sequence) {
    using std::chrono::milliseconds;
    now += milliseconds{10};
    const Placement placement = window.place(sequence);
    meter.observe({.sequence = sequence,
                   .octets = 1000,
                   .sent = now - milliseconds{3},
                   .arrived = now - milliseconds{1},
                   .read_at = now},
                  placement);
    return placement;
  }
  void read(std::initializer_list<std::uint64_t> sequences) {
    for (const std::uint64_t sequence : sequences) read(sequence);
  }
  template <class Metric>
  const Metric& get() const {
    return meter.get<Metric>();
  }

  SequenceWindow window;
  StreamMeter meter;
  WallTime now{};
};

}  // namespace netduel::test
