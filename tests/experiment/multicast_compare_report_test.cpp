#include "experiment/multicast_compare_report.hpp"

#include <algorithm>

#include "report/json.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// One message of 1000 octets of IP in each packet, 100 of them to each receiver.
DeliveryTrial trial_of(DeliveryMethod method, std::size_t receivers, std::uint64_t packets) {
  return {.method = method,
          .receivers = receivers,
          .offered = 100 * receivers,
          .delivered = 100 * receivers,
          .link = SenderLink{.out = {.packets = packets, .ip_octets = 1000 * packets}, .in = {}},
          .sender_cpu = std::chrono::milliseconds(packets),
          .last_has_it = 1s};
}

/// Multicast sends 100 packets whatever there is, unicast 100 to each, TCP 150.
MulticastComparison comparison(std::vector<std::size_t> receivers) {
  MulticastComparison all;
  all.spec.receivers = receivers;
  for (const std::size_t n : receivers) {
    const std::pair<DeliveryMethod, std::uint64_t> methods[] = {{DeliveryMethod::multicast, 100},
                                                                {DeliveryMethod::unicast, 100 * n},
                                                                {DeliveryMethod::tcp, 150 * n}};
    for (const auto& [method, packets] : methods) {
      DeliveryRow& row = all.rows.emplace_back(DeliveryRow{.method = method, .receivers = n});
      row.trials = {trial_of(method, n, packets), trial_of(method, n, packets)};
    }
  }
  return all;
}

std::vector<std::string> ids(const MulticastComparison& all) {
  std::vector<std::string> found;
  for (const Warning& warning : warnings(all)) found.push_back(warning.id);
  return found;
}

}  // namespace

TEST_CASE("multicast's slope is 0 and those of copies to each are 1", "[multicast_compare]") {
  const MulticastComparison all = comparison({1, 2, 8});
  const auto multicast = slope_of(all, DeliveryMethod::multicast, sender_link_octets);
  REQUIRE(multicast);
  CHECK(*multicast->relative.median == Approx(0).margin(1e-9));
  const auto unicast = slope_of(all, DeliveryMethod::unicast, sender_link_octets);
  REQUIRE(unicast);
  CHECK(*unicast->per_receiver.median == Approx(100 * 1038.0));
  CHECK(*unicast->relative.median == Approx(1));
  CHECK(*unicast->relative.low == Approx(1));
  const auto tcp = slope_of(all, DeliveryMethod::tcp, sender_cpu_seconds);
  REQUIRE(tcp);
  CHECK(*tcp->per_receiver.median == Approx(0.150));
  CHECK(*tcp->relative.median == Approx(1));
}

TEST_CASE("without a row of one receiver the line says what one takes", "[multicast_compare]") {
  const MulticastComparison all = comparison({2, 4});
  const auto unicast = slope_of(all, DeliveryMethod::unicast, sender_link_octets);
  REQUIRE(unicast);
  CHECK(*unicast->relative.median == Approx(1));
  CHECK_FALSE(times_one_receiver(all, all.rows.back()));
}

TEST_CASE("one number of receivers has no slope", "[multicast_compare]") {
  const MulticastComparison all = comparison({4});
  CHECK_FALSE(slope_of(all, DeliveryMethod::unicast, sender_link_octets));
  CHECK_THAT(to_json_line(describe(all)),
             containing(R"("tcp":{"sender_link_octets":null,"sender_cpu_seconds":null})"));
}

TEST_CASE("short packets count as what Ethernet pads them to", "[multicast_compare]") {
  CHECK(TrialTraffic{.packets = 2, .ip_octets = 80}.wire_octets() == 2 * (46 + 38));
  CHECK(TrialTraffic{.packets = 2, .ip_octets = 3000}.wire_octets() == 3000 + 2 * 38);
}

TEST_CASE("over loopback octets are unknown and not zero", "[multicast_compare]") {
  MulticastComparison all = comparison({1, 2});
  for (DeliveryRow& row : all.rows) {
    for (DeliveryTrial& trial : row.trials) trial.link.reset();
  }
  all.no_lab = "no namespaces here";
  const Report report = describe(all);
  const Value* const octets = report.find("rows[0].sender_link_octets");
  REQUIRE(octets != nullptr);
  CHECK(*octets == Value(Absent{}));
  CHECK_FALSE(slope_of(all, DeliveryMethod::tcp, sender_link_octets));
  CHECK(slope_of(all, DeliveryMethod::tcp, sender_cpu_seconds));
  CHECK(ids(all) == std::vector<std::string>{"no_lab"});
}

TEST_CASE("a count that the links contradict is told of", "[multicast_compare]") {
  MulticastComparison all = comparison({1, 2});
  CHECK(ids(all).empty());
  all.rows[3].trials[1].checks = {
      {.name = "sent_as_the_link_saw", .passed = false, .detail = "99 and 100"}};
  CHECK(ids(all) == std::vector<std::string>{"check_failed"});
  CHECK_THAT(warnings(all).front().text, containing("99 and 100"));
  CHECK_THAT(warnings(all).front().text, containing("multicast to 2"));
}

TEST_CASE("a trial is disturbed by what this machine lost or did late", "[multicast_compare]") {
  const DeliveryTrial fine = trial_of(DeliveryMethod::multicast, 2, 100);
  CHECK_FALSE(was_disturbed(fine));
  DeliveryTrial trial = fine;
  trial.lost_in_host = 1;
  CHECK(was_disturbed(trial));
  trial = fine;
  trial.skipped = 11;
  CHECK(was_disturbed(trial));
  trial = fine;
  trial.packets = 1000;
  trial.left_very_late = 10;
  CHECK_FALSE(was_disturbed(trial));
  trial.left_very_late = 11;
  CHECK(was_disturbed(trial));
}
