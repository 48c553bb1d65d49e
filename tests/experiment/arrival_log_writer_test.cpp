#include "experiment/arrival_log_writer.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "experiment/analysis.hpp"
#include "experiment/arrival_log.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

/// A file that goes with the test.
struct File {
  ~File() { std::filesystem::remove(path); }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
  const std::string path =
      (std::filesystem::temp_directory_path() / ("netduel-log-" + std::to_string(getpid())))
          .string();
};

Arrival arrival(std::uint64_t sequence, std::chrono::nanoseconds later = {}) {
  const WallTime sent(1'700'000'000s + later + sequence * 1ms);
  return {.sequence = sequence, .octets = 100, .sent = sent, .arrived = sent + 5ms + 7ns};
}

std::uint64_t count(const Report& report, const char* path) {
  return std::get<std::uint64_t>(*report.find(path));
}

}  // namespace

TEST_CASE("a log of two trials reads back as two streams", "[arrival_log]") {
  File file;
  ArrivalLogWriter log(file.path, 100);
  CHECK(log.room() == 100);
  log.add("first", {arrival(0), arrival(3), arrival(2, 5ms), arrival(2, 5ms)}, 5, true);
  CHECK(log.room() == 94);
  log.add("second", {arrival(0, 1s), arrival(1, 1s)}, 2, true);
  CHECK_FALSE(log.close());
  CHECK_FALSE(log.stopped());
  CHECK(log.rows() == 8);
  CHECK_THAT(file.text(), containing("sequence,sent,arrived,octets\n# first: 5 sent") &&
                              containing("\n3,1700000000.003000000,1700000000.008000007,100\n") &&
                              containing("\n1,,\n4,,\n") && containing("\n# second: 2 sent") &&
                              containing("\n6,1700000001.001000000,"));
  std::ifstream in(file.path);
  const Report report = analyze(read_arrival_log(in, file.path), {});
  CHECK(count(report, "streams") == 2);
  CHECK(count(report, "sent") == 7);
  CHECK(count(report, "lost") == 2);
  CHECK(count(report, "duplicates") == 1);
  CHECK(count(report, "reordered") == 1);
}

TEST_CASE("a log stops where it is full, and says so", "[arrival_log]") {
  File file;
  ArrivalLogWriter log(file.path, 3);
  SECTION("among arrivals") {
    log.add("first", {arrival(0), arrival(1), arrival(2)}, 5, false);
    CHECK(log.rows() == 3);
  }
  SECTION("before what never came") {
    log.add("first", {arrival(0), arrival(1)}, 4, true);
    CHECK(log.rows() == 2);
  }
  CHECK(log.stopped());
  CHECK(log.room() == 0);
  const std::uint64_t before = log.rows();
  log.add("second", {arrival(0)}, 1, true);
  CHECK(log.rows() == before);
  CHECK_FALSE(log.close());
  CHECK_THAT(file.text(),
             containing("# stopped here, after ") && !containing("second") && !containing(",,"));
}

TEST_CASE("a log that fails stops there, and has no rows that were not written",
          "[arrival_log][full]") {
  if (!std::filesystem::exists("/dev/full")) return;
  ArrivalLogWriter log("/dev/full", 100);
  log.add("first", {arrival(0), arrival(1)}, 2, true);
  CHECK(log.stopped());
  CHECK(log.room() == 0);
  CHECK(log.rows() == 0);
  log.add("second", {arrival(0)}, 1, true);
  CHECK(log.rows() == 0);
  CHECK(log.close() == std::errc::no_space_on_device);
  CHECK(log.close() == std::errc::no_space_on_device);
}

TEST_CASE("a trial is in the file before the next one", "[arrival_log]") {
  File file;
  ArrivalLogWriter log(file.path, 100);
  log.add("first", {arrival(0)}, 1, true);
  CHECK_THAT(file.text(), containing("\n0,17"));
}

TEST_CASE("a log that can't be written is an error", "[arrival_log]") {
  CHECK_THROWS_AS(ArrivalLogWriter("/nowhere/log.csv", 1), std::system_error);
}
