// Meters a stream of one's own over UDP, with some of netduel's metrics and one that is made here.
#include <iostream>

#include <netduel/base/units.hpp>
#include <netduel/measure/metrics.hpp>
#include <netduel/measure/sequence_window.hpp>
#include <netduel/transport/udp_socket.hpp>
#include <netduel/wire/probe.hpp>

using namespace netduel;
using namespace std::chrono_literals;
/// Whatever has these two functions is a metric. This one: the longest time without an arrival.
struct LongestPause {
  WallTime last{};
  std::chrono::duration<double> longest{};
  void observe(const Arrival& arrival, Placement) {
    if (last != WallTime{} && arrival.arrived - last > longest) longest = arrival.arrived - last;
    last = arrival.arrived;
  }
  void describe(Report& report) const { report.add("longest_pause", longest.count(), "s"); }
};

int main(int argc, char** argv) try {
  const auto local = Endpoint::parse(argc == 2 ? argv[1] : "127.0.0.1");
  if (!local || local->is_unspecified() || argc > 2) {
    std::cerr << "usage: meter_own_stream [HOST]   an address of this host, as ::1\n";
    return 2;
  }
  UdpSocket receiver = UdpSocket::open(*local), sender = UdpSocket::open(local->with_port(0));
  for (const unsigned number : {0, 1, 2, 4, 3, 5, 5, 6, 9, 10}) {
    std::array<std::byte, 200> message{};  // What follows the probe is one's own.
    encode({.sequence = number, .sent = wall_now()}, message);
    sender.send_to(std::array{Bytes(message)}, receiver.local(), Deadline::max());
  }
  SequenceWindow window;
  Meter<Throughput, Loss, Reordering, Duplication, Delay, LongestPause> meter;
  const Deadline at = std::chrono::steady_clock::now() + 300ms;
  for (ReceiveResult got; (got = receiver.receive(at)).end != End::timed_out;) {
    if (got.end == End::failed) throw std::system_error(got.error, "receive");
    for (const Received& message : got.messages) {
      const auto probe = decode_probe(message.payload);
      if (!probe) continue;  // Somebody else's message.
      const auto octets = std::uint32_t(message.payload.size());
      meter.observe({probe->sequence, octets, probe->sent, message.arrived, message.read_at},
                    window.place(probe->sequence));
    }
  }
  Report report;
  meter.describe(report);
  for (const Row& row : report.rows()) {
    std::string text = "absent";
    if (const auto* real = std::get_if<double>(&row.value)) text = format_number(*real);
    if (const auto* count = std::get_if<std::uint64_t>(&row.value)) text = format_count(*count);
    std::cout << join_path(row.scope, row.metric) << " " << text << " " << row.unit << "\n";
  }
} catch (const std::system_error& error) {
  std::cerr << "meter_own_stream: " << error.what() << "\n";
  return 1;
}
