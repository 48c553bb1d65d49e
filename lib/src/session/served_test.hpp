#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include "session/control_channel.hpp"
#include "session/control_documents.hpp"
#include "session/processor_share.hpp"
#include "session/server.hpp"
#include "session/test_streams.hpp"

namespace netduel {

/// What a test needs of the server that it runs in.
class TestHost {
 public:
  virtual ~TestHost() = default;
  virtual const ServerSpec& spec() const = 0;
  virtual const std::shared_ptr<StreamWorkers>& workers() const = 0;
  virtual asio::any_io_executor executor() = 0;
  /// Stock UDP hellos don't tell which test they are for: of each address only one test at a time
  /// may wait for them. False when another does.
  virtual bool take_gate(const Endpoint& address) = 0;
  virtual void leave_gate(const Endpoint& address) = 0;
  /// A hello that came to a test's own socket before that had its peer.
  virtual void hello(const iperf3::Hello& hello, const Endpoint& from, const Endpoint& to) = 0;
  virtual const ServerEvents& events() const = 0;
};

/// One test as the server sees it, from the cookie to the end of the control connection.
class ServedTest {
 public:
  ServedTest(TestHost& host, std::unique_ptr<ControlChannel> channel, std::string cookie);
  ~ServedTest();

  /// Runs the test to its end; what goes wrong is in the record then. Never throws.
  asio::awaitable<void> run();
  /// The server ends: tells the client.
  void end(const std::string& why);
  const TestRecord& record() const { return record_; }

  const std::string& cookie() const { return record_.cookie; }
  const Endpoint& client() const { return record_.remote; }
  bool lacks_streams(Transport transport) const;
  /// Stock: the hellos of its address are this test's.
  bool holds_gate() const { return holds_gate_; }
  /// A further connection with this test's cookie; those accepted later have larger numbers.
  void take(TcpConnection connection, std::uint64_t serial);
  /// A hello for this test, which came from the client's address.
  void take(const iperf3::Hello& hello, const Endpoint& from, const Endpoint& to);

 private:
  /// For what waits for the client.
  Deadline by(std::chrono::nanoseconds time) const;

  struct UdpPeer {
    std::shared_ptr<UdpSocket> socket;
    Endpoint peer;
    iperf3::Hello hello;
  };

  asio::awaitable<void> negotiate();
  void check(const TestParameters& parameters) const;
  asio::awaitable<void> refuse(std::int32_t code, std::string why);
  asio::awaitable<void> tell_error(std::int32_t code);
  std::shared_ptr<StreamWorkers> workers_for(const TestParameters& parameters) const;
  asio::awaitable<void> create_streams();
  void note_duration();
  /// How many streams the client has opened so far.
  std::size_t opened() const;
  void answer(const UdpPeer& peer);
  void answer_repeated_hellos();
  asio::awaitable<void> measure();
  asio::awaitable<std::vector<Seal>> seal();
  asio::awaitable<void> exchange_results(const std::vector<Seal>& seals);
  void fill_record(const std::vector<Seal>& seals);

  TestHost& host_;
  std::unique_ptr<ControlChannel> channel_;
  TestRecord record_;
  std::unique_ptr<TestStreams> streams_;
  std::vector<UdpPeer> udp_peers_;
  /// In the order in which they were accepted.
  std::map<std::uint64_t, std::shared_ptr<TcpConnection>> connections_;
  bool creating_ = false;
  bool holds_gate_ = false;
  bool sealed_ = false;
  std::string stopped_because_;
  ProcessorShare processors_;
};

}  // namespace netduel
