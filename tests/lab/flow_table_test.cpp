#include "lab/flow_table.hpp"

#include "support/catch.hpp"

using namespace netduel;

namespace {

const Endpoint a = Endpoint::v4({10, 0, 0, 1}, 5000);
const Endpoint b = Endpoint::v4({10, 0, 0, 2}, 80);

PacketHeaders packet(Protocol protocol, const Endpoint& from, const Endpoint& to) {
  PacketHeaders headers;
  headers.protocol = protocol;
  headers.source = from;
  headers.destination = to;
  return headers;
}

}  // namespace

TEST_CASE("both directions of a connection are one flow", "[lab]") {
  FlowTable flows;
  const auto up = flows.find(packet(Protocol::tcp, a, b), Direction::a_to_b);
  const auto down = flows.find(packet(Protocol::tcp, b, a), Direction::b_to_a);
  CHECK(up == down);
  CHECK(flows[up].of_a == a);
  CHECK(flows[up].of_b == b);
}

TEST_CASE("flows are counted within their protocol, in the order of their first packets", "[lab]") {
  FlowTable flows;
  const auto tcp = flows.find(packet(Protocol::tcp, a, b), Direction::a_to_b);
  const auto udp = flows.find(packet(Protocol::udp, a, b), Direction::a_to_b);
  const auto second = flows.find(packet(Protocol::udp, a.with_port(7), b), Direction::a_to_b);
  CHECK(flows[tcp].ordinal == 0);
  CHECK(flows[udp].ordinal == 0);
  CHECK(flows[second].ordinal == 1);
  CHECK(flows.all().size() == 3);
}

TEST_CASE("a fragment without ports belongs to the flow of its first one", "[lab]") {
  FlowTable flows;
  auto first = packet(Protocol::udp, a, b);
  first.is_fragment = true;
  first.is_first_fragment = true;
  first.fragment_id = 9;
  auto second = packet(Protocol::udp, a.with_port(0), b.with_port(0));
  second.is_fragment = true;
  second.fragment_id = 9;
  const auto flow = flows.find(first, Direction::a_to_b);
  CHECK(flows.find(second, Direction::a_to_b) == flow);
  second.fragment_id = 10;
  CHECK(flows.find(second, Direction::a_to_b) != flow);
}

TEST_CASE("a segment that fills a hole for the first time came out of order", "[lab]") {
  TcpOrder order;
  CHECK_FALSE(order.observe(1000, 100));
  CHECK_FALSE(order.observe(1200, 100));
  CHECK_FALSE(order.observe(1400, 100));
  CHECK(order.observe(1100, 100));
  CHECK(order.observe(1300, 100));
}

TEST_CASE("a segment that is sent again did not come out of order", "[lab]") {
  TcpOrder order;
  order.observe(1000, 100);
  order.observe(1200, 100);
  CHECK(order.observe(1100, 100));
  CHECK_FALSE(order.observe(1100, 100));
  CHECK_FALSE(order.observe(1000, 100));
  CHECK_FALSE(order.observe(1300, 0));
}

TEST_CASE("TCP's order is told across the wrap of its sequence numbers", "[lab]") {
  TcpOrder order;
  CHECK_FALSE(order.observe(0xffffff00, 0x80));
  CHECK_FALSE(order.observe(0x10, 0x10));
  CHECK(order.observe(0xffffff80, 0x90));
  CHECK_FALSE(order.observe(0x20, 0x10));
}

TEST_CASE("part of a hole leaves the rest a hole", "[lab]") {
  TcpOrder order;
  order.observe(0, 100);
  order.observe(400, 100);
  CHECK(order.observe(200, 100));
  CHECK(order.observe(100, 100));
  CHECK(order.observe(300, 100));
  CHECK_FALSE(order.observe(300, 100));
}
