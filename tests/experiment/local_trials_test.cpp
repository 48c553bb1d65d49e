#include "experiment/local_trials.hpp"

#include "experiment/comparisons.hpp"
#include "support/catch.hpp"

using namespace netduel;

TEST_CASE("a busy machine is told from a bad path", "[sweep]") {
  const PathTrial quiet{test::trial(Transport::udp, 1e6)};
  CHECK_FALSE(was_disturbed(quiet));

  PathTrial bad_path = quiet;
  bad_path.result.ledger.lost_elsewhere = Bounds{50, 50};
  CHECK_FALSE(was_disturbed(bad_path));

  PathTrial missed = quiet;
  missed.missed_by_the_lab = 1;
  CHECK(was_disturbed(missed));

  PathTrial late = quiet;
  late.link.emplace().there.packets_in = 100;
  late.left_very_late = 1;
  CHECK_FALSE(was_disturbed(late));
  late.left_very_late = 2;
  CHECK(was_disturbed(late));

  PathTrial overflowed = quiet;
  overflowed.result.ledger.lost_in_host = Bounds{0, 1};
  CHECK(was_disturbed(overflowed));
  overflowed.result.plan.window_octets = 4096;
  CHECK_FALSE(was_disturbed(overflowed));

  PathTrial stalled = quiet;
  stalled.result.ledger.skipped = 5;
  CHECK(was_disturbed(stalled));
  // What the transport didn't take in time is the path's.
  stalled.result.sender.left_at_the_end = 5;
  CHECK_FALSE(was_disturbed(stalled));
}
