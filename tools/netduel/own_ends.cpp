#include "own_ends.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "experiment/lab_path.hpp"
#include "os/network_namespace.hpp"

namespace netduel::tool {
namespace {

/// What sends and what receives on processors apart, where one end does each of the two; the system
/// places the ends that do both, and those of a user who has named a processor.
Processors processors_for(const ClientOptions& options) {
  const TestParameters& parameters = options.spec.parameters;
  if (options.affinity || parameters.direction == TestDirection::both) return {};
  const std::size_t senders = parameters.bits_per_second > 0 ? 1 : parameters.parallel;
  return options.path.lab ? processors_apart_with_path(senders) : processors_apart(senders);
}

std::unique_ptr<StreamWorkers> make_workers(const Place& place) {
  return std::make_unique<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()), place);
}

template <class Call>
auto in(const os::NetworkNamespace* network, Call call) {
  return network != nullptr ? os::in_network(*network, call) : call();
}

}  // namespace

OwnEnds::OwnEnds(const ClientOptions& options) {
  const IpVersion version = options.ip_version.value_or(IpVersion::v4);
  if (const auto& path = options.path.lab) {
    lab_.emplace(*path);
    lab_->start(processors_apart_with_path().path);
    if (!lab_->has(version)) {
      throw std::system_error(std::make_error_code(std::errc::address_family_not_supported),
                              "make an emulated path with IPv6 (IPv4 works)");
    }
  }
  const Processors processors = processors_for(options);
  const bool sends = options.spec.parameters.direction != TestDirection::reverse;
  Place client{.processors = processors.sender, .network = network()};
  Place server{.processors = processors.receiver, .network = lab_ ? &lab_->b() : nullptr};
  if (!sends) std::swap(client.processors, server.processors);
  // An emulated path's own thread may share the receiver's processor, and so may other streams.
  const bool alone = processors.apart() && !lab_ && options.spec.parameters.parallel == 1;
  client.alone = server.alone = alone;
  client_workers_ = make_workers(client);
  ServerSpec spec;
  spec.place = std::move(server);
  // Any port is free on a host that is just made.
  spec.port = lab_ || options.has_port ? options.port : std::uint16_t{0};
  spec.address = lab_ ? Lab::address_of_b(version) : Endpoint::loopback(version);
  spec.receive_timeout = options.spec.stall_timeout;
  if (lab_) spec.path = known_path(*options.path.lab, Direction::b_to_a);
  server_ = listen(std::move(spec));
}

OwnEnds::~OwnEnds() = default;

Endpoint OwnEnds::listen(ServerSpec spec) {
  ServerEvents events;
  if (lab_) events.began = [this](const TestRecord&) { server_begins(); };
  const os::NetworkNamespace* const network = spec.place.network;
  running_ = in(network, [&] { return std::make_unique<Server>(spec, std::move(events)); });
  thread_ = std::jthread([this, network](std::stop_token stop) {
    // The listener has shown that it can be entered.
    if (network != nullptr) network->enter();
    running_->run(std::move(stop));
  });
  return running_->endpoints().front();
}

TestRecord OwnEnds::run(const ClientSpec& spec, const ClientEvents& events, std::stop_token stop) {
  ClientEvents with_path = events;
  if (lab_) {
    with_path.began = [&](const TestRecord& record) {
      client_begins();
      events.began(record);
    };
  }
  TestRecord record =
      in(network(), [&] { return run_client(spec, with_path, client_workers_, stop); });
  if (lab_) {
    const std::scoped_lock lock(mutex_);
    hold_against_link(record, before_, lab_->truth());
  }
  return record;
}

/// On the server's thread, before it tells the client to begin.
void OwnEnds::server_begins() {
  DirectionTruth truth = lab_->truth().b_to_a;
  const std::scoped_lock lock(mutex_);
  before_.b_to_a = std::move(truth);
}

void OwnEnds::client_begins() {
  DirectionTruth truth = lab_->truth().a_to_b;
  const std::scoped_lock lock(mutex_);
  before_.a_to_b = std::move(truth);
  lab_->restart_script();
}

std::optional<Truth> OwnEnds::stop() {
  thread_ = {};
  return lab_ ? std::optional(lab_->stop()) : std::nullopt;
}

}  // namespace netduel::tool
