#include "experiment/multicast_send_report.hpp"

#include <algorithm>

#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

ReceiverRecord receiver(std::uint64_t id, std::uint64_t counted_from, std::uint64_t unique,
                        std::uint64_t sent) {
  ReceiverRecord one{.id = id, .address = Endpoint::v4({192, 0, 2, 1}, 4000)};
  one.report.number = 3;
  one.report.name = "one";
  one.report.counted_from = counted_from;
  one.report.next_expected = sent;
  one.report.unique = unique;
  one.report.knows_the_end = one.report.final = one.finished = true;
  one.came_late = counted_from > 0;
  return one;
}

MulticastSending sending_of(std::vector<ReceiverRecord> receivers) {
  MulticastSending all{.spec = {}};
  all.spec.to = {Endpoint::v4({239, 1, 2, 3}, 5201)};
  all.sending.emplace();
  all.sending->sender.counts.offered = all.sending->sender.counts.sent = 1000;
  all.sending->feedback.stream_octets = 1'000'000;
  all.sending->receivers = std::move(receivers);
  return all;
}

std::vector<std::string> ids(const MulticastSending& all) {
  std::vector<std::string> found;
  for (const Warning& warning : warnings(all)) found.push_back(warning.id);
  return found;
}

}  // namespace

TEST_CASE("a receiver's ledger is of the messages since it came", "[multicast_report]") {
  auto late = receiver(1, 400, 590, 1000);
  late.report.lost_in_host = {{2, 4}};
  const auto all = sending_of({late});
  const Ledger ledger = ledger_of(late, *all.sending);
  CHECK(ledger.sent == 600);
  CHECK(ledger.delivered == 590);
  CHECK(ledger.lost_in_host == Bounds{2, 4});
  CHECK(ledger.lost_elsewhere == Bounds{6, 8});
  CHECK(ledger.balanced());
  // Where it can't tell, any of them.
  late.report.lost_in_host.reset();
  CHECK(ledger_of(late, *all.sending).lost_in_host == Bounds{0, 10});
}

TEST_CASE("messages that came damaged are told beside the lost ones", "[multicast_report]") {
  auto one = receiver(1, 0, 998, 1000);
  CHECK(ids(sending_of({receiver(1, 0, 1000, 1000)})).empty());
  one.has_detail = true;
  one.detail_to = 1000;
  one.report.corrupted = 2;
  CHECK(ids(sending_of({one})) == std::vector<std::string>{"corrupted_messages"});
}

TEST_CASE("of who said no last word nothing is claimed after its last report",
          "[multicast_report]") {
  auto gone = receiver(1, 0, 390, 1000);
  gone.report.next_expected = 400;
  gone.report.knows_the_end = gone.report.final = gone.finished = false;
  gone.vanished = true;
  const auto all = sending_of({gone});
  CHECK(ledger_of(gone, *all.sending).sent == 400);
  CHECK_FALSE(losses_of(gone, 1000));
  CHECK(state_of(gone) == "vanished");
  CHECK(ids(all) == std::vector<std::string>{"receivers_vanished"});
  gone.report.unique = 400;
  CHECK(losses_of(gone, 1000)->to == 400);
}

TEST_CASE("what one of several addresses refused is no loss on its way", "[multicast_report]") {
  const auto one = receiver(1, 0, 890, 1000);
  auto all = sending_of({one});
  all.sending->refusals = {{.to = Endpoint::v4({192, 0, 2, 1}, 5201), .refused = 100}};
  const Ledger ledger = ledger_of(one, *all.sending);
  CHECK(ledger.refused == 100);
  CHECK(ledger.sent == 900);
  CHECK(ledger.lost_elsewhere->high == 10);
  CHECK(ledger.balanced());
}

TEST_CASE("what spoils a stream to many receivers is warned of", "[multicast_report]") {
  CHECK(ids(sending_of({})) == std::vector<std::string>{"no_receiver_heard"});
  auto one_way = sending_of({});
  one_way.spec.reports = false;
  CHECK(ids(one_way).empty());
  auto all = sending_of({receiver(1, 0, 1000, 1000)});
  CHECK(ids(all).empty());
  all.sending->receivers.push_back(receiver(2, 0, 999, 1000));
  all.sending->feedback.octets = 50'001;
  all.sending->feedback.contradictory = 1;
  all.sending->sender.counts.refused = 5;
  all.sending->sender.counts.skipped = 50;
  CHECK(ids(all) == std::vector<std::string>{"loss_detail_missing", "feedback_above_share",
                                             "feedback_not_believed", "refused_messages",
                                             "schedule_skipped"});
}

TEST_CASE("the document holds the loss map of all receivers", "[multicast_report]") {
  auto lossy = receiver(2, 0, 990, 1000);
  lossy.has_detail = true;
  lossy.missing = {{500, 510}};
  lossy.detail_to = 1000;
  const Report report = describe(sending_of({receiver(1, 0, 1000, 1000), lossy}));
  CHECK(*report.find("loss_map.all.lost_by_one") == Value(std::uint64_t{10}));
  CHECK(*report.find("loss_map.receivers[1].cells[29].own") == Value(std::uint64_t{10}));
  CHECK(*report.find("receivers[1].ledger.delivered") == Value(std::uint64_t{990}));
  CHECK_NOTHROW(to_json(report));
  MulticastSending failed{.spec = {}, .sending = {}, .error = "no route"};
  failed.spec.to = {Endpoint::v4({239, 1, 2, 3}, 5201)};
  CHECK_NOTHROW(to_json(describe(failed)));
}
