#include "experiment/warnings.hpp"

#include <algorithm>

#include "experiment/comparisons.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

const Warning* find(const std::vector<Warning>& list, const std::string& id) {
  const auto found = std::ranges::find(list, id, &Warning::id);
  return found == list.end() ? nullptr : &*found;
}

/// The text of the warning that the one UDP trial with this change brings; empty if none.
template <class Change>
std::string text_of(const std::string& id, Change change, Part part = Part::full_speed) {
  Comparison comparison;
  TrialResult trial = test::trial(Transport::udp, 1e9);
  change(trial);
  comparison.trials.push_back({part, 0, trial});
  const auto list = warnings(comparison);
  const Warning* found = find(list, id);
  return found == nullptr ? "" : found->text;
}

}  // namespace

TEST_CASE("a clean comparison with enough pairs has no warnings", "[warnings]") {
  CHECK(warnings(test::full_speed(6, 1.0)).empty());
}

TEST_CASE("too few pairs are said once", "[warnings]") {
  const auto list = warnings(test::full_speed(5, 1.0));
  REQUIRE(list.size() == 1);
  CHECK(list[0].id == "too_few_pairs");
}

TEST_CASE("a buffer that the system cut names the sysctl that helps", "[warnings]") {
  const auto text = text_of("buffer_granted_smaller", [](TrialResult& trial) {
    trial.receiver.socket.receive_buffer = {
        .asked_octets = 8u << 20, .granted_octets = 425984, .cut = true};
  });
  CHECK_THAT(text, containing("sysctl -w net.core.rmem_max=8388608"));
}

TEST_CASE("a receiver that was busy and dropped messages is told from a slow path", "[warnings]") {
  const auto busy = [](TrialResult& trial) {
    trial.receiver.cpu = 490ms;
    trial.ledger.lost_in_host = Bounds{5, 5};
  };
  CHECK_THAT(text_of("receiver_cpu_bound", busy), containing("98 % of a processor"));
  CHECK(text_of("receiver_cpu_bound", [](TrialResult& trial) {
          trial.receiver.cpu = 490ms;
        }).empty());
  CHECK(text_of("receiver_cpu_bound", [](TrialResult& trial) {
          trial.ledger.lost_in_host = Bounds{5, 5};
        }).empty());
}

TEST_CASE("a sender that ran late or skipped messages doubts its pacing", "[warnings]") {
  const auto late = [](TrialResult& trial) {
    for (int i = 0; i < 100; ++i) trial.sender.lateness.record(3ms);
  };
  CHECK_THAT(text_of("pacing_error", late, Part::paced), containing("3 ms late"));
  CHECK(text_of("pacing_error", late, Part::full_speed).empty());
  const auto skipped = [](TrialResult& trial) { trial.ledger.skipped = 10; };
  CHECK_FALSE(text_of("pacing_error", skipped, Part::paced).empty());
}

TEST_CASE("whole super-packets over loopback are said", "[warnings]") {
  const auto text = text_of("loopback_never_split", [](TrialResult& trial) {
    trial.sender.socket.largest_super_packet_messages = 45;
    trial.sender.socket.largest_super_packet_octets = 65160;
  });
  CHECK_THAT(text, containing("65 160"));
}

TEST_CASE("offload that was asked for and not had is said", "[warnings]") {
  CHECK_FALSE(text_of("offload_unavailable", [](TrialResult& trial) {
                trial.sender.socket.segmentation_offload = false;
              }).empty());
}

TEST_CASE("refusals, failed checks, cut streams, clock steps and unsent messages are said",
          "[warnings]") {
  CHECK_THAT(text_of("refused_by_local_stack",
                     [](TrialResult& trial) {
                       trial.ledger.refused = 7;
                       trial.sender.first_refusal = "No buffer space available";
                     }),
             containing("7 messages (No buffer space available)"));
  CHECK_THAT(text_of("ledger_check_failed",
                     [](TrialResult& trial) {
                       trial.ledger.checks = {{"some_check", false, "1 is not 2"}};
                     }),
             containing("some_check failed: 1 is not 2"));
  CHECK_FALSE(text_of("stream_not_read_to_the_end", [](TrialResult& trial) {
                trial.receiver.read_to_the_end = false;
              }).empty());
  CHECK_THAT(text_of("clock_stepped", [](TrialResult& trial) { trial.sender.clock_step = -5ms; }),
             containing("5 ms"));
  CHECK_THAT(text_of("offered_rate_not_carried",
                     [](TrialResult& trial) { trial.sender.left_at_the_end = 12; }),
             containing("12 messages were due"));
}

TEST_CASE("messages for which this host's buffer had no room are said, with the buffer",
          "[warnings]") {
  const auto text = text_of("lost_in_this_host", [](TrialResult& trial) {
    trial.ledger.lost_in_host = Bounds{20, 20};
    trial.receiver.socket.receive_buffer.granted_octets = 212992;
  });
  CHECK_THAT(text, containing("208 KiB granted"));
  CHECK_THAT(text, containing("20 %"));
}

TEST_CASE("what TCP did not take in time is no error of the pacing", "[warnings]") {
  CHECK(text_of(
            "pacing_error",
            [](TrialResult& trial) {
              trial.ledger.skipped = 50;
              trial.sender.left_at_the_end = 50;
            },
            Part::paced)
            .empty());
}

TEST_CASE("super-packets are whole on an emulated path too, unless it cuts them", "[warnings]") {
  const auto text = [](bool splits) {
    Comparison comparison;
    comparison.spec.lab.emplace();
    TrialResult trial = test::trial(Transport::udp, 1e9);
    trial.plan.receiver = *Endpoint::parse("10.77.0.2:5000");
    trial.plan.splits_super_packets = splits;
    trial.sender.socket.largest_super_packet_messages = 45;
    comparison.trials.push_back({Part::paced, 0, trial});
    const auto list = warnings(comparison);
    const Warning* found = find(list, "loopback_never_split");
    return found == nullptr ? "" : found->text;
  };
  CHECK_THAT(text(false), containing("the emulated path passed super-packets"));
  CHECK(text(true).empty());
}

TEST_CASE("an emulated path that can't be trusted says why", "[warnings]") {
  Comparison comparison = test::full_speed(6, 1.0);
  comparison.truth.emplace();
  CHECK(warnings(comparison).empty());
  comparison.truth->why = {{"lab_dropped_frames", "a to b: 3 frames were dropped"}};
  CHECK(find(warnings(comparison), "lab_not_trustworthy") == nullptr);
  comparison.truth->trustworthy = false;
  const auto list = warnings(comparison);
  CHECK(find(list, "lab_not_trustworthy") != nullptr);
  const Warning* found = find(list, "lab_dropped_frames");
  REQUIRE(found != nullptr);
  CHECK_THAT(found->text, containing("a to b: 3 frames were dropped"));
}

TEST_CASE("what came corrupted past a checksum is said, and by which", "[warnings]") {
  const std::string id = "corruption_passed_checksums";
  const auto found = [](TrialResult& trial) {
    trial.receiver.integrity = {.verified = 96, .bits_flipped = 1, .words_swapped = 3, .other = 0};
  };
  CHECK_THAT(text_of(id, found), containing("4 messages came corrupted past UDP's checksum: 1 with "
                                            "flipped bits, 3 with swapped words, 0 otherwise"));
  CHECK_THAT(text_of(id,
                     [&](TrialResult& trial) {
                       found(trial);
                       trial.plan.udp_checksum = false;
                     }),
             containing("UDP had no checksum"));
  CHECK_THAT(text_of(id,
                     [&](TrialResult& trial) {
                       trial = test::trial(Transport::tcp, 1e9);
                       found(trial);
                     }),
             containing("past TCP's checksum, though TCP promises that none is"));
  CHECK(text_of(id, [](TrialResult& trial) {
          trial.receiver.integrity = {.verified = 100};
        }).empty());
}
