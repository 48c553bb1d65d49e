#include "lab/way.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "netduel/base/units.hpp"
#include "os/wall_offset.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

/// So many frames of one ring in a turn, then the others have their own.
constexpr std::size_t frames_in_a_turn = 64;
constexpr Time late = std::chrono::milliseconds(1);
constexpr Time very_late = std::chrono::milliseconds(5);

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

std::shared_ptr<const Content> segment(const Segmenter& segments, std::size_t number,
                                       const PacketHeaders& of_all) {
  auto content = std::make_shared<Content>();
  content->frame.resize(segments.frame_octets(number));
  segments.write(number, content->frame);
  content->headers = segments.count() > 1 ? *read_headers(content->frame) : of_all;
  content->offload = segments.offload();
  content->virtio = to_virtio(content->offload);
  return content;
}

/// As it leaves: with what was done to it.
std::shared_ptr<const Content> changed(const std::shared_ptr<const Content>& content,
                                       const Leaving& leaving, bool& corrupted) {
  if (!leaving.flip && !leaving.swap && !leaving.marked) return content;
  // Its copy may still be in the link.
  auto made = std::make_shared<Content>(*content);
  if (leaving.marked) mark_congestion(made->frame, made->headers);
  if (leaving.flip || leaving.swap) {
    // Else whoever fills in the checksum would sign what was changed.
    complete_checksum(made->frame, made->offload);
    made->virtio = {};
  }
  if (leaving.swap) corrupted = swap_words(made->frame, made->headers, *leaving.swap);
  if (leaving.flip) corrupted = flip_bit(made->frame, made->headers, *leaving.flip) || corrupted;
  return made;
}

}  // namespace

Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

const std::shared_ptr<const Content>& Passing::keep() {
  if (!content) {
    auto made = std::make_shared<Content>();
    made->frame.assign(frame.begin(), frame.end());
    made->headers = headers;
    made->offload = offload;
    made->virtio = virtio;
    content = std::move(made);
  }
  return content;
}

LabBooks::LabBooks(std::optional<Capture> to)
    : capture(std::move(to)), started(monotonic_now()), wall_offset(os::wall_minus_monotonic()) {}

void LabBooks::read_clocks() {
  wall_offset = os::wall_minus_monotonic_at_once().value_or(wall_offset);
}

Way::Way(const LabSpec& spec, Direction direction, FlowTable& flows, LabBooks& books, Exit& exit,
         Shown shown, bool spares_membership)
    : direction_(direction),
      flows_(flows),
      books_(books),
      exit_(exit),
      shown_(std::move(shown)),
      link_(spec, direction),
      clean_(does_nothing(spec, direction)),
      singles_(spec.needs_single_packets(direction)),
      harms_neighbour_discovery_(spec.of(direction).includes_neighbour_discovery),
      spares_membership_(spares_membership) {}

void Way::restart_script(Time now) {
  last_entered_ = std::max(last_entered_, now);
  link_.restart_script(last_entered_);
}

void Way::enter(Passing& frame, Time at) {
  const Time came = last_entered_ = std::max(last_entered_, at);
  const PacketHeaders& headers = frame.headers;
  const Segmenter segments(frame.frame, headers, frame.offload);
  const auto packets = static_cast<std::uint32_t>(segments.count());
  const std::size_t flow = flows_.find(headers, direction_);
  Flow::Way& books = flows_[flow].way(direction_);
  books.counts.packets_in += packets;
  books.counts.octets_in += segments.ip_octets();
  if (headers.protocol == Protocol::tcp && !headers.is_fragment) {
    const bool late_one = books.order.observe(headers.tcp_sequence, headers.tcp_sequence_length);
    books.counts.arrived_out_of_order =
        books.counts.arrived_out_of_order.value_or(0) + (late_one ? packets : 0);
  }
  const bool unharmed =
      !harms_neighbour_discovery_ &&
      (headers.is_neighbour_discovery || (spares_membership_ && headers.is_group_membership));
  if (clean_ || unharmed) {
    const std::uint64_t number = books.packets + 1;
    books.packets += packets;
    books.counts.forwarded += packets;
    if (books_.capture) {
      const Content& seen = *frame.keep();
      show(shown_.coming, came, seen, flow, number, "came");
      show(shown_.leaving, monotonic_now(), seen, flow, number, "left");
    }
    exit_.take(frame, came);
    return;
  }
  if (!singles_ || frame.offload.segments == Offload::Segments::none) {
    enter_single(flow, frame.keep(), packets, segments.ip_octets(), came);
    return;
  }
  for (std::size_t n = 0; n < packets; ++n) {
    const auto content = segment(segments, n, headers);
    enter_single(flow, content, 1, content->headers.ip_octets, came);
  }
}

void Way::enter_single(std::size_t flow, const std::shared_ptr<const Content>& content,
                       std::uint32_t packets, std::size_t ip_octets, Time came) {
  Flow& of = flows_[flow];
  Flow::Way& books = of.way(direction_);
  LinkPacket packet;
  packet.name = {.flow = of.ordinal, .number = books.packets + 1};
  packet.flow_index = flow;
  packet.ip_octets = static_cast<std::uint32_t>(ip_octets);
  packet.ecn_capable = content->headers.ecn != 0;
  packet.packets = packets;
  packet.content = content;
  books.packets += packets;
  const Entered entered = link_.enter(std::move(packet), came);
  if (entered.dropped) count_drop(books.counts, *entered.dropped, packets);
  if (entered.fate.duplicated) ++books.counts.duplicated;
  count_late_drops();
  queue_.observe(came - books_.started, link_.queue());
  if (books_.capture) {
    const bool elsewhere = entered.dropped && !shown_.coming;
    show(elsewhere ? shown_.dropped : shown_.coming, came, *content, flow,
         books.packets + 1 - packets, fate_in_words(entered));
  }
}

void Way::count_late_drops() {
  for (const auto& drop : link_.take_late_drops()) {
    LinkCounts& counts = flows_[drop.packet.flow_index].way(direction_).counts;
    count_drop(counts, Dropped::queue, drop.packet.packets);
    const auto& content = *static_cast<const Content*>(drop.packet.content.get());
    show(shown_.dropped, drop.entered, content, drop.packet.flow_index, drop.packet.name.number,
         drop.copy ? "the copy was dropped, the queue was full"
                   : "dropped later, the queue was full");
  }
}

bool Way::give(Time now) {
  if (clean_) return false;
  const auto due = link_.advance(std::max(now, last_entered_));
  last_entered_ = std::max(now, last_entered_);
  count_late_drops();
  for (const Leaving& leaving : due) leave(leaving, now);
  return !due.empty();
}

void Way::leave(const Leaving& leaving, Time now) {
  LinkCounts& counts = flows_[leaving.packet.flow_index].way(direction_).counts;
  bool corrupted = false;
  auto content =
      changed(std::static_pointer_cast<const Content>(leaving.packet.content), leaving, corrupted);
  counts.forwarded += leaving.packet.packets;
  counts.marked += leaving.marked ? leaving.packet.packets : 0;
  counts.corrupted += corrupted ? 1 : 0;
  counts.reordered += leaving.reordered ? leaving.packet.packets : 0;
  left_late_ += now - leaving.due > late ? leaving.packet.packets : 0;
  left_very_late_ += now - leaving.due > very_late ? leaving.packet.packets : 0;
  latest_ = std::max(latest_, now - leaving.due);
  if (books_.capture) {
    show(shown_.leaving, now, *content, leaving.packet.flow_index, leaving.packet.name.number,
         leaving_in_words(leaving, corrupted, now));
  }
  const Content& whole = *content;
  Passing frame{whole.virtio, whole.frame, whole.headers, whole.offload, std::move(content)};
  exit_.take(frame, leaving.due);
}

void Way::show(std::optional<std::uint32_t> interface, Time at, const Content& content,
               std::size_t flow, std::uint64_t number, std::string_view fate) {
  if (!books_.capture || !interface) return;
  const Flow& of = flows_[flow];
  books_.capture->add({.interface = *interface,
                       .at = WallTime(at + books_.wall_offset),
                       .way = shown_.name,
                       .flow = fmt::format("{} flow {}", name_of(of.protocol), of.ordinal),
                       .number = number,
                       .fate = fate},
                      content.frame, content.headers, content.offload);
}

DirectionTruth Way::truth() const {
  DirectionTruth truth;
  for (const Flow& flow : flows_.all()) {
    LinkCounts counts = flow.way(direction_).counts;
    if (counts.packets_in == 0) continue;
    counts.held_at_the_end = counts.packets_in + counts.duplicated - counts.forwarded -
                             counts.dropped_loss - counts.dropped_queue - counts.dropped_down;
    truth.all += counts;
    if (flow.protocol == Protocol::udp) truth.udp += counts;
    if (flow.protocol == Protocol::tcp) truth.tcp += counts;
    const bool up = direction_ == Direction::a_to_b;
    truth.flows.push_back({std::string(name_of(flow.protocol)), flow.ordinal,
                           up ? flow.of_a : flow.of_b, up ? flow.of_b : flow.of_a, counts});
  }
  truth.queue = queue_.figures();
  truth.left_late = left_late_;
  truth.left_very_late = left_very_late_;
  truth.latest = latest_;
  return truth;
}

void RingExit::take(Passing& frame, Way::Time) {
  outgoing_.push_back({frame.virtio, frame.frame});
  if (frame.content) kept_.push_back(frame.content);
}

void RingExit::flush() {
  if (outgoing_.empty()) return;
  refused_ += ring_->send(outgoing_);
  outgoing_.clear();
  kept_.clear();
}

bool take_from(os::PacketRing& ring, Way& way, const LabBooks& books, Time now) {
  std::size_t taken = 0;
  for (; taken < frames_in_a_turn; ++taken) {
    const auto incoming = ring.next();
    if (!incoming) break;
    // The kernel's stamp, unless the wall clock was set meanwhile.
    const Time came = incoming->came.time_since_epoch() - books.wall_offset;
    // It may have come since the turn began, above all where this thread had no processor.
    if (came > now) now = monotonic_now();
    const auto headers = read_headers(incoming->frame);
    if (!headers) continue;
    const Offload offload = to_offload(incoming->offload);
    Passing frame{incoming->offload, incoming->frame, *headers, offload};
    way.enter(frame, std::min(came, now));
  }
  return taken > 0;
}

}  // namespace netduel
