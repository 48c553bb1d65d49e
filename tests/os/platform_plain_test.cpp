// What a system of which no more is known than POSIX can't tell is absent, and never 0.
#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/host_counters.hpp"
#include "os/network_namespace.hpp"
#include "os/queueing_discipline.hpp"
#include "os/stream.hpp"
#include "os/thread.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("what the host's counters can't tell is absent", "[os]") {
  const os::HostTotals totals = os::host_totals(IpVersion::v4);
  CHECK_FALSE(totals.receive_buffer_errors);
  CHECK_FALSE(totals.memory_errors);
  CHECK_FALSE(totals.checksum_errors);
  CHECK_FALSE(totals.softnet_drops);
  const os::HostFacts facts = os::host_facts();
  CHECK_FALSE(facts.system.empty());
  CHECK(facts.processors > 0);
  CHECK_FALSE(facts.receive_buffer_limit_octets);
  CHECK_FALSE(facts.send_buffer_limit_octets);
}

TEST_CASE("a connection tells nothing that this build can't know", "[os]") {
  const TcpPair pair = tcp_pair();
  const TcpInfo info = pair.client.info();
  CHECK(info.congestion.empty());
  CHECK_FALSE(info.timestamps);
  CHECK_FALSE(info.smoothed_rtt);
  CHECK_FALSE(info.rtt_variation);
  CHECK_FALSE(info.congestion_window_octets);
  CHECK_FALSE(info.send_window_octets);
  CHECK_FALSE(info.reordering_events);
  CHECK_FALSE(info.retransmitted_segments);
  CHECK_FALSE(info.octets_acknowledged);
}

TEST_CASE("an arrival over TCP says that the application stamped it", "[os]") {
  TcpPair pair = tcp_pair();
  const std::vector<Octets> sent{noise(10, 1)};
  pair.client.send(views(sent), in_good_time());
  const ReceiveResult result = pair.server.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(result.messages[0].stamped_by == StampedBy::application);
  CHECK(result.messages[0].arrived == result.messages[0].read_at);
}

TEST_CASE("no queueing discipline is known, and so none that keeps super-packets whole", "[os]") {
  CHECK_FALSE(os::queueing_discipline_towards(Endpoint::loopback(IpVersion::v4)));
  CHECK_FALSE(os::keeps_super_packets_whole("noqueue"));
}

TEST_CASE("a thread may run anywhere", "[os]") {
  CHECK(os::allowed_processors().empty());
  CHECK(os::siblings_of(3) == std::vector{3U});
}

TEST_CASE("a congestion control of one's own is refused by name", "[os]") {
  CHECK(os::available_congestion_controls().empty());
  const auto [text, code] = failure_of([] { tcp_pair({.congestion = "reno"}); });
  CHECK(code == std::errc::operation_not_supported);
  CHECK(contains(text, "'reno'"));
}

TEST_CASE("an emulated path is refused with what works instead", "[os]") {
  const auto [text, code] = failure_of([] { os::become_able_to_make_namespaces(); });
  CHECK(code == std::errc::operation_not_supported);
  CHECK(contains(text, "Linux"));
  CHECK(contains(text, "netduel compare"));
}

TEST_CASE("an interface or a pace of one's own is refused by name", "[os]") {
  const auto [interface, why_no_interface] = failure_of([] { tcp_pair({.interface = "lo"}); });
  CHECK(contains(interface, "interface lo"));
  CHECK(why_no_interface == std::errc::operation_not_supported);
  const auto [pace, why_no_pace] =
      failure_of([] { tcp_pair({.max_pacing_bits_per_second = 8000}); });
  CHECK(contains(pace, "8000 bit/s"));
  CHECK(why_no_pace == std::errc::operation_not_supported);
}

TEST_CASE("a datagram without a checksum can't be had, and is refused in one line", "[os]") {
  const auto open = [] {
    (void)UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.checksum = false});
  };
  CHECK_THAT(failure_of(open).first, containing("leave out UDP's checksum"));
}
