// Random networks before a random host: whatever they do to a stream, the truth must lie within
// the ledger's bounds.

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "measure/printing.hpp"
#include "netduel/measure/ledger.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

struct Conditions {
  SuperPacketSize size{1, 1};
  double loss = 0;
  double duplication = 0;
  double reordering = 0;
  double damage = 0;   ///< a message at a time: the checksum no longer fits
  double foreign = 0;  ///< datagrams of somebody else, each as much as one of ours
  double overflow = 0;
  bool counters_known = true;
  std::uint64_t window_span = 1024;  ///< small enough that some arrivals are stale
};

/// A run of numbers that travel and are dropped as one.
struct Packet {
  double when = 0;
  std::uint64_t first = 0;
  std::uint64_t messages = 0;
  bool damaged = false;
  bool foreign = false;
};

class Simulation {
 public:
  Simulation(const Conditions& conditions, unsigned seed) : is_(conditions), random_(seed) {
    std::vector<Packet> packets = send();
    std::stable_sort(packets.begin(), packets.end(),
                     [](const Packet& a, const Packet& b) { return a.when < b.when; });
    for (const Packet& packet : packets) arrive(packet);
    close();
  }

  Ledger ledger;
  std::uint64_t dropped_in_host = 0;
  std::uint64_t missing = 0;

 private:
  bool happens(double probability) {
    return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
  }

  std::vector<Packet> send() {
    std::uniform_int_distribution<std::uint32_t> size(is_.size.smallest, is_.size.largest);
    std::exponential_distribution<double> detour(0.3);
    std::vector<Packet> packets;
    for (int n = 0; n < 1000; ++n) {
      const Packet packet{static_cast<double>(n), sent_, size(random_)};
      sent_ += packet.messages;
      if (happens(is_.foreign)) packets.push_back({packet.when, 0, 1, false, true});
      if (happens(is_.loss)) continue;
      for (int copies = happens(is_.duplication) ? 2 : 1; copies > 0; --copies) {
        packets.push_back(packet);
        if (happens(is_.reordering)) packets.back().when += detour(random_);
        packets.back().damaged = packet.messages == 1 && happens(is_.damage);
      }
    }
    return packets;
  }

  void arrive(const Packet& packet) {
    if (happens(0.3)) overflowing_ = happens(is_.overflow);
    if (packet.damaged) {
      ++counter_;
      ++checksum_errors_;
    } else if (overflowing_) {
      ++counter_;
      ++buffer_errors_;
      if (packet.foreign) return;
      for (std::uint64_t n = 0; n < packet.messages; ++n) dropped_.insert(packet.first + n);
    } else if (packet.foreign) {
      ++receiver_.foreign;
    } else {
      for (std::uint64_t n = 0; n < packet.messages; ++n) read(packet.first + n);
    }
  }

  void read(std::uint64_t sequence) {
    const Placement placement = window_.place(sequence);
    meter_.observe({.sequence = sequence}, placement);
    receiver_.drop_gaps.observe(placement, counter_);
    delivered_.insert(sequence);
  }

  void close() {
    receiver_.unique = meter_.get<Loss>().unique();
    receiver_.stale = meter_.get<Loss>().stale();
    receiver_.duplicates = meter_.get<Duplication>().duplicates();
    receiver_.reordered = meter_.get<Reordering>().reordered();
    receiver_.next_expected = window_.next_expected();
    receiver_.drops_known = true;
    receiver_.drop_gaps.close(sent_ - window_.next_expected(), counter_);
    missing = sent_ - delivered_.size();
    for (const std::uint64_t sequence : dropped_) dropped_in_host += 1 - delivered_.count(sequence);
    HostCounters host{.checksum_errors = checksum_errors_};
    if (is_.counters_known) host.receive_buffer_errors = buffer_errors_;
    ledger = close_ledger({.offered = sent_, .sent = sent_, .super_packets = is_.size}, receiver_,
                          {.host = host});
  }

  Conditions is_;
  std::mt19937_64 random_;
  std::uint64_t sent_ = 0;
  std::uint32_t counter_ = 0;
  bool overflowing_ = false;
  std::uint64_t checksum_errors_ = 0;
  std::uint64_t buffer_errors_ = 0;
  SequenceWindow window_{0, is_.window_span};
  Meter<Loss, Duplication, Reordering> meter_;
  ReceiverCounts receiver_;
  std::set<std::uint64_t> dropped_;
  std::set<std::uint64_t> delivered_;
};

TEST_CASE("the truth lies within the ledger's bounds whatever happens to a stream", "[ledger]") {
  Conditions conditions;
  conditions.size =
      GENERATE(SuperPacketSize{1, 1}, SuperPacketSize{1, 16}, SuperPacketSize{40, 40});
  conditions.loss = GENERATE(0.0, 0.1);
  conditions.overflow = GENERATE(0.0, 0.02, 0.6);
  conditions.duplication = GENERATE(0.0, 0.1);
  conditions.reordering = GENERATE(0.0, 0.2);
  conditions.damage = GENERATE(0.0, 0.05);
  conditions.foreign = GENERATE(0.0, 0.1);
  conditions.counters_known = GENERATE(true, false);
  const auto seed = GENERATE(41U, 42U);
  CAPTURE(seed, conditions.size.smallest, conditions.size.largest, conditions.loss,
          conditions.overflow, conditions.duplication, conditions.reordering, conditions.damage,
          conditions.foreign, conditions.counters_known);

  const Simulation run(conditions, seed);
  const Bounds in_host = run.ledger.lost_in_host.value();
  const Bounds elsewhere = run.ledger.lost_elsewhere.value();
  CAPTURE(in_host, elsewhere, run.dropped_in_host, run.missing);
  CHECK(in_host.low <= run.dropped_in_host);
  CHECK(run.dropped_in_host <= in_host.high);
  CHECK(elsewhere.low <= run.missing - run.dropped_in_host);
  CHECK(run.missing - run.dropped_in_host <= elsewhere.high);
  CHECK(run.ledger.balanced());
}

TEST_CASE("the ledger is exact where only the host drops, or only the network loses", "[ledger]") {
  const auto size = GENERATE(SuperPacketSize{1, 1}, SuperPacketSize{40, 40});
  const auto seed = GENERATE(51U, 52U, 53U);
  CAPTURE(size.smallest, seed);
  const Simulation host({.size = size, .overflow = 0.5}, seed);
  CHECK(host.missing > 0);
  CHECK(host.ledger.lost_in_host == Bounds{host.missing, host.missing});
  CHECK(host.ledger.lost_elsewhere == Bounds{0, 0});
  const Simulation network(
      {.size = size, .loss = 0.1, .reordering = 0.1, .window_span = SequenceWindow::default_span},
      seed);
  CHECK(network.missing > 0);
  CHECK(network.ledger.lost_in_host == Bounds{0, 0});
  CHECK(network.ledger.lost_elsewhere == Bounds{network.missing, network.missing});
}

}  // namespace
}  // namespace netduel
