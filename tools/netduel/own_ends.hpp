#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "experiment/link_truth.hpp"
#include "lab/lab.hpp"
#include "session/client.hpp"
#include "session/processors.hpp"
#include "session/server.hpp"
#include "session_options.hpp"

namespace netduel::tool {

/// Both ends of a client's tests, where no host was named: a server in this process, over loopback
/// or an emulated path from the client (host a) to the server (host b).
class OwnEnds {
 public:
  /// Over an emulated path this process must be able to make network namespaces. Throws
  /// std::system_error that names the attempt and, where one is known, the remedy.
  explicit OwnEnds(const ClientOptions& options);
  ~OwnEnds();

  const Endpoint& server() const { return server_; }
  /// The client's; null for this host's own.
  const os::NetworkNamespace* network() const { return lab_ ? &lab_->a() : nullptr; }

  /// Runs a test of the client as `run_client` does, on a thread in the client's network. Over an
  /// emulated path its script of changes begins with the test, and what came of each stream is held
  /// against the link.
  TestRecord run(const ClientSpec& spec, const ClientEvents& events, std::stop_token stop);

  /// What the emulated path has done so far; only with one.
  Truth truth() const { return lab_->truth(); }
  /// Ends the server and the path: what this did, where there was one.
  std::optional<Truth> stop();

 private:
  Endpoint listen(ServerSpec spec);
  void server_begins();
  void client_begins();

  std::optional<Lab> lab_;
  std::shared_ptr<StreamWorkers> client_workers_;
  std::mutex mutex_;
  TruthBefore before_;
  std::unique_ptr<Server> running_;
  Endpoint server_;
  std::jthread thread_;
};

}  // namespace netduel::tool
