#include "session/test_streams.hpp"

#include <algorithm>
#include <utility>

#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// Where octets or blocks end a test, and for a sender that is told when to end.
constexpr auto unlimited = std::chrono::hours(24 * 7);

/// In a stream whose end isn't told: longer than until a lost segment is sent again (RFC 6298, with
/// the least time of most systems, 200 ms).
constexpr auto longest_pause = 300ms;

std::uint64_t messages_of(const TestParameters& parameters) {
  if (parameters.blocks > 0) return parameters.blocks;
  return (parameters.octets + parameters.length - 1) / parameters.length;
}

bool is_limited_by_count(const TestParameters& parameters) {
  return parameters.blocks > 0 || parameters.octets > 0;
}

}  // namespace

struct TestStreams::Tally {
  explicit Tally(const asio::any_io_executor& executor) : changed(executor) {}
  std::size_t senders = 0;
  std::size_t all = 0;
  /// Never expires: cancelled when something has changed.
  asio::steady_timer changed;
};

TestStreams::TestStreams(const TestParameters& parameters, Role role,
                         std::shared_ptr<StreamWorkers> workers,
                         const asio::any_io_executor& executor)
    : parameters_(parameters),
      role_(role),
      workers_(std::move(workers)),
      executor_(executor),
      tally_(std::make_shared<Tally>(executor)) {
  if (is_limited_by_count(parameters) && !is_told_when_to_end()) {
    budget_ = std::make_shared<MessageBudget>(messages_of(parameters));
  }
}

TestStreams::~TestStreams() {
  abort();
  workers_->release_idle();
}

/// Whether a sender here goes on until the client says that it has had enough: stock clients, and
/// where datagrams are lost only the receiver knows how many octets have come.
bool TestStreams::is_told_when_to_end() const {
  const bool counts_arrivals =
      parameters_.transport == Transport::udp && is_limited_by_count(parameters_);
  return role_ == Role::server && (!parameters_.netduel || counts_arrivals);
}

std::size_t TestStreams::connections_wanted() const {
  const bool twice = parameters_.direction == TestDirection::both &&
                     !(parameters_.netduel && parameters_.netduel->full_duplex);
  return std::size_t{parameters_.parallel} * (twice ? 2 : 1);
}

/// Whether the n-th connection is one that we send on: from the client the first ones, in a test of
/// both directions; all or none in the others.
bool TestStreams::sends_connection(std::size_t index) const {
  const bool from_client =
      parameters_.direction == TestDirection::forward ||
      (parameters_.direction == TestDirection::both && index < parameters_.parallel);
  return from_client == (role_ == Role::client);
}

void TestStreams::add(std::shared_ptr<TcpConnection> connection, std::chrono::nanoseconds setup) {
  connection->frame(message_format(parameters_) == MessageFormat::opaque ? 0 : parameters_.length);
  Entry entry{.sending = {},
              .receiving = {},
              .remote = connection->remote(),
              .connection = connection,
              .socket = {},
              .opening = {.setup = setup}};
  const bool opaque = message_format(parameters_) == MessageFormat::opaque;
  const auto send = [&] {
    const bool bulk = opaque && parameters_.zero_copy;
    add_sending(bulk ? bulk_outlet_over(connection, parameters_.length) : outlet_over(connection),
                entry);
  };
  const auto receive = [&] {
    const bool bulk = opaque && parameters_.skip_receive_copy;
    add_receiving(bulk ? bulk_inlet_over(connection) : inlet_over(connection), entry);
  };
  const bool both = parameters_.netduel && parameters_.netduel->full_duplex;
  // The direction from the client has the lower number at both ends.
  if (sends_connection(connections_++)) {
    send();
    if (both) receive();
  } else {
    receive();
    if (both) send();
  }
}

void TestStreams::add(std::shared_ptr<UdpSocket> socket, const Endpoint& peer,
                      const Opening& opening) {
  Entry entry{.sending = {},
              .receiving = {},
              .remote = peer,
              .connection = {},
              .socket = socket,
              .opening = opening};
  if (sends_connection(connections_++)) {
    add_sending(outlet_over(socket, peer), entry);
  } else {
    add_receiving(inlet_over(socket), entry);
  }
}

Plan TestStreams::plan_for(bool sends, const Endpoint& local) const {
  const auto& ours = parameters_.netduel;
  Plan plan;
  plan.transport = parameters_.transport;
  plan.receiver = local;
  plan.message_octets = parameters_.length;
  plan.format = message_format(parameters_);
  plan.bits_per_second = parameters_.bits_per_second;
  const bool paced = parameters_.bits_per_second > 0;
  plan.schedule = !paced ? ScheduleKind::back_to_back
                  : ours && ours->schedule != ScheduleKind::back_to_back ? ours->schedule
                                                                         : ScheduleKind::periodic;
  plan.burst_messages = std::max<std::size_t>(1, parameters_.burst);
  plan.omit = ours ? ours->omit : parameters_.omit;
  plan.time = ours ? ours->time : parameters_.time;
  // A stock client says when to end, and its clock runs from another moment than ours.
  const bool told = is_told_when_to_end() && sends;
  if (is_limited_by_count(parameters_) || told) plan.time = unlimited;
  if (ours && ours->drain > 0ns) plan.drain = ours->drain;
  if (plan.format == MessageFormat::opaque) plan.drain = longest_pause;
  plan.peer_clock_ahead = peer_clock_ahead_;
  plan.patience = path_.patience;
  plan.splits_super_packets = path_.splits_super_packets;
  plan.window_octets = parameters_.window_octets;
  plan.offload = !ours || ours->offload;
  plan.congestion = parameters_.congestion;
  plan.no_delay = parameters_.no_delay;
  // A stock client reads whole blocks and waits for the rest of one, or for the end; a stock server
  // expects no end.
  plan.half_closes = plan.format != MessageFormat::opaque || role_ == Role::server;
  plan.repeating_payload = parameters_.repeating_payload;
  plan.seed = ours ? ours->seed + connections_ : connections_;
  plan.verify = ours && ours->verify;
  plan.pattern_seed = ours ? ours->seed : 0;
  plan.udp_checksum = parameters_.udp_checksum;
  return plan;
}

void TestStreams::add_sending(std::unique_ptr<Outlet> outlet, Entry entry) {
  outlet->prepare();
  const Plan plan = plan_for(true, outlet->local());
  entry.sending = std::make_shared<SendingStream>(plan, std::move(outlet), budget_);
  entries_.push_back(std::move(entry));
}

void TestStreams::add_receiving(std::unique_ptr<Inlet> inlet, Entry entry) {
  const Plan plan = plan_for(false, inlet->local());
  entry.receiving = std::make_shared<ReceivingStream>(
      plan, std::move(inlet), entry.remote, entry.opening.host_before, workers_->place().alone);
  entries_.push_back(std::move(entry));
}

void TestStreams::start() {
  started_ = std::chrono::steady_clock::now();
  for (const Entry& entry : entries_) {
    ++tally_->all;
    if (entry.sending) ++tally_->senders;
  }
  for (const Entry& entry : entries_) {
    if (entry.receiving) serve(entry.receiving, false, false);
  }
  for (const Entry& entry : entries_) {
    if (!entry.sending) continue;
    serve(entry.sending, entry.sending->plan().schedule == ScheduleKind::back_to_back, true);
  }
}

void TestStreams::serve(const std::shared_ptr<DataStream>& stream, bool alone, bool sends) {
  // The worker gives the tally away: its timer must not outlive the executor's context, which may
  // end as soon as the last stream has.
  workers_->serve(stream, alone, [executor = executor_, tally = tally_, sends]() mutable {
    asio::post(executor, [tally = std::move(tally), sends] {
      --tally->all;
      if (sends) --tally->senders;
      tally->changed.cancel();
    });
  });
}

void TestStreams::end_senders() {
  for (const Entry& entry : entries_) {
    if (!entry.sending) continue;
    entry.sending->end();
    workers_->poke(*entry.sending);
  }
}

void TestStreams::close_receivers(Deadline deadline) {
  for (const Entry& entry : entries_) {
    if (!entry.receiving) continue;
    entry.receiving->close(deadline);
    workers_->poke(*entry.receiving);
  }
}

void TestStreams::abort() {
  if (tally_->all == 0) return;
  for (const Entry& entry : entries_) {
    if (entry.sending) entry.sending->cut();
  }
  end_senders();
  close_receivers(Deadline::min());
}

asio::awaitable<bool> TestStreams::senders_over(Deadline deadline) {
  return wait_for(tally_->senders, deadline);
}

asio::awaitable<bool> TestStreams::over(Deadline deadline) {
  return wait_for(tally_->all, deadline);
}

asio::awaitable<bool> TestStreams::wait_for(const std::size_t& left, Deadline deadline) {
  const std::shared_ptr<Tally> tally = tally_;
  while (left > 0) {
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    tally->changed.expires_at(deadline);
    co_await tally->changed.async_wait(asio::experimental::as_tuple(asio::use_awaitable));
  }
  co_return true;
}

std::size_t TestStreams::senders_left() const {
  return tally_->senders;
}

bool TestStreams::unacknowledged() const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!sends(i)) continue;
    const auto info = tcp_info(i);
    if (!info || !info->octets_acknowledged) continue;
    // The rest of the last message stays here when a stream without messages ends within one.
    if (*info->octets_acknowledged + parameters_.length <= live(i).octets) return true;
  }
  return false;
}

bool TestStreams::sends() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.sending != nullptr; });
}

std::uint64_t TestStreams::octets_so_far() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) sum += live(i).octets;
  return sum;
}

int TestStreams::id(std::size_t index) const {
  return stream_id(index);
}

const DataStream& TestStreams::stream(std::size_t index) const {
  const Entry& entry = entries_[index];
  if (entry.sending) return *entry.sending;
  return *entry.receiving;
}

std::vector<Seal> TestStreams::seals() const {
  std::vector<Seal> seals;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].sending) continue;
    const SenderReport& report = entries_[i].sending->report();
    seals.push_back({.id = id(i),
                     .messages = report.counts.sent,
                     .omitted_messages = report.omitted_messages,
                     .octets = report.counts.sent * parameters_.length});
  }
  return seals;
}

std::vector<StreamRecord> TestStreams::outlines() const {
  std::vector<StreamRecord> outlines;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    outlines.push_back({.id = id(i),
                        .sends = sends(i),
                        .local = local(i),
                        .remote = entries_[i].remote,
                        .handle = handle(i),
                        .setup = entries_[i].opening.setup,
                        .sender = {},
                        .receiver = {}});
  }
  return outlines;
}

std::vector<StreamRecord> TestStreams::records(const std::vector<Seal>& seals) {
  const bool numbered_apart = message_format(parameters_) == MessageFormat::probe;
  std::vector<StreamRecord> records = outlines();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    StreamRecord& record = records[i];
    if (entry.sending) {
      record.sender = entry.sending->report();
      record.sender->source = record.local;
      record.sender->setup = record.setup;
    } else {
      std::optional<std::uint64_t> sent;
      const auto seal = std::ranges::find(seals, record.id, &Seal::id);
      if (seal != seals.end()) {
        sent = seal->messages + (numbered_apart ? 0 : seal->omitted_messages);
      }
      record.receiver = entry.receiving->report(sent);
      if (entry.connection) record.congestion = entry.connection->info().congestion;
    }
  }
  return records;
}

}  // namespace netduel
