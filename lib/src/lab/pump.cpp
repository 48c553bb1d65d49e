#include "lab/pump.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "netduel/base/units.hpp"
#include "os/wall_offset.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

/// So many frames of one side in a turn, then the other side has its own.
constexpr std::size_t frames_in_a_turn = 64;
constexpr Time late = std::chrono::milliseconds(1);
constexpr Time very_late = std::chrono::milliseconds(5);

Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

Offload to_offload(const os::VirtioHeader& header) {
  Offload offload;
  offload.partial_checksum = (header.flags & os::VirtioHeader::needs_checksum) != 0;
  offload.checksum_from = header.checksum_from;
  offload.checksum_at = static_cast<std::uint16_t>(header.checksum_from + header.checksum_offset);
  const auto kind = header.segments & ~os::VirtioHeader::ecn;
  if (kind == os::VirtioHeader::tcp_v4 || kind == os::VirtioHeader::tcp_v6) {
    offload.segments = Offload::Segments::tcp;
  } else if (kind == os::VirtioHeader::udp) {
    offload.segments = Offload::Segments::udp;
  }
  offload.segment_octets = header.segment_octets;
  offload.header_octets = header.header_octets;
  return offload;
}

/// Of a frame that is no super-packet.
os::VirtioHeader to_virtio(const Offload& offload) {
  os::VirtioHeader header;
  if (!offload.partial_checksum) return header;
  header.flags = os::VirtioHeader::needs_checksum;
  header.checksum_from = offload.checksum_from;
  header.checksum_offset = static_cast<std::uint16_t>(offload.checksum_at - offload.checksum_from);
  return header;
}

void count_drop(LinkCounts& counts, Dropped why, std::uint64_t packets) {
  switch (why) {
    case Dropped::loss:
      counts.dropped_loss += packets;
      break;
    case Dropped::queue:
      counts.dropped_queue += packets;
      break;
    case Dropped::down:
      counts.dropped_down += packets;
      break;
  }
}

std::string_view name_of(Dropped why) {
  switch (why) {
    case Dropped::loss:
      return "lost";
    case Dropped::queue:
      return "dropped, the queue was full";
    case Dropped::down:
      return "dropped, the link was down";
  }
  return "";
}

std::string fate_in_words(const Entered& entered) {
  if (entered.dropped) return std::string(name_of(*entered.dropped));
  std::string text = "came";
  if (entered.fate.duplicated) text += ", is duplicated";
  if (entered.fate.held_back) text += ", is held back";
  if (entered.fate.flip || entered.fate.swap) text += ", is corrupted";
  return text;
}

std::string leaving_in_words(const Leaving& leaving, bool corrupted, Time now) {
  std::string text =
      fmt::format("left after {}",
                  format_duration(std::chrono::duration<double>(now - leaving.entered).count()));
  if (leaving.copy) text += ", copy";
  if (corrupted) text += ", corrupted";
  if (leaving.marked) text += ", marked CE";
  if (leaving.reordered) text += ", reordered";
  return text;
}

bool does_nothing(const LabSpec& spec, Direction direction) {
  const auto concerns = [&](const Change& change) { return change.direction == direction; };
  return spec.of(direction) == Impairment{} && std::ranges::none_of(spec.changes, concerns);
}

bool harms_neighbour_discovery(const LabSpec& spec, Direction direction) {
  return spec.of(direction).includes_neighbour_discovery;
}

}  // namespace

Pump::Way::Way(const LabSpec& spec, Direction of)
    : direction(of),
      link(spec, of),
      clean(does_nothing(spec, of)),
      singles(spec.needs_single_packets(of)),
      harms_neighbour_discovery(netduel::harms_neighbour_discovery(spec, of)) {}

Pump::Pump(const LabSpec& spec, os::PacketRing side_of_a, os::PacketRing side_of_b,
           std::optional<Capture> capture)
    : spec_(spec),
      sides_{std::move(side_of_a), std::move(side_of_b)},
      capture_(std::move(capture)),
      ways_{Way(spec, Direction::a_to_b), Way(spec, Direction::b_to_a)},
      started_(monotonic_now()),
      wall_offset_(os::wall_minus_monotonic()) {}

void Pump::run_turn() {
  bool busy = false;
  std::optional<Time> next;
  {
    const std::lock_guard lock(books_);
    wall_offset_ = os::wall_minus_monotonic_at_once().value_or(wall_offset_);
    const Time now = monotonic_now();
    for (Way& way : ways_) busy = take(way, now) || busy;
    for (Way& way : ways_) {
      busy = give(way, monotonic_now()) || busy;
      const auto event = way.link.next_event();
      if (event) next = std::min(next.value_or(*event), *event);
    }
  }
  if (busy) return;
  const Time pause = next ? *next - monotonic_now() : Time(std::chrono::seconds(1));
  if (pause.count() > 0) os::wait_for_frames(sides_[0], sides_[1], pause);
}

void Pump::restart_script() {
  const std::lock_guard lock(books_);
  for (Way& way : ways_) {
    way.last_entered = std::max(way.last_entered, monotonic_now());
    way.link.restart_script(way.last_entered);
  }
}

bool Pump::take(Way& way, Time now) {
  os::PacketRing& ring = from(way.direction);
  std::size_t taken = 0;
  while (taken < frames_in_a_turn) {
    const auto incoming = ring.next();
    if (!incoming) break;
    ++taken;
    // The kernel's stamp, unless the wall clock was set meanwhile.
    const Time came = incoming->came.time_since_epoch() - wall_offset_;
    // It may have come since the turn began, above all where this thread had no processor.
    if (came > now) now = monotonic_now();
    way.last_entered = std::clamp(came, way.last_entered, std::max(way.last_entered, now));
    take_one(way, *incoming, way.last_entered);
  }
  if (taken == 0) return false;
  flush(way);
  ring.release();
  return true;
}

void Pump::take_one(Way& way, const os::PacketRing::Incoming& incoming, Time came) {
  const auto headers = read_headers(incoming.frame);
  if (!headers) return;
  const Offload offload = to_offload(incoming.offload);
  const Segmenter segments(incoming.frame, *headers, offload);
  const auto packets = static_cast<std::uint32_t>(segments.count());
  const std::size_t flow = flows_.find(*headers, way.direction);
  Flow::Way& books = flows_[flow].way(way.direction);
  books.counts.packets_in += packets;
  books.counts.octets_in += segments.ip_octets();
  if (headers->protocol == Protocol::tcp && !headers->is_fragment) {
    const bool late_one = books.order.observe(headers->tcp_sequence, headers->tcp_sequence_length);
    books.counts.arrived_out_of_order =
        books.counts.arrived_out_of_order.value_or(0) + (late_one ? packets : 0);
  }
  const bool unharmed = headers->is_neighbour_discovery && !way.harms_neighbour_discovery;
  if (way.clean || unharmed) {
    const std::uint64_t number = books.packets + 1;
    books.packets += packets;
    books.counts.forwarded += packets;
    outgoing_.push_back({incoming.offload, incoming.frame});
    if (!capture_) return;
    const Content seen{{incoming.frame.begin(), incoming.frame.end()}, *headers, offload, {}};
    record(way, false, came, seen, flow, number, "came");
    record(way, true, monotonic_now(), seen, flow, number, "left");
    return;
  }
  if (!way.singles) {
    auto content = std::make_shared<Content>();
    content->frame.assign(incoming.frame.begin(), incoming.frame.end());
    content->headers = *headers;
    content->offload = offload;
    content->virtio = incoming.offload;
    enter(way, flow, std::move(content), packets, segments.ip_octets(), came);
    return;
  }
  for (std::size_t n = 0; n < packets; ++n) {
    auto content = std::make_shared<Content>();
    content->frame.resize(segments.frame_octets(n));
    segments.write(n, content->frame);
    content->headers = packets > 1 ? *read_headers(content->frame) : *headers;
    content->offload = segments.offload();
    content->virtio = to_virtio(content->offload);
    const std::size_t ip_octets = content->headers.ip_octets;
    enter(way, flow, std::move(content), 1, ip_octets, came);
  }
}

void Pump::enter(Way& way, std::size_t flow, std::shared_ptr<Content> content,
                 std::uint32_t packets, std::size_t ip_octets, Time came) {
  Flow& of = flows_[flow];
  Flow::Way& books = of.way(way.direction);
  LinkPacket packet;
  packet.name = {.flow = of.ordinal, .number = books.packets + 1};
  packet.flow_index = flow;
  packet.ip_octets = static_cast<std::uint32_t>(ip_octets);
  packet.ecn_capable = content->headers.ecn != 0;
  packet.packets = packets;
  packet.content = content;
  books.packets += packets;
  const Entered entered = way.link.enter(std::move(packet), came);
  if (entered.dropped) count_drop(books.counts, *entered.dropped, packets);
  if (entered.fate.duplicated) ++books.counts.duplicated;
  count_late_drops(way);
  way.queue.observe(came - started_, way.link.queue());
  if (capture_) {
    record(way, false, came, *content, flow, books.packets + 1 - packets, fate_in_words(entered));
  }
}

void Pump::count_late_drops(Way& way) {
  for (const auto& drop : way.link.take_late_drops()) {
    LinkCounts& counts = flows_[drop.packet.flow_index].way(way.direction).counts;
    count_drop(counts, Dropped::queue, drop.packet.packets);
    if (!capture_) continue;
    const auto& content = *static_cast<const Content*>(drop.packet.content.get());
    record(way, false, drop.entered, content, drop.packet.flow_index, drop.packet.name.number,
           drop.copy ? "the copy was dropped, the queue was full"
                     : "dropped later, the queue was full");
  }
}

bool Pump::give(Way& way, Time now) {
  if (way.clean) return false;
  const auto due = way.link.advance(std::max(now, way.last_entered));
  way.last_entered = std::max(now, way.last_entered);
  count_late_drops(way);
  for (const Leaving& leaving : due) leave(way, leaving, now);
  flush(way);
  return !due.empty();
}

void Pump::leave(Way& way, const Leaving& leaving, Time now) {
  auto content = std::static_pointer_cast<const Content>(leaving.packet.content);
  LinkCounts& counts = flows_[leaving.packet.flow_index].way(way.direction).counts;
  bool corrupted = false;
  if (leaving.flip || leaving.swap || leaving.marked) {
    // Its copy may still be in the link.
    auto changed = std::make_shared<Content>(*content);
    if (leaving.marked) mark_congestion(changed->frame, changed->headers);
    if (leaving.flip || leaving.swap) {
      // Else whoever fills in the checksum would sign what was changed.
      complete_checksum(changed->frame, changed->offload);
      changed->virtio = {};
    }
    if (leaving.swap) corrupted = swap_words(changed->frame, changed->headers, *leaving.swap);
    if (leaving.flip) {
      corrupted = flip_bit(changed->frame, changed->headers, *leaving.flip) || corrupted;
    }
    content = std::move(changed);
  }
  counts.forwarded += leaving.packet.packets;
  counts.marked += leaving.marked ? leaving.packet.packets : 0;
  counts.corrupted += corrupted ? 1 : 0;
  counts.reordered += leaving.reordered ? leaving.packet.packets : 0;
  way.left_late += now - leaving.due > late ? leaving.packet.packets : 0;
  way.left_very_late += now - leaving.due > very_late ? leaving.packet.packets : 0;
  way.latest = std::max(way.latest, now - leaving.due);
  if (capture_) {
    record(way, true, now, *content, leaving.packet.flow_index, leaving.packet.name.number,
           leaving_in_words(leaving, corrupted, now));
  }
  outgoing_.push_back({content->virtio, content->frame});
  leaving_.push_back(std::move(content));
}

void Pump::flush(Way& way) {
  if (outgoing_.empty()) return;
  way.refused += towards(way.direction).send(outgoing_);
  outgoing_.clear();
  leaving_.clear();
}

void Pump::record(Way& way, bool leaving, Time at, const Content& content, std::size_t flow,
                  std::uint64_t number, std::string_view fate) {
  const Flow& of = flows_[flow];
  capture_->add({.direction = way.direction,
                 .leaving = leaving,
                 .at = WallTime(at + wall_offset_),
                 .flow = fmt::format("{} flow {}", name_of(of.protocol), of.ordinal),
                 .number = number,
                 .fate = fate},
                content.frame, content.headers, content.offload);
}

DirectionTruth Pump::truth_of(Way& way) {
  DirectionTruth truth;
  for (const Flow& flow : flows_.all()) {
    LinkCounts counts = flow.way(way.direction).counts;
    if (counts.packets_in == 0) continue;
    counts.held_at_the_end = counts.packets_in + counts.duplicated - counts.forwarded -
                             counts.dropped_loss - counts.dropped_queue - counts.dropped_down;
    truth.all += counts;
    if (flow.protocol == Protocol::udp) truth.udp += counts;
    if (flow.protocol == Protocol::tcp) truth.tcp += counts;
    const bool up = way.direction == Direction::a_to_b;
    truth.flows.push_back({std::string(name_of(flow.protocol)), flow.ordinal,
                           up ? flow.of_a : flow.of_b, up ? flow.of_b : flow.of_a, counts});
  }
  truth.queue = way.queue.figures();
  truth.missed_by_the_lab = way.refused + from(way.direction).missed();
  truth.left_late = way.left_late;
  truth.left_very_late = way.left_very_late;
  truth.latest = way.latest;
  return truth;
}

Truth Pump::truth() {
  const std::lock_guard lock(books_);
  Truth truth;
  truth.spec = spec_;
  truth.a_to_b = truth_of(way(Direction::a_to_b));
  truth.b_to_a = truth_of(way(Direction::b_to_a));
  truth.duration = monotonic_now() - started_;
  return truth;
}

std::chrono::nanoseconds Pump::queueing_time(Direction direction) {
  const std::lock_guard lock(books_);
  return way(direction).link.queueing_time(monotonic_now());
}

bool Pump::close_capture() {
  const std::lock_guard lock(books_);
  return !capture_ || capture_->close();
}

}  // namespace netduel
