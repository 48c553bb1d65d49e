#include "session/group_sender.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <future>
#include <mutex>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "netduel/transport/udp_socket.hpp"
#include "netduel/wire/overhead.hpp"
#include "os/network_namespace.hpp"
#include "os/thread.hpp"
#include "os/wall_offset.hpp"
#include "session/group_outlet.hpp"
#include "session/message_budget.hpp"
#include "session/receiver_register.hpp"
#include "session/sending_loop.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Time = std::chrono::nanoseconds;
using Phase = GroupProgress::Phase;

/// No wait is longer, so that the end of the stream is noticed soon.
constexpr auto slice = 10ms;

constexpr auto between_announcements_of_the_lead = 100ms;
constexpr auto between_announcements = 500ms;

/// One lost closing must not turn loss at the end into "unknown", and a receiver's queue may be
/// full when the stream ends.
constexpr int first_closings = 5;
constexpr auto between_first_closings = 25ms;
constexpr auto between_closings = 200ms;
constexpr auto between_closings_one_way = 55ms;
constexpr int closings_one_way = 10;
/// Of a message that says that it is the last. Receivers that had one pass over the others.
constexpr int last_messages = 10;
constexpr auto between_last_messages = 25ms;
/// A receiver waits for what is late before it says its last word, and may not have been heard yet.
constexpr auto shortest_closing = 400ms;
/// Where nobody was heard during a short stream.
constexpr auto shortest_closing_unheard = 1s;
constexpr auto longest_closing = 5s;
/// Whoever misses the answer to its last words repeats them.
constexpr auto between_last_words = 350ms;

/// The system's own is filled by a few hundred reports at once.
constexpr std::size_t report_buffer_octets = std::size_t{4} << 20;
/// Of a stream at full speed, until its own can be told.
constexpr double assumed_octets_per_second = 1.25e6;
constexpr auto shortest_measure = 500ms;
constexpr std::size_t usual_mtu_octets = 1500;
constexpr std::size_t smallest_mtu_octets = 1280;

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

/// What the network does to a call, in words that help; `attempt` is the call's own.
[[noreturn]] void explain(const std::system_error& error, const GroupSendSpec& spec) {
  const Endpoint& to = spec.to.front();
  if (error.code() == std::errc::network_unreachable && to.is_multicast()) {
    if (!spec.interface.empty()) {
      throw std::system_error(error.code(),
                              "no way to " + to.address_to_string() + " through " + spec.interface);
    }
    throw std::system_error(error.code(), "no route for multicast to " + to.address_to_string() +
                                              " (an interface to send through is missing)");
  }
  throw;
}

}  // namespace

struct GroupSender::State {
  State(GroupSendSpec sent, Place where)
      : spec(std::move(sent)),
        place(std::move(where)),
        stream(spec.announces ? random_number() : 0),
        version(spec.to.front().version()),
        receivers(stream, version) {}

  UdpOptions options() const;
  void open_sockets();
  SenderReport send(std::stop_token stop);
  void announce();
  void close(const SenderReport& report);
  void send_last(SenderReport& report);
  void listen(Deadline until);
  void send_to_all(const std::vector<std::byte>& datagram);
  double stream_octets_per_second() const;
  std::uint64_t stream_octets(std::uint64_t sent) const;
  Time now() const { return Clock::now() - begins; }

  GroupSendSpec spec;
  Place place;
  std::uint64_t stream;
  IpVersion version;
  std::shared_ptr<UdpSocket> data;
  std::optional<UdpSocket> control;
  std::optional<GroupOutlet> outlet;
  std::optional<MessageBudget> budget;
  std::optional<SendingLoop> loop;
  Endpoint source;
  /// IP octets of a message.
  std::uint64_t message_ip_octets = 0;
  std::uint64_t announcement_octets = 0;
  Clock::time_point begins;
  WallTime begins_at;
  Clock::time_point last_answer = Clock::time_point::min();
  std::atomic<Phase> phase{Phase::announcing};
  std::atomic<Time> elapsed{Time{}};

  mutable std::mutex mutex;
  ReceiverRegister receivers;
};

GroupSender::GroupSender(GroupSendSpec spec, Place place)
    : state_(new State(std::move(spec), std::move(place))) {}
GroupSender::~GroupSender() = default;

void GroupSender::open() {
  State& state = *state_;
  if (state.place.network == nullptr) {
    state.open_sockets();
  } else {
    os::in_network(*state.place.network, [&] { state.open_sockets(); });
  }
  // The last one is `send_last`'s.
  const std::uint64_t apart = marks_the_last(state.spec.plan.format) ? 1 : 0;
  if (state.spec.messages) state.budget.emplace(*state.spec.messages - apart);
  state.loop.emplace(state.spec.plan, *state.outlet, state.budget ? &*state.budget : nullptr);
}

GroupSending GroupSender::run(std::stop_token stop) {
  State& state = *state_;
  assert(state.loop);
  const Time lead = state.spec.announces ? state.spec.lead : Time{};
  state.begins = Clock::now() + lead;
  state.begins_at = WallTime(state.begins.time_since_epoch() + os::wall_minus_monotonic());
  auto sent = std::async(std::launch::async, [&state, stop] { return state.send(stop); });
  const auto is_over = [&] { return sent.wait_for(0s) == std::future_status::ready; };
  while (state.control && !is_over()) {
    state.announce();
    const bool leading = state.now() < Time{};
    const auto next =
        Clock::now() + (leading ? between_announcements_of_the_lead : Time(between_announcements));
    while (Clock::now() < next && !is_over()) {
      state.listen(std::min(next, Clock::now() + slice));
      const std::scoped_lock lock(state.mutex);
      if (state.receivers.has_grown()) break;
    }
  }
  GroupSending result;
  result.stream = state.stream;
  result.sender = sent.get();
  result.sent_for = result.sender.sending;
  result.interrupted = result.sender.interrupted;
  state.elapsed = result.sent_for;
  state.phase = Phase::closing;
  if (state.control) state.close(result.sender);
  if (marks_the_last(state.spec.plan.format)) state.send_last(result.sender);
  state.phase = Phase::over;
  result.source = state.source.with_port(state.data->local().port());
  result.sender.source = result.source;
  if (state.control) result.control = state.source.with_port(state.control->local().port());
  result.announcement_octets = state.announcement_octets;
  for (const GroupSending::Refusals& one : state.outlet->refusals()) {
    if (state.spec.to.size() > 1 && one.refused > 0) result.refusals.push_back(one);
  }
  const std::scoped_lock lock(state.mutex);
  state.receivers.finish();
  result.receivers = state.receivers.receivers();
  result.feedback = state.receivers.counts();
  result.feedback.stream_octets = state.stream_octets(result.sender.counts.sent);
  for (const GroupSending::Refusals& one : result.refusals) {
    result.feedback.stream_octets -= one.refused * state.message_ip_octets;
  }
  return result;
}

GroupProgress GroupSender::progress() const {
  const State& state = *state_;
  GroupProgress progress;
  progress.phase = state.phase;
  progress.elapsed = state.elapsed;
  if (progress.phase == Phase::sending) progress.elapsed = state.now();
  if (state.loop) progress.sent = state.loop->live().figures();
  const std::scoped_lock lock(state.mutex);
  progress.receivers.reserve(state.receivers.receivers().size());
  for (const ReceiverRecord& one : state.receivers.receivers()) {
    ReceiverRecord without_history{.id = one.id,
                                   .address = one.address,
                                   .report = one.report,
                                   .first_heard = one.first_heard,
                                   .last_heard = one.last_heard,
                                   .finished = one.finished,
                                   .came_late = one.came_late,
                                   .left = one.left,
                                   .vanished = one.vanished,
                                   .history = {},
                                   .has_detail = one.has_detail,
                                   .missing = {}};
    progress.receivers.push_back(std::move(without_history));
  }
  progress.feedback = state.receivers.counts();
  progress.feedback.stream_octets = state.stream_octets(progress.sent.messages);
  return progress;
}

UdpOptions GroupSender::State::options() const {
  const bool to_group = spec.to.front().is_multicast();
  UdpOptions options{.receive_buffer_octets = spec.plan.window_octets,
                     .send_buffer_octets = spec.plan.window_octets,
                     .offload = spec.plan.offload,
                     .broadcast = !to_group && version == IpVersion::v4,
                     .checksum = spec.plan.udp_checksum};
  if (!to_group) {
    options.hop_limit = spec.hop_limit;
    options.interface = spec.interface;
    return options;
  }
  options.multicast_hop_limit = spec.hop_limit;
  options.multicast_interface = spec.interface;
  options.multicast_loopback = spec.loopback;
  return options;
}

void GroupSender::State::open_sockets() {
  const Endpoint any = Endpoint::any(version);
  const Endpoint& first = spec.to.front();
  try {
    // Connecting tells which address the system sends from, and whether there is a way at all.
    UdpOptions probing = options();
    probing.peer = first;
    source = UdpSocket::open(any, probing).local().with_port(0);
  } catch (const std::system_error& error) {
    explain(error, spec);
  }
  data = std::make_shared<UdpSocket>(UdpSocket::open(any, options()));
  outlet.emplace(data, spec.to);
  if (spec.announces) {
    UdpOptions control_options = options();
    control_options.receive_buffer_octets = report_buffer_octets;
    control_options.offload = false;
    control.emplace(UdpSocket::open(any, control_options));
  }
  const std::size_t mtu =
      std::max(smallest_mtu_octets, UdpSocket::path_mtu_octets(first).value_or(usual_mtu_octets));
  message_ip_octets =
      message_cost({.ip_version = version, .mtu_octets = mtu}, spec.plan.message_octets).ip_octets;
}

/// On a thread of its own, so that nothing that the receivers say keeps a message waiting.
SenderReport GroupSender::State::send(std::stop_token stop) {
  os::prepare_data_thread("netduel-send");
  if (spec.plan.schedule != ScheduleKind::back_to_back) os::prefer_short_turns();
  os::run_on(place.processors);
  if (place.network != nullptr) place.network->enter();
  outlet->prepare();
  while (!stop.stop_requested() && Clock::now() < begins) {
    std::this_thread::sleep_until(std::min(begins, Clock::now() + slice));
  }
  if (stop.stop_requested()) {
    SenderReport nothing;
    nothing.interrupted = true;
    return nothing;
  }
  phase = Phase::sending;
  return loop->run(std::move(stop));
}

void GroupSender::State::announce() {
  const double octets = stream_octets_per_second();
  group::Announcement announcement{
      .stream = stream,
      .data_port = data->local().port(),
      .message_octets = static_cast<std::uint32_t>(spec.plan.message_octets),
      .verified = spec.plan.verify,
      .pattern_seed = spec.plan.pattern_seed,
      .begins = begins_at,
      .wants_reports = spec.reports};
  if (spec.plan.schedule != ScheduleKind::back_to_back) {
    announcement.messages_per_second = spec.plan.messages_per_second();
  }
  if (spec.messages && announcement.messages_per_second > 0) {
    const double all = static_cast<double>(*spec.messages) / announcement.messages_per_second;
    announcement.time = std::chrono::duration_cast<Time>(std::chrono::duration<double>(all));
  } else if (!spec.messages && spec.plan.time < endless_stream) {
    announcement.time = spec.plan.time;
  }
  {
    const std::scoped_lock lock(mutex);
    announcement.receivers = receivers.reporting();
    std::optional<ReceiverRegister::Whole> whole;
    if (announcement.time > Time{} && announcement.messages_per_second > 0) {
      whole = {.octets = octets * std::chrono::duration<double>(announcement.time).count(),
               .left = announcement.time - now()};
    }
    announcement.feedback_octets_per_second = receivers.octets_per_second(octets, whole);
    receivers.announced(announcement.receivers, announcement.feedback_octets_per_second);
  }
  // Last, and with what is being sent just now: who comes at this moment did not miss more.
  announcement.sent = outlet->left_at_most();
  send_to_all(encode(announcement));
}

/// Tells the true totals until all receivers that are known have said what they have to say.
void GroupSender::State::close(const SenderReport& report) {
  group::Closing closing{.stream = stream,
                         .data_port = data->local().port(),
                         .skipped = report.counts.skipped,
                         .offered = report.counts.offered,
                         .refused = report.counts.refused,
                         .sent = report.counts.sent,
                         .sending = report.sending,
                         .interrupted = report.interrupted};
  ReceiverRegister::Allowance allowance;
  bool heard = false;
  {
    const std::scoped_lock lock(mutex);
    allowance = receivers.close(closing.sent, stream_octets(closing.sent), now());
    heard = receivers.reporting() > 0;
  }
  closing.final_octets = allowance.octets;
  closing.feedback_octets_per_second = allowance.octets_per_second;
  const auto datagram = encode(closing);
  const auto begun = Clock::now();
  const Time shortest = heard ? Time(shortest_closing) : Time(shortest_closing_unheard);
  for (int copies = 1;; ++copies) {
    send_to_all(datagram);
    const Time pause = !spec.reports             ? Time(between_closings_one_way)
                       : copies < first_closings ? Time(between_first_closings)
                                                 : Time(between_closings);
    if (!spec.reports && copies == closings_one_way) return;
    const auto next = Clock::now() + pause;
    while (Clock::now() < next) {
      listen(std::min(next, Clock::now() + slice));
      const Time closing_for = Clock::now() - begun;
      if (!spec.reports || copies < first_closings || closing_for < shortest + allowance.takes) {
        continue;
      }
      const std::scoped_lock lock(mutex);
      const bool all_said =
          !receivers.waits_for_someone(now()) && Clock::now() > last_answer + between_last_words;
      if (all_said || closing_for > longest_closing + allowance.takes) return;
    }
  }
}

/// One message more, behind all that were due: only now is it known that it is the last. It is
/// repeated, as it may be lost, but it is one message.
void GroupSender::State::send_last(SenderReport& report) {
  if (report.counts.sent == 0) return;
  std::vector<std::byte> message(spec.plan.message_octets);
  const WallTime sent(Clock::now().time_since_epoch() + os::wall_minus_monotonic());
  encode_last(spec.plan.format, {.sequence = report.counts.sent, .sent = sent}, message);
  const std::array<Bytes, 1> batch{message};
  const SendResult result = outlet->send(batch, Clock::now() + slice);
  report.counts.offered += result.accepted + result.refused_messages;
  report.counts.sent += result.accepted;
  report.counts.refused += result.refused_messages;
  if (result.refused && !report.first_refusal) report.first_refusal = result.refused.message();
  for (int copies = 1; copies < last_messages; ++copies) {
    std::this_thread::sleep_for(between_last_messages);
    for (const Endpoint& to : spec.to) (void)data->send_to(batch, to, Clock::now() + slice);
  }
}

void GroupSender::State::listen(Deadline until) {
  const ReceiveResult result = control->receive(until);
  if (result.end == End::failed) {
    std::this_thread::sleep_until(until);
    return;
  }
  const std::scoped_lock lock(mutex);
  for (const Received& one : result.messages) {
    const auto answer = receivers.take(one.payload, one.source, now(), outlet->left_at_most());
    if (!answer) continue;
    const auto datagram = encode(*answer);
    const std::array<Bytes, 1> batch{datagram};
    last_answer = Clock::now();
    if (control->send_to(batch, one.source, Clock::now() + slice).accepted == 1) {
      receivers.count_acknowledgement();
    }
  }
  receivers.look_at(now());
}

/// What is refused was announced to nobody; the messages' own refusals tell of that.
void GroupSender::State::send_to_all(const std::vector<std::byte>& datagram) {
  const std::array<Bytes, 1> batch{datagram};
  const std::size_t headers =
      udp_header_octets + (version == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets);
  for (const Endpoint& to : spec.to) {
    const std::size_t accepted = control->send_to(batch, to, Clock::now() + slice).accepted;
    announcement_octets += accepted * (datagram.size() + headers);
  }
}

/// What was sent so far tells it, and the plan until then: a sender may fall short of its plan.
double GroupSender::State::stream_octets_per_second() const {
  const bool paced = spec.plan.schedule != ScheduleKind::back_to_back;
  const double planned =
      spec.plan.messages_per_second() * static_cast<double>(message_ip_octets * spec.to.size());
  const Time since = now();
  if (since < shortest_measure) return paced ? planned : assumed_octets_per_second;
  const double measured = static_cast<double>(stream_octets(loop->live().figures().messages)) /
                          std::chrono::duration<double>(since).count();
  return paced ? std::min(planned, measured) : measured;
}

std::uint64_t GroupSender::State::stream_octets(std::uint64_t sent) const {
  return sent * message_ip_octets * spec.to.size();
}

}  // namespace netduel
