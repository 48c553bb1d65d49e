#include "netduel/wire/overhead.hpp"

#include <cmath>
#include <stdexcept>

#include "support/catch.hpp"

using netduel::HeaderStack;
using netduel::IpVersion;
using netduel::message_cost;
using netduel::packed_stream_cost;
using netduel::Transport;
using netduel::WireCost;

namespace {

constexpr HeaderStack udp_v4 = {.transport = Transport::udp, .ip_version = IpVersion::v4};
constexpr HeaderStack udp_v6 = {.transport = Transport::udp, .ip_version = IpVersion::v6};
constexpr HeaderStack tcp_v4 = {.transport = Transport::tcp, .ip_version = IpVersion::v4};
constexpr HeaderStack tcp_v6 = {.transport = Transport::tcp, .ip_version = IpVersion::v6};

constexpr HeaderStack with_mtu(HeaderStack stack, std::size_t mtu_octets) {
  stack.mtu_octets = mtu_octets;
  return stack;
}

constexpr HeaderStack without_timestamps(HeaderStack stack) {
  stack.tcp_options_octets = 0;
  return stack;
}

constexpr HeaderStack with_vlan_tags(HeaderStack stack, std::size_t tags) {
  stack.vlan_tags = tags;
  return stack;
}

struct FullPacket {
  const char* name;
  HeaderStack stack;
  std::uint64_t payload_octets;
  double efficiency_percent;
  /// Of a line of 1, 10, 25 and 100 Gbit/s, in Gbit/s.
  double at_1g, at_10g, at_25g, at_100g;
};

// Payload by wire octets, with the header sizes of the RFCs and Ethernet's 38 octets of framing.
const FullPacket full_packets[] = {
    {"UDP v4", udp_v4, 1472, 95.7087, .9571, 9.5709, 23.927, 95.709},
    {"TCP v4", tcp_v4, 1448, 94.1482, .9415, 9.4148, 23.537, 94.148},
    {"TCP v4, no timestamps", without_timestamps(tcp_v4), 1460, 94.9285, .9493, 9.4928, 23.732,
     94.928},
    {"UDP v6", udp_v6, 1452, 94.4083, .9441, 9.4408, 23.602, 94.408},
    {"TCP v6", tcp_v6, 1428, 92.8479, .9285, 9.2848, 23.212, 92.848},
    {"TCP v6, no timestamps", without_timestamps(tcp_v6), 1440, 93.6281, .9363, 9.3628, 23.407,
     93.628},
    {"jumbo UDP v4", with_mtu(udp_v4, 9000), 8972, 99.2697, .9927, 9.9270, 24.817, 99.270},
    {"jumbo TCP v4", with_mtu(tcp_v4, 9000), 8948, 99.0042, .9900, 9.9004, 24.751, 99.004},
    {"jumbo TCP v4, no timestamps", with_mtu(without_timestamps(tcp_v4), 9000), 8960, 99.1370,
     .9914, 9.9137, 24.784, 99.137},
    {"jumbo UDP v6", with_mtu(udp_v6, 9000), 8952, 99.0485, .9905, 9.9048, 24.762, 99.048},
    {"jumbo TCP v6", with_mtu(tcp_v6, 9000), 8928, 98.7829, .9878, 9.8783, 24.696, 98.783},
    {"jumbo TCP v6, no timestamps", with_mtu(without_timestamps(tcp_v6), 9000), 8940, 98.9157,
     .9892, 9.8916, 24.729, 98.916},
};

double percent(const WireCost& cost) {
  return cost.wire_efficiency_ratio * 100;
}

/// Equal once rounded to the digits that the tables print.
auto within(double margin, double value) {
  return Approx(value).epsilon(0).margin(margin);
}

}  // namespace

TEST_CASE("a full packet's efficiency is payload by wire octets", "[overhead]") {
  for (const FullPacket& row : full_packets) {
    CAPTURE(row.name);
    CHECK(row.stack.largest_whole_payload() == row.payload_octets);
    const WireCost cost = message_cost(row.stack, row.payload_octets);
    CHECK(cost.packets == 1);
    CHECK(cost.ip_octets == row.stack.mtu_octets);
    CHECK(cost.wire_octets == row.stack.mtu_octets + 38);
    CHECK(percent(cost) == within(0.00005, row.efficiency_percent));
  }
}

TEST_CASE("a line's goodput ceiling is its rate times the efficiency", "[overhead]") {
  for (const FullPacket& row : full_packets) {
    CAPTURE(row.name);
    const WireCost cost = message_cost(row.stack, row.payload_octets);
    CHECK(cost.goodput_ceiling(1e9) == within(0.00005e9, row.at_1g * 1e9));
    CHECK(cost.goodput_ceiling(10e9) == within(0.00005e9, row.at_10g * 1e9));
    CHECK(cost.goodput_ceiling(25e9) == within(0.0005e9, row.at_25g * 1e9));
    CHECK(cost.goodput_ceiling(100e9) == within(0.0005e9, row.at_100g * 1e9));
  }
}

TEST_CASE("RFC 6349's 949.2 Mbit/s on a line of 1 Gbit/s has no timestamps", "[overhead]") {
  const WireCost cost = message_cost(without_timestamps(tcp_v4), 1460);
  CHECK(cost.goodput_ceiling(1e9) == within(0.1e6, 949.2e6));
}

TEST_CASE("a line of 1 Gbit/s carries the known number of full frames", "[overhead]") {
  const auto frames = [](const WireCost& cost) {
    return 1e9 / 8 / static_cast<double>(cost.wire_octets);
  };
  CHECK(frames(message_cost(udp_v4, 1472)) == within(0.05, 81274.4));
  CHECK(frames(message_cost(with_mtu(udp_v4, 9000), 8972)) == within(0.05, 13830.5));
}

TEST_CASE("one octet more than fits makes two fragments on IPv4", "[overhead][fragments]") {
  const WireCost cost = message_cost(udp_v4, 1473);
  CHECK(cost.packets == 2);
  CHECK(cost.transport_header_octets == 8);
  CHECK(cost.ip_header_octets == 40);
  CHECK(cost.ip_octets == 1521);
  // The second fragment has 21 octets and is padded by 25: 1521 + 25 + 2 x 38.
  CHECK(cost.wire_octets == 1622);
  CHECK(percent(cost) == within(0.005, 90.81));
}

TEST_CASE("8192 octets make six fragments on IPv4", "[overhead][fragments]") {
  const WireCost cost = message_cost(udp_v4, 8192);
  CHECK(cost.packets == 6);
  CHECK(cost.ip_octets == 8320);
  CHECK(cost.wire_octets == 8548);
  CHECK(percent(cost) == within(0.005, 95.84));
}

TEST_CASE("8192 octets make six fragments with headers of their own on IPv6",
          "[overhead][fragments]") {
  const WireCost cost = message_cost(udp_v6, 8192);
  CHECK(cost.packets == 6);
  CHECK(cost.ip_header_octets == 6 * 48);
  CHECK(cost.ip_octets == 8200 + 6 * 48);
  CHECK(cost.wire_octets == 8716);
  CHECK(percent(cost) == within(0.005, 93.99));
}

TEST_CASE("65507 octets make 45 fragments on IPv4 and 46 on IPv6", "[overhead][fragments]") {
  CHECK(message_cost(udp_v4, 65507).packets == 45);
  CHECK(message_cost(udp_v6, 65507).packets == 46);
}

TEST_CASE("on IPv6 the last fragment, too, carries a multiple of 8 at most, as Linux does it",
          "[overhead][fragments]") {
  // D = 2900 is 1448 + 1452: two packets of the MTU could hold it.
  const WireCost cost = message_cost(udp_v6, 2892);
  CHECK(cost.packets == 3);
  CHECK(cost.ip_octets == 2900 + 3 * 48);
  CHECK(message_cost(udp_v6, 2888).packets == 2);
  CHECK(message_cost(udp_v6, 2889).packets == 3);
}

TEST_CASE("on IPv4 the last fragment fills the MTU even where that is no multiple of 8",
          "[overhead][fragments]") {
  // 1477 octets of room: 1472 in fragments but the last, which may have all 1477.
  const HeaderStack stack = with_mtu(udp_v4, 1497);
  CHECK(message_cost(stack, 1472 + 1477 - 8).packets == 2);
  CHECK(message_cost(stack, 1472 + 1477 - 7).packets == 3);
}

TEST_CASE("a datagram that just fits is not fragmented", "[overhead][fragments]") {
  const WireCost v6 = message_cost(udp_v6, 1452);
  CHECK(v6.packets == 1);
  CHECK(v6.ip_header_octets == 40);
  CHECK(message_cost(udp_v6, 1453).packets == 2);
  CHECK(message_cost(udp_v6, 1453).ip_header_octets == 2 * 48);
}

TEST_CASE("a message is lost with any of its fragments", "[overhead][fragments]") {
  CHECK(message_cost(udp_v4, 8192).loss_amplification(0.01) == within(0.000005, 0.05852));
  CHECK(message_cost(udp_v4, 100).loss_amplification(0.01) == Approx(0.01));
  CHECK(message_cost(udp_v4, 8192).loss_amplification(1) == 1.0);
}

TEST_CASE("without loss there is none to amplify, and a tiny ratio keeps its digits",
          "[overhead][fragments]") {
  CHECK_FALSE(std::signbit(message_cost(udp_v4, 8192).loss_amplification(0)));
  CHECK(message_cost(udp_v4, 8192).loss_amplification(0) == 0.0);
  CHECK(message_cost(udp_v4, 8192).loss_amplification(1e-17) == Approx(6e-17));
}

TEST_CASE("one octet by UDP is padded to the smallest frame", "[overhead]") {
  const WireCost cost = message_cost(udp_v4, 1);
  CHECK(cost.ip_octets == 29);
  CHECK(cost.wire_octets == 84);
  CHECK(message_cost(udp_v4, 18).wire_octets == 84);
  CHECK(message_cost(udp_v4, 19).wire_octets == 85);
}

TEST_CASE("one octet on an open TCP connection takes 91 octets of wire", "[overhead]") {
  const WireCost cost = message_cost(tcp_v4, 1);
  CHECK(cost.ip_octets == 53);
  CHECK(cost.wire_octets == 91);
}

TEST_CASE("opening and closing a TCP connection add up from the same headers", "[overhead]") {
  const auto bare_segment = [](std::size_t options) {
    HeaderStack stack = tcp_v4;
    stack.tcp_options_octets = options;
    return stack.ip_header_octets() + stack.transport_header_octets() + stack.framing_octets();
  };
  // mss, sackOK, timestamps, nop and wscale in a SYN of Linux; timestamps alone in the rest.
  const std::size_t syn = bare_segment(20);
  const std::size_t ack = bare_segment(netduel::tcp_timestamps_octets);
  CHECK(syn == 98);
  CHECK(ack == 90);
  CHECK(syn + syn + ack == 286);
  CHECK(3 * ack == 270);
  CHECK(4 * ack == 360);
}

TEST_CASE("TCP cuts a message into segments with headers each", "[overhead]") {
  const WireCost cost = message_cost(tcp_v4, 1449);
  CHECK(cost.packets == 2);
  CHECK(cost.transport_header_octets == 64);
  CHECK(cost.ip_header_octets == 40);
  CHECK(cost.ip_octets == 1500 + 53);
  CHECK(cost.wire_octets == 1538 + 91);
}

TEST_CASE("a TCP message of whole segments has no empty one behind", "[overhead]") {
  CHECK(message_cost(tcp_v4, 2 * 1448).packets == 2);
  CHECK(message_cost(tcp_v4, 2 * 1448).wire_octets == 2 * 1538);
}

TEST_CASE("a short TCP segment without options is padded", "[overhead]") {
  CHECK(message_cost(without_timestamps(tcp_v4), 1).wire_octets == 84);
}

TEST_CASE("a VLAN tag adds 4 octets to every frame, to padded ones too", "[overhead][vlan]") {
  CHECK(with_vlan_tags(udp_v4, 1).framing_octets() == 42);
  CHECK(with_vlan_tags(udp_v4, 2).framing_octets() == 46);
  CHECK(message_cost(with_vlan_tags(udp_v4, 1), 1472).wire_octets == 1542);
  CHECK(message_cost(with_vlan_tags(udp_v4, 1), 8192).wire_octets == 8548 + 6 * 4);
  CHECK(message_cost(with_vlan_tags(udp_v4, 1), 1).wire_octets == 88);
}

TEST_CASE("a stream packs small TCP messages into full segments", "[overhead][stream]") {
  const auto cost = packed_stream_cost(tcp_v4, 181);  // an eighth of 1448
  CHECK(cost.header_octets_per_message == Approx(52.0 / 8));
  CHECK(cost.wire_octets_per_message == Approx(1538.0 / 8));
  CHECK(cost.wire_efficiency_ratio * 100 == within(0.00005, 94.1482));
}

TEST_CASE("a stream of TCP messages costs the same for any length of message",
          "[overhead][stream]") {
  CHECK(packed_stream_cost(tcp_v4, 1).wire_efficiency_ratio ==
        packed_stream_cost(tcp_v4, 1'000'000).wire_efficiency_ratio);
}

TEST_CASE("a stream of UDP messages costs what each costs by itself", "[overhead][stream]") {
  const WireCost one = message_cost(udp_v4, 1473);
  const auto cost = packed_stream_cost(udp_v4, 1473);
  CHECK(cost.header_octets_per_message == 48.0);
  CHECK(cost.wire_octets_per_message == 1622.0);
  CHECK(cost.wire_efficiency_ratio == one.wire_efficiency_ratio);
}

TEST_CASE("on Linux's loopback a segment is as long as the IP version allows", "[overhead]") {
  CHECK(with_mtu(tcp_v4, 65536).largest_whole_payload() == 65483);
  CHECK(with_mtu(tcp_v6, 65536).largest_whole_payload() == 65464);
  CHECK(message_cost(with_mtu(udp_v4, 65536), 65507).packets == 1);
  CHECK(message_cost(with_mtu(udp_v6, 65536), 65527).packets == 2);
}

TEST_CASE("what no datagram can carry is refused", "[overhead]") {
  CHECK_NOTHROW(message_cost(udp_v4, 65507));
  CHECK_THROWS_AS(message_cost(udp_v4, 65508), std::invalid_argument);
  CHECK_NOTHROW(message_cost(udp_v6, 65527));
  CHECK_THROWS_AS(message_cost(udp_v6, 65528), std::invalid_argument);
  CHECK_NOTHROW(message_cost(tcp_v4, 10'000'000));
  CHECK_THROWS_WITH(message_cost(udp_v4, 65508),
                    "a message of 65508 octets: UDP over IPv4 carries at most 65507");
}

TEST_CASE("a message without octets is refused", "[overhead]") {
  CHECK_THROWS_AS(message_cost(udp_v4, 0), std::invalid_argument);
  CHECK_THROWS_AS(packed_stream_cost(tcp_v4, 0), std::invalid_argument);
}

TEST_CASE("an MTU below the IP version's least is refused", "[overhead]") {
  CHECK_NOTHROW(message_cost(with_mtu(udp_v4, 68), 1));
  CHECK_THROWS_AS(message_cost(with_mtu(udp_v4, 67), 1), std::invalid_argument);
  CHECK_NOTHROW(message_cost(with_mtu(udp_v6, 1280), 1));
  CHECK_THROWS_AS(message_cost(with_mtu(udp_v6, 1279), 1), std::invalid_argument);
  HeaderStack stack = with_mtu(tcp_v4, 68);
  stack.tcp_options_octets = 40;
  CHECK_THROWS_AS(message_cost(stack, 1), std::invalid_argument);
}

TEST_CASE("a packet too small for its headers carries nothing", "[overhead]") {
  CHECK(HeaderStack{.mtu_octets = 28}.largest_whole_payload() == 0);
  CHECK(HeaderStack{.mtu_octets = 10}.largest_whole_payload() == 0);
}
