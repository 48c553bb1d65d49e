#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include "netduel/measure/ledger.hpp"
#include "os/host_counters.hpp"
#include "session/data_stream.hpp"
#include "session/known_path.hpp"
#include "session/stream_workers.hpp"
#include "session/test_parameters.hpp"
#include "session/test_results.hpp"

namespace netduel {

/// Which side of the control connection we are.
enum class Role : std::uint8_t { client, server };

/// What an emulated link says of the packets of one stream.
struct LinkFlow {
  /// Which of the link's flows of its protocol, counted from 0.
  std::uint64_t ordinal = 0;
  /// What it did to the stream's messages; else why that can't be told.
  std::optional<LinkFigures> figures = {};
  std::string undecided = {};
};

/// One direction of a data stream, with what is known of it once it is over.
struct StreamRecord {
  int id = 0;
  bool sends = false;
  Endpoint local;
  Endpoint remote;
  NativeHandle handle = -1;
  /// At the client: from before the socket was opened until it could be sent on, without what the
  /// test's own protocol takes beyond that.
  std::chrono::nanoseconds setup{};
  /// Of a TCP connection that was received from: the congestion control of its other direction.
  std::string congestion = {};
  std::optional<SenderReport> sender;
  std::optional<ReceiverReport> receiver;
  /// Where it ran over an emulated link in this process.
  std::optional<LinkFlow> link = {};
};

/// How the socket of a stream was opened.
struct Opening {
  /// See StreamRecord.
  std::chrono::nanoseconds setup{};
  /// From before, so that none of the socket's drops is missed.
  os::HostTotals host_before = {};
};

/// The data streams of one test at one end: made over the sockets as these are opened, then run by
/// workers, then reported. On the control's thread.
class TestStreams {
 public:
  TestStreams(const TestParameters& parameters, Role role, std::shared_ptr<StreamWorkers> workers,
              const asio::any_io_executor& executor);
  ~TestStreams();
  TestStreams(const TestStreams&) = delete;
  TestStreams& operator=(const TestStreams&) = delete;

  /// How many connections, or pairs of UDP ports, the test is made of.
  std::size_t connections_wanted() const;
  std::size_t connections() const { return connections_; }
  bool complete() const { return connections_ == connections_wanted(); }
  /// Of streams that are added from now on: see Plan.
  void set_peer_clock_ahead(std::chrono::nanoseconds ahead) { peer_clock_ahead_ = ahead; }
  /// The same.
  void set_path(const KnownPath& path) { path_ = path; }
  /// In the order of opening, by which both ends know which stream is which.
  void add(std::shared_ptr<TcpConnection> connection, std::chrono::nanoseconds setup = {});
  void add(std::shared_ptr<UdpSocket> socket, const Endpoint& peer, const Opening& opening);

  void start();
  /// Asks what sends here to end.
  void end_senders();
  /// What is received here, to be over by then at the latest.
  void close_receivers(Deadline deadline);
  /// Cuts everything off.
  void abort();
  /// False when the deadline came first.
  asio::awaitable<bool> senders_over(Deadline deadline);
  asio::awaitable<bool> over(Deadline deadline);

  std::size_t senders_left() const;
  /// Whether something that was sent by TCP has not been acknowledged.
  bool unacknowledged() const;
  bool sends() const;
  /// Any progress shows in this sum.
  std::uint64_t octets_so_far() const;
  std::size_t size() const { return entries_.size(); }
  int id(std::size_t index) const;
  bool sends(std::size_t index) const { return entries_[index].sending != nullptr; }
  Endpoint local(std::size_t index) const { return stream(index).local(); }
  Endpoint remote(std::size_t index) const { return entries_[index].remote; }
  NativeHandle handle(std::size_t index) const { return stream(index).native_handle(); }
  LiveFigures live(std::size_t index) const { return stream(index).live(); }
  std::optional<TcpInfo> tcp_info(std::size_t index) const { return stream(index).tcp_info(); }
  /// When the streams were started.
  std::chrono::steady_clock::time_point started() const { return started_; }

  /// Of what was sent here; after `senders_over`.
  std::vector<Seal> seals() const;
  /// All streams, without reports.
  std::vector<StreamRecord> outlines() const;
  /// After `over`. `seals`: of what was sent there, as far as it is known.
  std::vector<StreamRecord> records(const std::vector<Seal>& seals);

 private:
  struct Entry {
    std::shared_ptr<SendingStream> sending;
    std::shared_ptr<ReceivingStream> receiving;
    Endpoint remote;
    std::shared_ptr<TcpConnection> connection;
    std::shared_ptr<UdpSocket> socket;
    Opening opening = {};
  };
  /// Shared with what workers have been told to call.
  struct Tally;

  const DataStream& stream(std::size_t index) const;
  bool is_told_when_to_end() const;
  bool sends_connection(std::size_t index) const;
  Plan plan_for(bool sends, const Endpoint& local) const;
  void add_sending(std::unique_ptr<Outlet> outlet, Entry entry);
  void add_receiving(std::unique_ptr<Inlet> inlet, Entry entry);
  void serve(const std::shared_ptr<DataStream>& stream, bool alone, bool sends);
  asio::awaitable<bool> wait_for(const std::size_t& left, Deadline deadline);

  TestParameters parameters_;
  Role role_;
  std::shared_ptr<StreamWorkers> workers_;
  asio::any_io_executor executor_;
  std::shared_ptr<MessageBudget> budget_;
  std::chrono::nanoseconds peer_clock_ahead_{};
  KnownPath path_;
  std::size_t connections_ = 0;
  std::vector<Entry> entries_;
  std::chrono::steady_clock::time_point started_{};
  std::shared_ptr<Tally> tally_;
};

/// The n-th stream of a test has this id in iperf3's documents: 1, 3, 4, 5, ...
constexpr int stream_id(std::size_t index) {
  return index == 0 ? 1 : static_cast<int>(index) + 2;
}

}  // namespace netduel
