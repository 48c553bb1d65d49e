#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "os/network_namespace.hpp"
#include "session/data_stream.hpp"

namespace netduel {

/// The threads that data streams live on, apart from whoever controls them, so that no test starves
/// its own control. What goes at full speed has a thread to itself; all else shares a few.
/// Thread-safe.
class StreamWorkers {
 public:
  /// `shared`: how many threads the others share. `processor`: where all of them run.
  explicit StreamWorkers(unsigned shared, std::optional<unsigned> processor = std::nullopt);
  ~StreamWorkers();

  /// Serves a stream until it is over, then calls `over` on the worker's thread. `alone`: on a
  /// thread of its own.
  void serve(std::shared_ptr<DataStream> stream, bool alone, std::function<void()> over);
  /// Ends the threads that no stream has to itself any more.
  void release_idle();
  /// Gives a stream a turn now: something was asked of it.
  void poke(const DataStream& stream);

 private:
  class Worker;
  std::optional<unsigned> processor_;
  std::vector<std::unique_ptr<Worker>> shared_;
  struct Alone;
  std::unique_ptr<Alone> alone_;
};

}  // namespace netduel
