// Sender, receivers and lab together: what receivers say of themselves against what the links say.
#include <future>

#include "experiment/multicast_demo_report.hpp"
#include "experiment/multicast_send_report.hpp"
#include "lab/star.hpp"
#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t count = 16;

StarSpec lossy_star() {
  StarSpec star;
  star.seed = 11;
  star.ports.resize(count + 1);
  star.ports[0].up.loss = IndependentLoss{0.02};
  for (std::size_t n = 1; n <= count; ++n) {
    star.ports[n].down.loss = IndependentLoss{0.008 * static_cast<double>(n)};
    star.ports[n].down.delay = std::chrono::milliseconds(n);
    if (n % 4 == 2) star.ports[n].down.duplicate = 0.03;
    if (n % 4 == 3) star.ports[n].down.reorder = 0.02;
  }
  return star;
}

GroupSendSpec stream_to(const Endpoint& group) {
  GroupSendSpec spec;
  spec.to = {group};
  spec.interface = "eth0";
  spec.plan.message_octets = 500;
  spec.plan.schedule = ScheduleKind::periodic;
  spec.plan.bits_per_second = 500 * 8 * 1000;
  spec.plan.time = 1500ms;
  return spec;
}

struct Outcome {
  GroupSending sending;
  std::vector<GroupReception> receptions;
  StarTruth truth;
};

Outcome run_stream() {
  const Endpoint group = *Endpoint::parse("239.9.9.16:5201");
  StarLab lab(lossy_star());
  lab.start();
  std::vector<ReceiverPlace> places;
  for (std::size_t n = 1; n <= count; ++n) {
    places.push_back(
        {.place = {.processors = {}, .network = &lab.host(n)}, .name = StarSpec::name_of(n)});
  }
  GroupReceiveSpec joins;
  joins.group = group;
  joins.interface = "eth0";
  // On a busy machine a receiver's turn may come late, and only links are to lose something here.
  joins.window_octets = std::size_t{1} << 20;
  GroupReceivers receivers(std::move(joins), std::move(places));
  GroupSender sender(stream_to(group), {.processors = {}, .network = &lab.host(0)});
  sender.open();
  std::stop_source stop;
  auto receiving = std::async(std::launch::async, [&] { return receivers.run(stop.get_token()); });
  Outcome outcome;
  outcome.sending = sender.run({});
  if (receiving.wait_for(10s) != std::future_status::ready) stop.request_stop();
  outcome.receptions = receiving.get();
  outcome.truth = lab.stop();
  return outcome;
}

LinkCounts of_the_stream(const DirectionTruth& truth, const Endpoint& source) {
  LinkCounts counts;
  for (const FlowTruth& flow : truth.flows) {
    if (flow.protocol == "udp" && flow.source == source) counts += flow.counts;
  }
  return counts;
}

}  // namespace

TEST_CASE("what each of 16 receivers tells is just what its port's link did",
          "[multicast][threads][.netns]") {
  const Outcome outcome = run_stream();
  const GroupSending& sending = outcome.sending;
  const std::uint64_t sent = sending.sender.counts.sent;
  const LinkCounts up = of_the_stream(outcome.truth.ports[0].up, sending.source);
  REQUIRE(sent > 0);
  CHECK(up.packets_in == sent);
  CHECK(up.dropped_loss > 0);
  REQUIRE(sending.receivers.size() == count);
  REQUIRE(outcome.receptions.size() == count);

  std::uint64_t own_losses = 0;
  for (std::size_t n = 1; n <= count; ++n) {
    CAPTURE(n);
    const LinkCounts down = of_the_stream(outcome.truth.ports[n].down, sending.source);
    CHECK(down.packets_in == up.forwarded);
    CHECK((down.duplicated > 0) == (n % 4 == 2));
    CHECK((down.reordered > 0) == (n % 4 == 3));
    own_losses += down.dropped_loss;

    const GroupReception& own = outcome.receptions[n - 1];
    REQUIRE(own.streams.size() == 1);
    CHECK(own.streams[0].counted_from == 0);
    const auto told = std::ranges::find(sending.receivers, own.id, &ReceiverRecord::id);
    REQUIRE(told != sending.receivers.end());
    CHECK(told->finished);
    CHECK(told->has_detail);
    for (const Ledger& ledger : {own.streams[0].ledger, ledger_of(*told, sending)}) {
      CHECK(ledger.sent == sent);
      CHECK(ledger.delivered == down.forwarded - down.duplicated);
      CHECK(ledger.duplicates == down.duplicated);
      CHECK(ledger.reordered == down.reordered);
      CHECK(ledger.lost_in_host == Bounds{0, 0});
      const std::uint64_t lost = up.dropped_loss + down.dropped_loss;
      CHECK(ledger.lost_elsewhere == Bounds{lost, lost});
      CHECK(ledger.balanced());
    }
  }

  // That all of 16 lose a message on their own, with these shares, will not happen.
  const LossMap map = loss_map_of(sending, 20);
  CHECK(map.lost_by_all_by_chance < 0.001);
  CHECK(map.all.lost_by_all == up.dropped_loss);
  std::uint64_t private_in_the_map = 0;
  for (const auto& row : map.receivers) {
    for (const LossMap::Cell& cell : row) private_in_the_map += cell.own + cell.partly_shared;
  }
  CHECK(private_in_the_map == own_losses);
}

TEST_CASE("a count that its link can't explain is told, and never passes as agreement",
          "[multicast]") {
  DemoDelivery delivery;
  CHECK_FALSE(delivery.agrees());  // No link tells.
  delivery.link = DemoLink{.packets_in = 100, .dropped = 10, .forwarded = 90};
  CHECK(delivery.agrees() == false);
  delivery.ledger.emplace();
  delivery.ledger->delivered = 90;
  delivery.ledger->lost_in_host = Bounds{0, 0};
  CHECK(delivery.agrees() == true);
  delivery.ledger->delivered = 91;
  CHECK(delivery.agrees() == false);
  // What the socket may have dropped explains some, and is no agreement to the message.
  delivery.ledger->delivered = 86;
  CHECK(delivery.agrees() == false);
  delivery.ledger->lost_in_host = Bounds{0, 4};
  CHECK(delivery.agrees() == true);
  CHECK(delivery.unread() == 4);

  MulticastDemo demo;
  demo.in_lab = true;
  DemoPattern& pattern = demo.patterns.emplace_back();
  pattern.name = "one-to-one";
  pattern.senders.emplace_back().name = "a";
  pattern.receivers.emplace_back().name = "h1";
  delivery.ledger->delivered = 80;
  pattern.receivers.front().deliveries = {delivery};
  const auto found = warnings(demo);
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == "disagrees_with_link");
  CHECK(to_json(describe(demo)).find("\"agrees_with_link\": false") != std::string::npos);
}

TEST_CASE("what the demo's links lose comes from the seed alone", "[multicast]") {
  const auto down = [](std::uint64_t seed, std::size_t port) {
    return demo_star({.receivers = 3, .seed = seed}).ports[port].down;
  };
  CHECK(down(5, 2) == down(5, 2));
  CHECK_FALSE(down(5, 2) == down(6, 2));
  CHECK_FALSE(down(5, 2) == down(5, 3));
}
