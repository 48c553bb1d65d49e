#include "session/group_receivers.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "netduel/transport/udp_socket.hpp"
#include "netduel/transport/wait_set.hpp"
#include "os/host_counters.hpp"
#include "os/socket.hpp"
#include "os/thread.hpp"
#include "session/group_feedback.hpp"
#include "session/group_listener.hpp"
#include "session/host_rises.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How often it is looked whether a stream is over, and whether someone asked for a stop.
constexpr auto slice = 10ms;
/// A socket that always has more lets others have their turn.
constexpr int most_batches = 16;
/// As many as one receive may give: then there are probably more.
constexpr std::size_t full_batch = 32;
/// So many at once are read in half the time when each has several messages, which the sockets'
/// buffers keep meanwhile; the kernel's stamps stay right.
constexpr std::size_t crowd = 64;
constexpr auto pause_of_a_crowd = 2ms;
/// For a last report to be answered, when this end leaves, and for another try of one that wasn't.
/// Who asks a program to end often kills it a second later, and then nothing would be printed.
constexpr auto longest_leave = 600ms;
/// How much longer than the others a receiver is waited for that has heard less.
constexpr auto longest_wait_for_others = 2500ms;
/// More threads than that give each receiver nothing.
constexpr std::size_t most_threads = 4;

/// The host's network, or one of an emulated path, as its receivers share it.
struct SharedNetwork {
  const os::NetworkNamespace* network = nullptr;
  IpVersion version = IpVersion::v4;
  os::HostTotals before;
  /// Reports leave from here, and acknowledgements come.
  std::optional<UdpSocket> feedback;

  template <class Call>
  auto within(Call call) const {
    return network != nullptr ? os::in_network(*network, call) : call();
  }
  HostCounters host_counters() const {
    return within([this] { return rises(Transport::udp, before, os::host_totals(version)); });
  }
};

struct Receiver {
  Receiver(const GroupReceiveSpec& spec, ReceiverPlace at, SharedNetwork& its_network,
           UdpSocket its_socket)
      : place(std::move(at)),
        network(its_network),
        socket(std::move(its_socket)),
        joined(Clock::now()),
        listener(spec.format, joined) {}

  ReceiverPlace place;
  SharedNetwork& network;
  UdpSocket socket;
  Deadline joined;
  std::uint64_t id = 0;

  /// Guards all below.
  mutable std::mutex mutex;
  GroupListener listener;
  /// By stream; without one where nobody wants reports, or not yet.
  std::map<const GroupStream*, GroupFeedback> feedback;
  std::optional<std::string> failure;

  GroupStream::Context context(bool with_host, Deadline now) const {
    GroupStream::Context context;
    // The socket's counter first: the host's must cover it.
    context.socket = socket.counters();
    if (with_host) context.host = network.host_counters();
    context.shares_its_socket = listener.streams().size() > 1;
    context.foreign = listener.foreign();
    context.receiving = now - joined;
    return context;
  }
  bool is_over() const {
    return failure || std::ranges::all_of(listener.streams(),
                                          [](const auto& stream) { return stream->settled(); });
  }
  bool has_told_all() const {
    return std::ranges::all_of(feedback, [](const auto& entry) { return entry.second.finished(); });
  }
};

/// A group of a link or an interface means nothing without one (RFC 4007, section 6).
Endpoint bind_address(const GroupReceiveSpec& spec, const Endpoint& group) {
  if (spec.interface.empty() || group.version() != IpVersion::v6 || group.scope_id() != 0 ||
      !group.is_multicast()) {
    return group;
  }
  const auto index = os::interface_number(
      spec.interface, "join group " + group.address_to_string() + " on " + spec.interface);
  return Endpoint::v6(group.address_octets(), group.port(), index);
}

/// Bound to the group's address, as POSIX systems have it, the socket gets nothing that is sent to
/// another group on its port.
UdpSocket open_and_join(const GroupReceiveSpec& spec, const Endpoint& group) {
  UdpSocket socket =
      UdpSocket::open(bind_address(spec, group), {.receive_buffer_octets = spec.window_octets,
                                                  .offload = false,
                                                  .reuse_address = true,
                                                  .packet_info = true});
  if (group.is_multicast()) {
    socket.join({.group = group, .interface = spec.interface, .source = spec.source});
  }
  return socket;
}

}  // namespace

struct GroupReceivers::State {
  GroupReceiveSpec spec;
  std::vector<std::unique_ptr<SharedNetwork>> networks;
  std::vector<std::unique_ptr<Receiver>> receivers;
  std::map<std::uint64_t, Receiver*> by_id;
  Deadline joined = Clock::now();
  std::mt19937_64 random{std::random_device{}()};
  std::atomic<bool> ended{false};
  bool leaving = false;

  SharedNetwork& network_of(const Place& place);
  void add(ReceiverPlace place);

  void receive(std::stop_token stop, std::size_t worker, std::size_t workers);
  void read(Receiver& receiver);
  void settle(Receiver& receiver, bool all, Deadline now);

  void tell(std::stop_token stop);
  void take_acknowledgements(SharedNetwork& network);
  Deadline report(Receiver& receiver, Deadline now);
  bool is_over(Deadline now);
  void leave();

  std::optional<Deadline> over_since;
};

SharedNetwork& GroupReceivers::State::network_of(const Place& place) {
  for (const auto& network : networks) {
    if (network->network == place.network) return *network;
  }
  auto made = std::make_unique<SharedNetwork>();
  made->network = place.network;
  made->version = spec.group.version();
  made->within([&] {
    made->before = os::host_totals(made->version);
    if (spec.reports) made->feedback = UdpSocket::open(Endpoint::any(made->version));
  });
  return *networks.emplace_back(std::move(made));
}

void GroupReceivers::State::add(ReceiverPlace place) {
  SharedNetwork& network = network_of(place.place);
  const Endpoint at = place.at.value_or(spec.group);
  UdpSocket socket = network.within([&] { return open_and_join(spec, at); });
  auto& receiver = *receivers.emplace_back(
      std::make_unique<Receiver>(spec, std::move(place), network, std::move(socket)));
  do {
    receiver.id = random();
  } while (receiver.id == 0 || !by_id.emplace(receiver.id, &receiver).second);
}

/// One of the threads that the receivers share.
void GroupReceivers::State::receive(std::stop_token stop, std::size_t worker, std::size_t workers) {
  os::prepare_data_thread("netduel-group");
  os::leave_signals_to_others();
  os::run_on(receivers[worker]->place.place.processors);
  WaitSet waits;
  for (std::size_t n = worker; n < receivers.size(); n += workers) {
    waits.set(receivers[n]->socket.native_handle(), Interest::readable, n);
  }
  Deadline next_look = Clock::now() + slice;
  while (!stop.stop_requested()) {
    const auto all_ready = waits.wait(next_look);
    for (const Ready& ready : all_ready) {
      Receiver& receiver = *receivers[ready.key];
      read(receiver);
      const std::scoped_lock lock(receiver.mutex);
      if (receiver.failure) waits.remove(receiver.socket.native_handle());
    }
    if (all_ready.size() >= crowd) std::this_thread::sleep_for(pause_of_a_crowd);
    const Deadline now = Clock::now();
    if (now < next_look) continue;
    next_look = now + slice;
    for (std::size_t n = worker; n < receivers.size(); n += workers) {
      const std::scoped_lock lock(receivers[n]->mutex);
      settle(*receivers[n], false, now);
    }
  }
}

void GroupReceivers::State::read(Receiver& receiver) {
  for (int i = 0; i < most_batches; ++i) {
    const ReceiveResult result = receiver.socket.receive(Deadline::min());
    const std::scoped_lock lock(receiver.mutex);
    const Deadline now = Clock::now();
    for (const Received& received : result.messages) receiver.listener.observe(received, now);
    if (result.end == End::failed) receiver.failure = "receive: " + result.error.message();
    // To ask once more whether there is anything costs as much as to receive a message, and the
    // wait set tells of what is left.
    if (result.end != End::open || result.messages.size() < full_batch) return;
  }
}

/// With its mutex held.
void GroupReceivers::State::settle(Receiver& receiver, bool all, Deadline now) {
  for (const auto& stream : receiver.listener.streams()) {
    if (stream->settled() || (!all && now < stream->over_at(spec.drain))) continue;
    stream->settle(receiver.context(true, now));
  }
}

/// Reports, until all is over and told.
void GroupReceivers::State::tell(std::stop_token stop) {
  WaitSet waits;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    if (networks[n]->feedback) {
      waits.set(networks[n]->feedback->native_handle(), Interest::readable, n);
    }
  }
  Deadline until = Deadline::max();
  for (;;) {
    Deadline now = Clock::now();
    const bool asked = stop.stop_requested() || (spec.time && now >= joined + *spec.time);
    if (asked && !leaving) {
      leave();
      until = now + longest_leave;
    }
    Deadline next = now + slice;
    for (const auto& receiver : receivers) next = std::min(next, report(*receiver, now));
    if (is_over(now) || now >= until) return;
    for (const Ready& ready : waits.wait(next)) take_acknowledgements(*networks[ready.key]);
  }
}

void GroupReceivers::State::leave() {
  leaving = true;
  for (const auto& receiver : receivers) {
    const std::scoped_lock lock(receiver->mutex);
    settle(*receiver, true, Clock::now());
  }
}

void GroupReceivers::State::take_acknowledgements(SharedNetwork& network) {
  for (int i = 0; i < most_batches; ++i) {
    const ReceiveResult result = network.feedback->receive(Deadline::min());
    for (const Received& received : result.messages) {
      const auto acknowledgement = group::decode_acknowledgement(received.payload);
      if (!acknowledgement) continue;
      const auto found = by_id.find(acknowledgement->receiver);
      if (found == by_id.end()) continue;
      Receiver& receiver = *found->second;
      const std::scoped_lock lock(receiver.mutex);
      for (auto& [stream, feedback] : receiver.feedback) {
        if (stream->id() != acknowledgement->stream || feedback.to() != received.source) continue;
        feedback.acknowledge(*acknowledgement);
      }
    }
    if (result.end != End::open) return;
  }
}

/// Sends what is due, and says when to come again.
Deadline GroupReceivers::State::report(Receiver& receiver, Deadline now) {
  Deadline next = Deadline::max();
  if (!receiver.network.feedback) return next;
  const std::scoped_lock lock(receiver.mutex);
  for (const auto& stream : receiver.listener.streams()) {
    auto found = receiver.feedback.find(stream.get());
    if (found == receiver.feedback.end()) {
      const bool wanted =
          stream->control() && (!stream->announcement() || stream->announcement()->wants_reports);
      // A closing that allows no report comes from a sender that wants none.
      if (!wanted || (!stream->announcement() && stream->closing()->final_octets == 0)) continue;
      const GroupFeedback::Reporter reporter{.id = receiver.id,
                                             .name = receiver.place.name,
                                             .companions = receivers.size(),
                                             .seed = random()};
      found = receiver.feedback.try_emplace(stream.get(), reporter, *stream->control(), now).first;
    }
    GroupFeedback& feedback = found->second;
    if (stream->settled() && !feedback.concluding()) {
      feedback.conclude(*stream, {}, !stream->closing(), now);
    }
    while (!feedback.finished() && feedback.due(*stream) <= now) {
      const GroupStream::Context context =
          stream->settled() ? GroupStream::Context{} : receiver.context(false, now);
      const auto octets = feedback.next(*stream, context, now);
      if (octets.empty()) break;
      const Bytes one = octets;
      (void)receiver.network.feedback->send_to({&one, 1}, feedback.to(), Deadline::min());
    }
    if (!feedback.finished()) next = std::min(next, feedback.due(*stream));
  }
  return next;
}

bool GroupReceivers::State::is_over(Deadline now) {
  bool all_heard = true;
  bool some_heard = false;
  for (const auto& receiver : receivers) {
    const std::scoped_lock lock(receiver->mutex);
    const bool heard = receiver->listener.streams().size() >= spec.streams || receiver->failure;
    all_heard = all_heard && heard;
    some_heard = some_heard || heard;
    if (!receiver->is_over() || !receiver->has_told_all()) {
      over_since.reset();
      return false;
    }
  }
  if (all_heard || leaving) return true;
  if (!some_heard) return false;
  if (!over_since) over_since = now;
  return now - *over_since >= longest_wait_for_others;
}

GroupReceivers::GroupReceivers(GroupReceiveSpec spec, std::vector<ReceiverPlace> places)
    : state_(std::make_unique<State>()) {
  state_->spec = std::move(spec);
  for (ReceiverPlace& place : places) state_->add(std::move(place));
  state_->joined = Clock::now();
}

GroupReceivers::~GroupReceivers() = default;

std::vector<Endpoint> GroupReceivers::locals() const {
  std::vector<Endpoint> locals;
  for (const auto& receiver : state_->receivers) locals.push_back(receiver->socket.local());
  return locals;
}

std::vector<GroupReception> GroupReceivers::run(std::stop_token stop) {
  State& state = *state_;
  {
    const std::size_t processors = std::max<std::size_t>(1, os::allowed_processors().size());
    const std::size_t workers = std::min({state.receivers.size(), processors, most_threads});
    std::vector<std::jthread> threads;
    for (std::size_t n = 0; n < workers; ++n) {
      threads.emplace_back(
          [&state, n, workers](std::stop_token end) { state.receive(std::move(end), n, workers); });
    }
    state.tell(stop);
  }
  std::vector<GroupReception> receptions;
  for (const auto& receiver : state.receivers) {
    const std::scoped_lock lock(receiver->mutex);
    GroupReception reception;
    reception.id = receiver->id;
    reception.name = receiver->place.name;
    reception.local = receiver->socket.local();
    reception.foreign = receiver->listener.foreign();
    reception.failure = receiver->failure;
    reception.interrupted = stop.stop_requested();
    for (const auto& [stream, feedback] : receiver->feedback) {
      reception.reports_sent += feedback.sent();
    }
    for (const auto& stream : receiver->listener.streams()) {
      stream->settle(receiver->context(true, Clock::now()));
      reception.streams.push_back(stream->finish());
    }
    receptions.push_back(std::move(reception));
  }
  return receptions;
}

GroupReceptionProgress GroupReceivers::progress() const {
  GroupReceptionProgress progress;
  progress.since_joined = Clock::now() - state_->joined;
  for (const auto& receiver : state_->receivers) {
    const std::scoped_lock lock(receiver->mutex);
    const GroupListener& listener = receiver->listener;
    GroupReceptionProgress::Receiver& shown = progress.receivers.emplace_back();
    shown.name = receiver->place.name;
    for (const auto& stream : listener.streams()) {
      shown.streams.push_back({.source = stream->source(),
                               .closed = stream->closing().has_value(),
                               .figures = stream->figures()});
    }
    progress.nothing_heard = progress.nothing_heard && !listener.has_heard_anything();
    progress.no_stream_heard = progress.no_stream_heard && listener.streams().empty();
    if (listener.hop_limit()) progress.hop_limit = listener.hop_limit();
  }
  return progress;
}

}  // namespace netduel
