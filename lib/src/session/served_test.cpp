#include "session/served_test.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "session/deadlines.hpp"
#include "session/peer_results.hpp"
#include "session/processors.hpp"
#include "session/rate_guard.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using iperf3::State;

/// Beyond its own time a test may go on for so long, as stock servers have it.
constexpr auto grace = 40s;
constexpr auto watch = 1s;
/// What a stock client has handed to its kernel when it tells the end still comes. The longest
/// pause in that: for TCP, longer than until a lost segment is sent again (RFC 6298 with the 200 ms
/// of most systems).
constexpr auto stock_drain_udp = 100ms;
constexpr auto stock_drain_tcp = 300ms;
constexpr auto longest_stock_drain = 3s;

// iperf3's codes for what is wrong.
constexpr std::int32_t code_total_rate = 27;
constexpr std::int32_t code_longest_time = 37;
constexpr std::int32_t code_processor = 132;
constexpr std::int32_t code_no_data = 144;
constexpr std::int32_t code_timer_expired = 160;
constexpr std::int32_t code_stream_listen = 202;

std::chrono::milliseconds stock_drain(Transport transport) {
  return transport == Transport::tcp ? stock_drain_tcp : stock_drain_udp;
}

}  // namespace

ServedTest::ServedTest(TestHost& host, std::unique_ptr<ControlChannel> channel, std::string cookie)
    : host_(host), channel_(std::move(channel)) {
  record_.role = Role::server;
  record_.cookie = std::move(cookie);
  record_.local = channel_->connection().local();
  record_.remote = channel_->connection().remote();
  record_.began = wall_now();
}

ServedTest::~ServedTest() = default;

Deadline ServedTest::by(std::chrono::nanoseconds time) const {
  return deadline_in(time + host_.spec().path.patience);
}

asio::awaitable<void> ServedTest::run() {
  std::int32_t code = 0;
  try {
    co_await negotiate();
    co_await create_streams();
    co_await measure();
    const std::vector<Seal> seals = co_await seal();
    co_await exchange_results(seals);
  } catch (const PeerEnded& ended) {
    record_.interrupted = ended.state == State::client_terminate;
    record_.error = ended.what();
  } catch (const ControlError& error) {
    record_.error = stopped_because_.empty() ? error.what() : stopped_because_;
    if (creating_) code = code_stream_listen;
  } catch (const std::exception& error) {
    record_.error = error.what();
  }
  if (holds_gate_) host_.leave_gate(record_.remote);
  creating_ = false;
  if (code != 0) co_await tell_error(code);
  if (streams_ && !record_.streams_reported) {
    // What was measured until then is not lost.
    note_duration();
    streams_->abort();
    const bool over = co_await streams_->over(by(longest_answer));
    if (over && streams_->started() != std::chrono::steady_clock::time_point{}) fill_record({});
  }
  channel_->close();
}

void ServedTest::end(const std::string& why) {
  stopped_because_ = why;
  const auto octet = static_cast<std::byte>(State::server_terminate);
  const Bytes message(&octet, 1);
  (void)channel_->connection().send({&message, 1}, Deadline::min());
  channel_->close();
}

asio::awaitable<void> ServedTest::negotiate() {
  co_await channel_->write_state(State::param_exchange, by(longest_answer));
  const std::string document =
      co_await channel_->read_document(longest_parameters_octets, by(longest_document));
  std::optional<DocumentError> wrong;
  try {
    record_.parameters = parameters_from_json(document);
    check(record_.parameters);
  } catch (const DocumentError& error) {
    wrong = error;
  }
  if (wrong) co_await refuse(wrong->code, wrong->what());
  if (!record_.parameters.netduel) co_return;
  const ServerSpec& spec = host_.spec();
  Terms terms;
  terms.version = NETDUEL_VERSION;
  terms.most_bits_per_second = spec.most_bits_per_second;
  terms.longest_time = spec.longest_time;
  terms.integrity = true;
  co_await channel_->write_state(State::netduel_terms, by(longest_answer));
  co_await channel_->write_document(terms_to_json(terms), by(longest_answer));
}

void ServedTest::check(const TestParameters& parameters) const {
  const ServerSpec& spec = host_.spec();
  const std::chrono::nanoseconds time = parameters.time + parameters.omit;
  const bool timed = parameters.octets == 0 && parameters.blocks == 0;
  if (spec.longest_time > 0ns && (time > spec.longest_time || (timed && parameters.time == 0s))) {
    throw DocumentError(fmt::format("the test takes longer than the {} s that this server allows",
                                    std::chrono::duration<double>(spec.longest_time).count()),
                        code_longest_time);
  }
  const double asked = parameters.bits_per_second * parameters.parallel *
                       (parameters.direction == TestDirection::both ? 2 : 1);
  if (spec.most_bits_per_second > 0 && (asked == 0 || asked > spec.most_bits_per_second)) {
    throw DocumentError("the test asks for a higher rate than this server allows", code_total_rate);
  }
  if (parameters.server_affinity && !can_run_on(*parameters.server_affinity)) {
    throw DocumentError(fmt::format("the test asks for processor {}, where this server can't run",
                                    *parameters.server_affinity),
                        code_processor);
  }
}

asio::awaitable<void> ServedTest::refuse(std::int32_t code, std::string why) {
  co_await tell_error(code);
  throw std::runtime_error(why);
}

/// As far as the client still listens.
asio::awaitable<void> ServedTest::tell_error(std::int32_t code) {
  try {
    co_await channel_->write_error({.code = code, .system_error = 0}, deadline_in(watch));
  } catch (const ControlError&) {
    // It has gone.
  }
}

asio::awaitable<void> ServedTest::measure() {
  const TestParameters& parameters = record_.parameters;
  processors_.start();
  record_.streams = streams_->outlines();
  host_.events().began(record_);
  co_await channel_->write_state(State::test_start, by(longest_answer));
  // The streams of a test run from here on: what comes behind TEST_RUNNING is measured.
  streams_->start();
  co_await channel_->write_state(State::test_running, by(longest_answer));
  const bool timed = parameters.octets == 0 && parameters.blocks == 0 && parameters.time > 0s;
  // How long a test of so many octets takes shows only as it goes.
  const auto allowed = host_.spec().longest_time;
  const Deadline latest = timed           ? by(parameters.omit + parameters.time + grace)
                          : allowed > 0ns ? deadline_in(allowed)
                                          : Deadline::max();
  const double most_bits_per_second = host_.spec().most_bits_per_second;
  RateGuard guard(most_bits_per_second, streams_->started());
  std::uint64_t octets = 0;
  Deadline stalled = deadline_in(host_.spec().receive_timeout);
  for (;;) {
    const auto state = co_await channel_->try_read_state(deadline_in(watch));
    if (state == State::test_end) break;
    if (state) {
      co_await channel_->refuse_end(*state, by(longest_answer));
      throw ControlError(
          fmt::format("the client said {} while the test ran", iperf3::name_of(*state)));
    }
    const auto now = std::chrono::steady_clock::now();
    if (now > latest && timed) {
      co_await refuse(code_timer_expired, "the client did not end its test");
    }
    if (now > latest) {
      co_await refuse(code_longest_time, "the test took longer than this server allows");
    }
    const std::uint64_t now_octets = streams_->octets_so_far();
    if (now_octets > octets) stalled = deadline_in(host_.spec().receive_timeout);
    octets = now_octets;
    if (most_bits_per_second > 0 && guard.exceeded(octets, now)) {
      co_await refuse(code_total_rate, "the test carried more than it asked for and may");
    }
    if (now > stalled) co_await refuse(code_no_data, "the streams of the test carried nothing");
  }
  note_duration();
}

/// Once, when the streams have ended or are ended.
void ServedTest::note_duration() {
  if (record_.duration > 0ns || streams_->started() == std::chrono::steady_clock::time_point{}) {
    return;
  }
  const TestParameters& parameters = record_.parameters;
  const std::chrono::nanoseconds omit =
      parameters.netduel ? parameters.netduel->omit : std::chrono::nanoseconds(parameters.omit);
  const std::chrono::nanoseconds ran = std::chrono::steady_clock::now() - streams_->started();
  record_.duration = std::max(0ns, ran - omit);
}

/// Ends the streams. To netduel both sides say what they have sent, so that either knows exactly
/// what it misses; then both drain.
asio::awaitable<std::vector<Seal>> ServedTest::seal() {
  const auto& netduel = record_.parameters.netduel;
  streams_->end_senders();
  std::vector<Seal> theirs;
  if (netduel) {
    if (!co_await streams_->senders_over(by(longest_answer))) {
      throw ControlError("a data stream did not end");
    }
    co_await channel_->write_state(State::netduel_seal, by(longest_answer));
    co_await channel_->write_document(seals_to_json(streams_->seals()), by(longest_document));
    co_await channel_->expect(State::netduel_seal, by(longest_document));
    const std::string document =
        co_await channel_->read_document(longest_document_octets, by(longest_document));
    theirs = seals_from_json(document);
    sealed_ = true;
    const bool to_the_end = record_.parameters.transport == Transport::tcp && netduel->probes;
    streams_->close_receivers(to_the_end ? by(longest_netduel_drain) : deadline_in(netduel->drain));
  } else {
    streams_->close_receivers(deadline_in(stock_drain(record_.parameters.transport)));
  }
  const auto longest = netduel ? longest_netduel_drain + 5s : longest_stock_drain;
  if (!co_await streams_->over(by(longest))) {
    streams_->abort();
    if (!co_await streams_->over(by(longest_answer))) {
      throw ControlError("a data stream did not end");
    }
  }
  co_return theirs;
}

asio::awaitable<void> ServedTest::exchange_results(const std::vector<Seal>& seals) {
  co_await channel_->write_state(State::exchange_results, by(longest_answer));
  const std::string document = co_await channel_->read_document(
      record_.parameters.netduel ? longest_document_octets : longest_stock_results_octets,
      by(longest_document));
  record_.theirs = results_from_json(document);
  std::vector<Seal> known = seals;
  if (!sealed_) {
    // A stock client tells the last number of each of its streams here.
    for (const PeerStream& stream : record_.theirs->streams) {
      known.push_back({.id = stream.id, .messages = stream.packets, .octets = stream.octets});
    }
  }
  fill_record(known);
  if (record_.parameters.wants_server_output) {
    record_.ours.server_output_text = host_.events().output_text(record_);
    record_.ours.server_output_json = host_.events().output_json(record_);
  }
  co_await channel_->write_document(results_to_json(record_.ours), by(longest_document));
  co_await channel_->write_state(State::display_results, by(longest_answer));
  try {
    co_await channel_->expect(State::iperf_done, by(longest_answer));
  } catch (const ControlError&) {
    // Some clients just close: they have all they wanted.
  }
}

void ServedTest::fill_record(const std::vector<Seal>& seals) {
  record_.streams = streams_->records(seals);
  record_.streams_reported = true;
  record_.ours = results_of(record_.parameters, record_.streams, record_.duration);
  processors_.tell(record_.ours);
}

}  // namespace netduel
