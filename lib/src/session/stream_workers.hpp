#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "session/data_stream.hpp"
#include "session/place.hpp"

namespace netduel {

/// The threads that data streams live on, apart from whoever controls them, so that no test starves
/// its own control. What goes at full speed has a thread to itself; all else shares a few.
/// Thread-safe.
class StreamWorkers {
 public:
  /// `shared`: how many threads the others share. All run in the place, in whose network their
  /// streams' sockets are. Throws std::system_error when its network can't be entered.
  explicit StreamWorkers(unsigned shared, Place place = {});
  ~StreamWorkers();

  /// See Place.
  bool alone() const { return place_.alone; }
  /// Serves a stream until it is over, then calls `over` on the worker's thread. `alone`: on a
  /// thread of its own.
  void serve(std::shared_ptr<DataStream> stream, bool alone, std::function<void()> over);
  /// Ends the threads that no stream has to itself any more.
  void release_idle();
  /// Gives a stream a turn now: something was asked of it.
  void poke(const DataStream& stream);

 private:
  class Worker;
  Place place_;
  std::vector<std::unique_ptr<Worker>> shared_;
  struct Alone;
  std::unique_ptr<Alone> alone_;
};

}  // namespace netduel
