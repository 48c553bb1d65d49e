#include "experiment/multicast_demo.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <memory>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "base/seconds.hpp"
#include "lab/star.hpp"
#include "netduel/transport/udp_socket.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t lab_port = 5201;
/// So that 5 % of a stream has room for what each receiver lost.
constexpr std::size_t message_octets = 1200;
constexpr double messages_per_second = 500;
/// Of one of many senders, and of all of them together: more is a test of one receiver's processor.
constexpr double messages_per_second_of_many = 200;
constexpr double messages_per_second_of_all = 1600;
/// Where the system grants it: on a busy machine a receiver's turn may come late.
constexpr std::size_t window_octets = std::size_t{1} << 20;
constexpr auto stream_time = 800ms;
/// Three announcements, and over before a receiver's first report may come (250 ms): links draw
/// what they lose by flows in the order of their first packets, so a seed keeps what it promises
/// only where that order is always the same.
constexpr auto lead = 220ms;
/// Between the beginnings of streams to one group, for the same reason.
constexpr auto between_senders = 20ms;
/// Of many-to-many: with each host sending, most of the screen would be the table.
constexpr std::size_t most_senders_to_all = 3;
/// Receivers end by themselves when their streams are over. Who never heard of one doesn't.
constexpr auto longest_wait_for_receivers = 3s;

/// Host a's number in the star.
constexpr std::size_t host_a = 0;

struct Roles {
  std::string name;
  std::vector<std::size_t> senders;
  std::vector<std::size_t> receivers;
  bool to_group = false;
};

std::vector<std::size_t> hosts(std::size_t first, std::size_t last) {
  std::vector<std::size_t> numbers;
  for (std::size_t n = first; n <= last; ++n) numbers.push_back(n);
  return numbers;
}

std::vector<Roles> four_patterns(std::size_t receivers) {
  const auto all = hosts(1, receivers);
  return {{.name = "one-to-one", .senders = {host_a}, .receivers = {1}},
          {.name = "one-to-many", .senders = {host_a}, .receivers = all, .to_group = true},
          {.name = "many-to-one", .senders = all, .receivers = {host_a}},
          {.name = "many-to-many",
           .senders = hosts(1, std::min(receivers, most_senders_to_all)),
           .receivers = all,
           .to_group = true}};
}

/// Another group for each seed, so that what others send on this host is not ours.
Endpoint group_of(std::uint64_t seed, std::uint16_t port) {
  std::mt19937_64 random(seed);
  const auto octet = [&] { return static_cast<std::uint8_t>(1 + random() % 254); };
  const std::uint8_t third = octet();
  return Endpoint::v4({239, 77, third, octet()}, port);
}

/// Nobody has it now; it is ours a moment later.
std::uint16_t free_port() {
  return UdpSocket::open(Endpoint::any(IpVersion::v4)).local().port();
}

DemoLink link_of(const DirectionTruth& truth, const Endpoint& source, const Endpoint& to) {
  DemoLink link;
  for (const FlowTruth& flow : truth.flows) {
    if (flow.protocol != "udp" || flow.source != source || flow.destination != to) continue;
    link.packets_in += flow.counts.packets_in;
    link.dropped += flow.counts.dropped_loss + flow.counts.dropped_queue + flow.counts.dropped_down;
    link.forwarded += flow.counts.forwarded;
  }
  return link;
}

/// Runs one pattern after the other on the same hosts.
class Stage {
 public:
  Stage(const DemoSpec& spec, StarLab* lab, std::stop_token stop)
      : spec_(spec), lab_(lab), stop_(std::move(stop)) {}

  DemoPattern play(const Roles& roles);

 private:
  Place place_of(std::size_t host) const {
    Place place;
    if (lab_ != nullptr) place.network = &lab_->host(host);
    return place;
  }
  std::string interface() const { return lab_ != nullptr ? "eth0" : "lo"; }
  Endpoint destination(const Roles& roles) const;
  GroupSendSpec send_spec(const Roles& roles, const Endpoint& to, std::size_t number) const;
  std::vector<std::unique_ptr<GroupReceivers>> join(const Roles& roles, const Endpoint& to) const;
  bool hears_itself(const Roles& roles, std::size_t host) const;
  DemoPattern tell(const Roles& roles, const Endpoint& to, std::vector<GroupSending> sent,
                   std::vector<GroupReception> received) const;

  const DemoSpec& spec_;
  StarLab* lab_;
  std::stop_token stop_;
};

Endpoint Stage::destination(const Roles& roles) const {
  const std::uint16_t port = lab_ != nullptr ? lab_port : free_port();
  if (roles.to_group) return group_of(spec_.seed, port);
  if (lab_ == nullptr) return Endpoint::loopback(IpVersion::v4, port);
  return StarLab::address_of(roles.receivers.front(), IpVersion::v4).with_port(port);
}

GroupSendSpec Stage::send_spec(const Roles& roles, const Endpoint& to, std::size_t number) const {
  GroupSendSpec spec;
  spec.to = {to};
  spec.plan.message_octets = message_octets;
  spec.plan.schedule = ScheduleKind::periodic;
  const auto count = static_cast<double>(roles.senders.size());
  const double rate =
      count > 1 ? std::min(messages_per_second_of_many, messages_per_second_of_all / count)
                : messages_per_second;
  spec.plan.bits_per_second = 8.0 * static_cast<double>(message_octets) * rate;
  // A number of messages and not a time: on a busy machine some due times are skipped, and with as
  // many messages less links would lose others from one run to the next.
  spec.messages = static_cast<std::uint64_t>(
      std::llround(rate * seconds(std::chrono::nanoseconds(stream_time))));
  spec.plan.time = endless_stream;
  spec.plan.seed = spec.plan.pattern_seed = spec_.seed + number;
  spec.lead = lead;
  if (roles.to_group) {
    spec.interface = interface();
    // A host needs no network to hear itself, and no link would tell of that.
    spec.loopback = lab_ == nullptr;
  }
  return spec;
}

/// Whether a host both sends and receives, and so hears one sender less than others do.
bool Stage::hears_itself(const Roles& roles, std::size_t host) const {
  return lab_ != nullptr && std::ranges::find(roles.senders, host) != roles.senders.end();
}

/// Those that wait for fewer streams are apart, for all of a call wait for as many.
std::vector<std::unique_ptr<GroupReceivers>> Stage::join(const Roles& roles,
                                                         const Endpoint& to) const {
  std::vector<std::unique_ptr<GroupReceivers>> joined;
  for (const bool sends : {false, true}) {
    std::vector<ReceiverPlace> places;
    for (const std::size_t host : roles.receivers) {
      if (hears_itself(roles, host) != sends) continue;
      places.push_back({.place = place_of(host), .name = StarSpec::name_of(host)});
    }
    GroupReceiveSpec spec;
    spec.group = to;
    spec.window_octets = window_octets;
    if (roles.to_group) spec.interface = interface();
    spec.streams = roles.senders.size() - (sends ? 1 : 0);
    if (places.empty() || spec.streams == 0) continue;
    joined.push_back(std::make_unique<GroupReceivers>(std::move(spec), std::move(places)));
  }
  return joined;
}

DemoPattern Stage::play(const Roles& roles) {
  const Endpoint to = destination(roles);
  const auto joined = join(roles, to);
  std::vector<std::unique_ptr<GroupSender>> senders;
  for (std::size_t n = 0; n < roles.senders.size(); ++n) {
    senders.push_back(
        std::make_unique<GroupSender>(send_spec(roles, to, n), place_of(roles.senders[n])));
    senders.back()->open();
  }
  // Receivers are told to leave only after the senders are done: an interrupted stream is closed,
  // and then its figures are whole.
  std::stop_source leave;
  std::vector<std::future<std::vector<GroupReception>>> receiving;
  for (const auto& some : joined) {
    receiving.push_back(
        std::async(std::launch::async, [&] { return some->run(leave.get_token()); }));
  }
  std::vector<std::future<GroupSending>> sending;
  for (const auto& one : senders) {
    if (roles.to_group && !sending.empty()) std::this_thread::sleep_for(between_senders);
    sending.push_back(std::async(std::launch::async, [&] { return one->run(stop_); }));
  }
  std::vector<GroupSending> sent;
  std::exception_ptr failure;
  for (auto& one : sending) {
    try {
      sent.push_back(one.get());
    } catch (const std::system_error&) {
      failure = std::current_exception();
    }
  }
  const auto until = std::chrono::steady_clock::now() +
                     (failure ? std::chrono::nanoseconds(0ms) : longest_wait_for_receivers);
  for (auto& some : receiving) {
    if (some.wait_until(until) != std::future_status::ready) leave.request_stop();
  }
  std::vector<GroupReception> received;
  for (auto& some : receiving) {
    for (GroupReception& one : some.get()) received.push_back(std::move(one));
  }
  if (failure) std::rethrow_exception(failure);
  return tell(roles, to, std::move(sent), std::move(received));
}

DemoPattern Stage::tell(const Roles& roles, const Endpoint& to, std::vector<GroupSending> sent,
                        std::vector<GroupReception> received) const {
  DemoPattern pattern;
  pattern.name = roles.name;
  std::optional<StarTruth> truth;
  if (lab_ != nullptr) truth = lab_->truth();
  for (std::size_t n = 0; n < sent.size(); ++n) {
    DemoSender& sender = pattern.senders.emplace_back();
    sender.name = StarSpec::name_of(roles.senders[n]);
    sender.to = roles.to_group ? to.to_string() : StarSpec::name_of(roles.receivers.front());
    sender.sending = std::move(sent[n]);
    if (!truth) continue;
    sender.link = link_of(truth->ports[roles.senders[n]].up, sender.sending.source, to);
  }
  for (const std::size_t host : roles.receivers) {
    const std::string name = StarSpec::name_of(host);
    const auto own = std::ranges::find(received, name, &GroupReception::name);
    DemoReceiver& receiver = pattern.receivers.emplace_back();
    receiver.name = name;
    if (own != received.end()) receiver.failure = own->failure;
    for (std::size_t n = 0; n < pattern.senders.size(); ++n) {
      if (lab_ != nullptr && roles.senders[n] == host) continue;
      DemoDelivery& delivery = receiver.deliveries.emplace_back();
      delivery.sender = n;
      const Endpoint& source = pattern.senders[n].sending.source;
      if (own != received.end()) {
        const auto stream = std::ranges::find(own->streams, source, &ReceivedStream::source);
        if (stream != own->streams.end()) delivery.ledger = stream->ledger;
      }
      if (truth) delivery.link = link_of(truth->ports[host].down, source, to);
    }
  }
  return pattern;
}

void play_all(MulticastDemo& demo, StarLab* lab, const std::stop_token& stop,
              const std::function<void(std::string_view)>& begins) {
  Stage stage(demo.spec, lab, stop);
  for (const Roles& roles : four_patterns(demo.spec.receivers)) {
    if (stop.stop_requested()) break;
    begins(roles.name);
    demo.patterns.push_back(stage.play(roles));
  }
  demo.interrupted = stop.stop_requested();
}

}  // namespace

std::optional<std::int64_t> DemoDelivery::unread() const {
  if (!link) return std::nullopt;
  const std::uint64_t copies = ledger ? ledger->duplicates.value_or(0) : 0;
  return static_cast<std::int64_t>(link->forwarded) -
         static_cast<std::int64_t>(delivered() + copies);
}

std::optional<bool> DemoDelivery::agrees() const {
  const auto missed = unread();
  if (!missed) return std::nullopt;
  const Bounds in_host = ledger ? ledger->lost_in_host.value_or(Bounds{}) : Bounds{};
  return *missed >= static_cast<std::int64_t>(in_host.low) &&
         *missed <= static_cast<std::int64_t>(in_host.high);
}

std::size_t DemoPattern::connections() const {
  std::size_t pairs = 0;
  for (const DemoReceiver& receiver : receivers) pairs += receiver.deliveries.size();
  return pairs;
}

StarSpec demo_star(const DemoSpec& spec) {
  // The engine's numbers are the same everywhere, which those of a distribution are not.
  std::mt19937_64 random(spec.seed);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return IndependentLoss{static_cast<double>(low + random() % (high - low + 1)) / 1000};
  };
  StarSpec star;
  star.seed = spec.seed;
  star.ports.resize(spec.receivers + 1);
  star.ports[host_a].up.loss = IndependentLoss{0.015};
  for (std::size_t n = 1; n <= spec.receivers; ++n) {
    star.ports[n].down.loss = between(10, 80);
    star.ports[n].up.loss = between(5, 20);
  }
  star.description = "each host's link loses a share of its own";
  return star;
}

MulticastDemo multicast_demo(const DemoSpec& spec, std::stop_token stop,
                             const std::function<void(std::string_view)>& begins) {
  MulticastDemo demo;
  demo.spec = spec;
  std::unique_ptr<StarLab> lab;
  try {
    lab = std::make_unique<StarLab>(demo_star(spec));
    lab->start();
    demo.in_lab = true;
  } catch (const std::system_error& failure) {
    lab.reset();
    demo.no_lab = failure.what();
  }
  try {
    play_all(demo, lab.get(), stop, begins);
  } catch (const std::system_error& failure) {
    demo.error = failure.what();
    demo.interrupted = stop.stop_requested();
  }
  if (lab) demo.doubts = lab->stop().why;
  return demo;
}

}  // namespace netduel
