#include "session/client.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <fmt/format.h>

#include "session/client_streams.hpp"
#include "session/clock_watch.hpp"
#include "session/control_channel.hpp"
#include "session/control_documents.hpp"
#include "session/deadlines.hpp"
#include "session/peer_results.hpp"
#include "session/processor_share.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using iperf3::State;
using Clock = std::chrono::steady_clock;

/// A server may be busy with opening the streams of many others.
constexpr auto longest_turn = 150s;
/// After a user's wish to end, no peer is waited for longer.
constexpr auto longest_end = 2s;
constexpr auto longest_farewell = 5s;
/// A stock server drops what it hasn't read when it is told of the end.
constexpr auto settling = 50ms;
constexpr auto longest_settling = 2s;
/// For all of the exchanges before a test, or behind it.
constexpr auto longest_comparison = 1s;
constexpr auto between_exchanges = 100ms;
constexpr auto look_again = 50ms;
constexpr auto look_again_for_end = 1ms;
/// Beyond its drain time, for a sender whose thread was late to begin.
constexpr auto longest_late = 200ms;

/// The client's side of a test, in the order of its control connection.
class ClientTest {
 public:
  ClientTest(const ClientSpec& spec, const ClientEvents& events,
             std::shared_ptr<StreamWorkers> workers, std::stop_token stop)
      : spec_(spec), events_(events), workers_(std::move(workers)), stop_(std::move(stop)) {
    record_.role = Role::client;
    record_.parameters = spec.parameters;
    record_.cookie = spec.cookie;
    record_.remote = spec.server;
    record_.has_own_path = spec.has_own_path;
    record_.began = wall_now();
  }

  TestRecord run() {
    asio::co_spawn(context_, work(), asio::detached);
    const std::stop_callback on_stop(stop_, [this] { asio::post(context_, [this] { nudge(); }); });
    context_.run();
    return std::move(record_);
  }

 private:
  /// For what waits for the peer.
  /// What the peer says when the streams are over: it may first have to read what was sent.
  Deadline answered_by(std::chrono::nanoseconds time) const {
    return by(
        std::min<std::chrono::nanoseconds>(time, spec_.stall_timeout + longest_netduel_drain));
  }
  Deadline by(std::chrono::nanoseconds time) const {
    return deadline_in(time + spec_.path.patience);
  }

  /// The user wants to stop. Before the streams run there is nothing to report, and no wait for the
  /// peer goes on; then the test is ended, but a peer that doesn't answer is left.
  void nudge() {
    if (!channel_) return;
    if (!streams_ || streams_->started() == Clock::time_point{}) {
      channel_->close();
      return;
    }
    last_wait_.expires_after(longest_farewell);
    last_wait_.async_wait([this](const asio::error_code& cancelled) {
      if (!cancelled) channel_->close();
    });
  }

  Task<void> work() {
    try {
      connect();
      co_await negotiate();
      co_await open_streams();
      co_await measure();
      co_await end();
      co_await exchange_results();
    } catch (const std::exception& error) {
      fail(error.what());
    }
    if (streams_ && !record_.streams_reported) co_await report_what_there_is();
    record_.interrupted = stop_.stop_requested();
    last_wait_.cancel();
    if (channel_) channel_->close();
  }

  void fail(const std::string& why) {
    // A user who ends the wait for a peer knows why there is none.
    if (!stop_.stop_requested()) record_.error = why;
  }

  Task<void> report_what_there_is() {
    if (streams_->started() == Clock::time_point{}) co_return;
    if (record_.duration == 0ns) record_.duration = Clock::now() - streams_->started() - omit();
    mark(true);
    update_clock();
    streams_->abort();
    const bool over = co_await streams_->over(by(longest_answer));
    if (over) fill_record(seals_);
  }

  /// By the first of the server's addresses that accepts. Each gets an equal share of the time that
  /// those before it have left.
  void connect() {
    std::vector<ServerRoute> routes{
        {.server = spec_.server, .local = spec_.local, .length = spec_.parameters.length}};
    routes.insert(routes.end(), spec_.alternatives.begin(), spec_.alternatives.end());
    const Deadline deadline = deadline_in(spec_.connect_timeout);
    std::string failures;
    for (std::size_t i = 0; i < routes.size() && !channel_; ++i) {
      take(routes[i]);
      const Deadline now = Clock::now();
      const auto share = (deadline - now) / static_cast<Clock::rep>(routes.size() - i);
      try {
        connect_by(now + share);
      } catch (const std::system_error& error) {
        failures += (failures.empty() ? "" : "; ") + std::string(error.what());
        if (stop_.stop_requested()) break;
      }
    }
    if (!channel_) throw ControlError(failures);
  }

  void take(const ServerRoute& route) {
    spec_.server = route.server;
    spec_.local = route.local;
    spec_.parameters.length = route.length;
    record_.remote = route.server;
    record_.parameters.length = route.length;
  }

  void connect_by(Deadline deadline) {
    TcpOptions options;
    options.no_delay = true;
    options.interface = spec_.interface;
    TcpConnection connection = spec_.local
                                   ? TcpConnection::connect(spec_.local->with_port(0), spec_.server,
                                                            options, deadline, stop_)
                                   : TcpConnection::connect(spec_.server, options, deadline, stop_);
    record_.local = connection.local();
    record_.control_info = connection.info();
    channel_ = std::make_unique<ControlChannel>(context_.get_executor(), std::move(connection));
  }

  Task<void> negotiate() {
    const auto cookie = iperf3::encode_cookie(record_.cookie);
    std::vector<std::byte> octets(cookie.begin(), cookie.end());
    co_await channel_->write(std::move(octets), by(longest_answer));
    co_await channel_->expect(State::param_exchange, by(longest_answer));
    co_await channel_->write_document(parameters_to_json(record_.parameters), by(longest_document));
    State state = co_await channel_->read_state(by(longest_turn));
    if (state == State::netduel_terms) {
      const std::string document =
          co_await channel_->read_document(longest_parameters_octets, by(longest_document));
      record_.terms = terms_from_json(document);
      check_integrity("a newer netduel at the other end");
      state = co_await channel_->read_state(by(longest_turn));
    } else {
      // A stock server: what netduel adds falls away.
      if (record_.parameters.netduel && record_.parameters.netduel->full_duplex) {
        throw ControlError(
            "the server is no netduel, which --full-duplex needs; --bidir works with any");
      }
      check_integrity("netduel at the other end, and the server is none");
      record_.parameters.netduel.reset();
    }
    if (state == State::create_streams) co_return;
    co_await channel_->refuse_end(state, by(longest_answer));
    throw ControlError(fmt::format("the server said {} where {} belongs", iperf3::name_of(state),
                                   iperf3::name_of(State::create_streams)));
  }

  /// What is asked of the server too must be done there.
  void check_integrity(std::string_view needed) const {
    if (record_.terms && record_.terms->integrity) return;
    const TestParameters& parameters = record_.parameters;
    if (parameters.netduel && parameters.netduel->verify) {
      throw ControlError(fmt::format("--verify needs {}", needed));
    }
    if (!parameters.udp_checksum && parameters.direction != TestDirection::forward) {
      throw ControlError(
          fmt::format("--no-udp-checksum of what the server sends needs {}", needed));
    }
  }

  Task<void> open_streams() {
    streams_ = std::make_unique<TestStreams>(record_.parameters, Role::client, workers_,
                                             context_.get_executor());
    streams_->set_path(spec_.path);
    if (record_.parameters.netduel && !spec_.has_own_path) compare_clocks();
    ClientStreams opener(spec_, record_.parameters, *channel_, stop_);
    co_await opener.open(*streams_);
    record_.streams = streams_->outlines();
    // It may have come while the last stream waited for its answer.
    if (!opener.has_seen_start()) co_await channel_->expect(State::test_start, by(longest_turn));
    co_await channel_->expect(State::test_running, by(longest_answer));
  }

  /// On one host both ends have one clock, and what an exchange says beyond that is its own error.
  void compare_clocks() {
    clock_.emplace(spec_.server, record_.cookie, spec_.local, spec_.interface);
    clock_->ask_some(deadline_in(longest_comparison));
    const auto first = clock_->estimate();
    if (!first) return;
    const bool differs = first->bound && std::chrono::abs(first->offset) > *first->bound;
    const auto ahead = stays_in_host(record_) && !differs ? 0ns : first->offset;
    record_.clock = ClockRecord{.assumed = {.offset = ahead}, .known = *first};
    streams_->set_peer_clock_ahead(ahead);
  }

  void compare_clocks_again() {
    if (!record_.clock) return;
    clock_->ask_some(deadline_in(longest_comparison));
    update_clock();
  }

  void update_clock() {
    if (!record_.clock) return;
    clock_->listen();
    record_.clock->known = clock_->estimate().value_or(record_.clock->known);
  }

  Task<void> measure() {
    processors_.start();
    events_.began(record_);
    streams_->start();
    Deadline next_mark = spec_.interval > 0ns ? deadline_in(spec_.interval) : Deadline::max();
    omitting_ = omit() > 0ns;
    Deadline end_of_omitted_time = omitting_ ? deadline_in(omit()) : Deadline::max();
    Deadline next_exchange = deadline_in(between_exchanges);
    std::uint64_t octets = 0;
    Deadline stalled = deadline_in(spec_.stall_timeout);
    while (!over()) {
      const bool may_end = counted() || Clock::now() >= end_of_time();
      const Deadline look = deadline_in(may_end ? look_again_for_end : look_again);
      const Deadline until = Clock::now() >= end_of_time()
                                 ? look
                                 : std::min({next_mark, end_of_omitted_time, end_of_time(), look});
      const auto state = co_await channel_->try_read_state(until);
      if (state) {
        co_await channel_->refuse_end(*state, by(longest_answer));
        throw ControlError(
            fmt::format("the server said {} while the test ran", iperf3::name_of(*state)));
      }
      const auto now = Clock::now();
      if (record_.clock && now >= next_exchange) {
        clock_->listen();
        clock_->ask();
        next_exchange = now + between_exchanges;
      }
      if (now >= end_of_omitted_time) {
        mark(false);
        end_of_omitted_time = Deadline::max();
        omitting_ = false;
        if (spec_.interval > 0ns) next_mark = deadline_in(spec_.interval);
      }
      if (now >= next_mark && now < end_of_time()) {
        mark(false);
        next_mark += std::chrono::duration_cast<Clock::duration>(spec_.interval);
      }
      const std::uint64_t now_octets = streams_->octets_so_far();
      if (now_octets > octets) stalled = deadline_in(spec_.stall_timeout);
      octets = now_octets;
      if (now > stalled) throw ControlError("the streams carried nothing for too long");
    }
  }

  std::chrono::nanoseconds omit() const {
    return record_.parameters.netduel ? record_.parameters.netduel->omit
                                      : std::chrono::nanoseconds(record_.parameters.omit);
  }
  bool counted() const { return record_.parameters.octets > 0 || record_.parameters.blocks > 0; }
  Deadline end_of_time() const {
    if (counted()) return Deadline::max();
    const auto time = spec_.parameters.netduel ? spec_.parameters.netduel->time
                                               : std::chrono::nanoseconds(spec_.parameters.time);
    return streams_->started() + std::chrono::duration_cast<Clock::duration>(omit() + time);
  }
  bool over() const {
    if (stop_.stop_requested()) return true;
    if (!counted()) return Clock::now() >= end_of_time() && timed_senders_over();
    if (streams_->sends()) return streams_->senders_left() == 0;
    const auto& parameters = record_.parameters;
    const std::uint64_t wanted =
        parameters.octets > 0 ? parameters.octets : parameters.blocks * parameters.length;
    return streams_->octets_so_far() >= wanted;
  }

  /// To a netduel peer each sender ends by itself when all that was due in its time has left.
  bool timed_senders_over() const {
    const auto& netduel = record_.parameters.netduel;
    if (!netduel || streams_->senders_left() == 0) return true;
    const auto grace = std::chrono::duration_cast<Clock::duration>(netduel->drain + longest_late);
    return Clock::now() >= end_of_time() + grace;
  }

  void mark(bool last) {
    IntervalMark now;
    now.at = Clock::now() - streams_->started();
    now.omitted = omitting_;
    if (last && !record_.intervals.empty() && now.at <= record_.intervals.back().at) return;
    for (std::size_t i = 0; i < streams_->size(); ++i) {
      now.streams.push_back(streams_->live(i));
      now.tcp.push_back(streams_->tcp_info(i));
    }
    record_.intervals.push_back(std::move(now));
    events_.interval(record_);
  }

  Task<void> end() {
    streams_->end_senders();
    const bool stopped = stop_.stop_requested();
    if (!co_await streams_->senders_over(stopped ? deadline_in(longest_end)
                                                 : answered_by(longest_answer))) {
      throw ControlError("a data stream did not end");
    }
    record_.duration = Clock::now() - streams_->started() - omit();
    mark(true);
    if (!record_.parameters.netduel && streams_->sends()) co_await settle();
    co_await channel_->write_state(
        State::test_end, stopped ? deadline_in(longest_end) : answered_by(longest_answer));
    if (record_.parameters.netduel) co_await seal();
    co_await channel_->expect(State::exchange_results, answered_by(longest_document));
    if (!record_.parameters.netduel) streams_->close_receivers(deadline_in(settling));
    if (!co_await streams_->over(by(longest_netduel_drain + longest_end))) {
      throw ControlError("a data stream did not end");
    }
  }

  /// Until a stock server's kernel has all that was sent, and its program had time to read it.
  Task<void> settle() {
    const Deadline latest = deadline_in(stop_.stop_requested() ? settling : longest_settling);
    while (Clock::now() < latest && streams_->unacknowledged()) {
      co_await pause(5ms);
    }
    record_.taken_after = Clock::now() - streams_->started() - omit();
    co_await pause(settling);
  }

  Task<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(context_, time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  Task<void> seal() {
    co_await channel_->write_state(State::netduel_seal, by(longest_answer));
    co_await channel_->write_document(seals_to_json(streams_->seals()),
                                      answered_by(longest_document));
    co_await channel_->expect(State::netduel_seal, answered_by(longest_document));
    const std::string document =
        co_await channel_->read_document(longest_document_octets, answered_by(longest_document));
    seals_ = seals_from_json(document);
    const auto& netduel = *record_.parameters.netduel;
    const bool to_the_end = record_.parameters.transport == Transport::tcp && netduel.probes;
    streams_->close_receivers(to_the_end ? by(longest_netduel_drain) : deadline_in(netduel.drain));
  }

  Task<void> exchange_results() {
    compare_clocks_again();
    fill_record(seals_);
    co_await channel_->write_document(results_to_json(record_.ours), answered_by(longest_document));
    const std::string document = co_await channel_->read_document(
        record_.parameters.netduel ? longest_document_octets : longest_stock_results_octets,
        answered_by(longest_document));
    record_.theirs = results_from_json(document);
    if (!record_.parameters.netduel && record_.parameters.transport == Transport::udp) {
      // Only now a stock server tells how many it has sent.
      for (const PeerStream& stream : record_.theirs->streams) {
        seals_.push_back({.id = stream.id, .messages = stream.packets, .octets = stream.octets});
      }
      fill_record(seals_);
    }
    co_await channel_->expect(State::display_results, answered_by(longest_answer));
    co_await channel_->write_state(State::iperf_done, by(longest_answer));
    (void)channel_->connection().finish(Deadline::min());
  }

  /// What came behind the last mark belongs to the interval that it ended.
  void complete_last_interval() {
    if (record_.intervals.empty()) return;
    IntervalMark& last = record_.intervals.back();
    for (std::size_t i = 0; i < last.streams.size() && i < record_.streams.size(); ++i) {
      const auto& receiver = record_.streams[i].receiver;
      const LiveFigures now = streams_->live(i);
      if (!receiver || now.octets <= last.streams[i].octets) continue;
      last.streams[i] = now;
      last.at = std::max(last.at, receiver->last_read + omit());
    }
  }

  void fill_record(const std::vector<Seal>& seals) {
    record_.streams = streams_->records(seals);
    complete_last_interval();
    record_.streams_reported = true;
    record_.ours = results_of(record_.parameters, record_.streams, record_.duration);
    processors_.tell(record_.ours);
  }

  /// Of the server's addresses the one in use.
  ClientSpec spec_;
  const ClientEvents& events_;
  std::shared_ptr<StreamWorkers> workers_;
  std::stop_token stop_;
  asio::io_context context_{1};
  asio::steady_timer last_wait_{context_};
  std::unique_ptr<ControlChannel> channel_;
  std::unique_ptr<TestStreams> streams_;
  std::optional<ClockWatch> clock_;
  bool omitting_ = false;
  std::vector<Seal> seals_;
  ProcessorShare processors_;
  TestRecord record_;
};

}  // namespace

std::string random_cookie() {
  std::random_device device;
  std::array<std::uint8_t, iperf3::cookie_characters> octets{};
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(device());
  return iperf3::make_cookie(octets);
}

TestRecord run_client(const ClientSpec& spec, const ClientEvents& events,
                      std::shared_ptr<StreamWorkers> workers, std::stop_token stop) {
  return ClientTest(spec, events, std::move(workers), std::move(stop)).run();
}

}  // namespace netduel
