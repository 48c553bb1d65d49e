#pragma once

#include <memory>
#include <stop_token>

#include "experiment/compare.hpp"
#include "session/stream_workers.hpp"
#include "session/test_record.hpp"
#include "session/trial.hpp"

namespace netduel {

/// Trials with a server at another host, each of them one test by its protocol. Everything throws
/// std::runtime_error in one line when a test can't be had or fails midway, and std::system_error
/// with operation_canceled when a stop came before anything was measured.
class ServerTrials {
 public:
  /// `path` must outlive this.
  explicit ServerTrials(ServerPath& path);

  /// Learns what the server and the path to it are like, from a test of one message, and fills them
  /// into the path. `verify`: as the trials will ask for it.
  void meet(bool verify, std::stop_token stop);
  TrialResult run(const Plan& plan, std::stop_token stop);

 private:
  TestRecord test(const TestParameters& parameters, std::stop_token stop);

  ServerPath& path_;
  std::shared_ptr<StreamWorkers> workers_;
  bool has_met_ = false;
};

}  // namespace netduel
