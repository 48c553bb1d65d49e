#include "session/stream_workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <queue>
#include <thread>
#include <unordered_map>
#include <utility>

#include "netduel/transport/wait_set.hpp"
#include "os/thread.hpp"
#include "os/wakeup.hpp"

namespace netduel {
namespace {

constexpr std::uint64_t wakeup_key = 0;

struct Served {
  std::shared_ptr<DataStream> stream;
  std::function<void()> over;
  std::optional<Interest> interest = {};
  /// Only the newest entry of the agenda counts.
  Deadline wake = Deadline::max();
};

struct Appointment {
  Deadline when;
  std::uint64_t key;
  bool operator>(const Appointment& other) const { return when > other.when; }
};

}  // namespace

/// One thread and the streams on it.
class StreamWorkers::Worker {
 public:
  /// `place` outlives it.
  explicit Worker(const Place& place)
      : thread_([this, &place](std::stop_token stop) {
          if (settle(place)) work(std::move(stop));
        }) {
    if (place.network != nullptr) settled_.get_future().get();
  }
  ~Worker() {
    thread_.request_stop();
    wakeup_.wake();
  }

  void serve(std::shared_ptr<DataStream> stream, std::function<void()> over) {
    ++load_;
    post([this, stream = std::move(stream), over = std::move(over)]() mutable {
      admit(std::move(stream), std::move(over));
    });
  }
  void poke(const DataStream& stream) {
    post([this, which = &stream] {
      const auto found = std::ranges::find_if(
          served_, [which](const auto& entry) { return entry.second.stream.get() == which; });
      if (found != served_.end()) give_turn(found->first);
    });
  }
  std::size_t load() const { return load_; }

 private:
  void post(std::function<void()> request) {
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(std::move(request));
    }
    wakeup_.wake();
  }

  bool settle(const Place& place) {
    os::prepare_data_thread("netduel-streams");
    os::run_on(place.processors);
    try {
      // Which host's counters a stream's end shows is the thread's, not the socket's.
      if (place.network != nullptr) place.network->enter();
    } catch (...) {
      settled_.set_exception(std::current_exception());
      return false;
    }
    settled_.set_value();
    return true;
  }

  void work(std::stop_token stop) {
    waits_.set(wakeup_.handle(), Interest::readable, wakeup_key);
    while (!stop.stop_requested()) {
      run_due();
      const Deadline next = busy_.empty() ? (agenda_.empty() ? Deadline::max() : agenda_.top().when)
                                          : Deadline::min();
      for (const Ready& ready : waits_.wait(next)) {
        if (ready.key == wakeup_key) {
          wakeup_.clear();
          run_requests();
        } else {
          due_.push_back(ready.key);
        }
      }
    }
  }

  void run_requests() {
    std::vector<std::function<void()>> requests;
    {
      const std::scoped_lock lock(mutex_);
      requests.swap(requests_);
    }
    for (const auto& request : requests) request();
  }

  void run_due() {
    due_.insert(due_.end(), busy_.begin(), busy_.end());
    busy_.clear();
    const Deadline now = std::chrono::steady_clock::now();
    while (!agenda_.empty() && agenda_.top().when <= now) {
      const Appointment due = agenda_.top();
      agenda_.pop();
      const auto found = served_.find(due.key);
      if (found != served_.end() && found->second.wake == due.when) due_.push_back(due.key);
    }
    std::vector<std::uint64_t> now_due;
    now_due.swap(due_);
    for (const std::uint64_t key : now_due) give_turn(key);
  }

  void admit(std::shared_ptr<DataStream> stream, std::function<void()> over) {
    const std::uint64_t key = ++last_key_;
    stream->start();
    served_.emplace(key, Served{.stream = std::move(stream), .over = std::move(over)});
    give_turn(key);
  }

  void give_turn(std::uint64_t key) {
    const auto found = served_.find(key);
    if (found == served_.end()) return;
    Served& served = found->second;
    const DataStream::Turn turn = served.stream->turn();
    if (turn.over) {
      dismiss(found);
      return;
    }
    if (turn.at_once) busy_.push_back(key);
    set_interest(served, key, turn.at_once ? served.interest : turn.interest);
    served.wake = turn.wake;
    if (!turn.at_once && turn.wake != Deadline::max()) agenda_.push({turn.wake, key});
  }

  void set_interest(Served& served, std::uint64_t key, std::optional<Interest> interest) {
    if (interest == served.interest) return;
    served.interest = interest;
    const NativeHandle handle = served.stream->native_handle();
    if (interest) {
      waits_.set(handle, *interest, key);
    } else {
      waits_.remove(handle);
    }
  }

  void dismiss(std::unordered_map<std::uint64_t, Served>::iterator which) {
    Served served = std::move(which->second);
    set_interest(served, which->first, std::nullopt);
    served_.erase(which);
    served.stream->stop();
    --load_;
    served.over();
  }

  os::Wakeup wakeup_;
  WaitSet waits_;
  std::unordered_map<std::uint64_t, Served> served_;
  std::priority_queue<Appointment, std::vector<Appointment>, std::greater<>> agenda_;
  /// Ready, or with more to do.
  std::vector<std::uint64_t> due_;
  std::vector<std::uint64_t> busy_;
  std::uint64_t last_key_ = wakeup_key;
  std::atomic<std::size_t> load_{0};
  std::mutex mutex_;
  std::vector<std::function<void()>> requests_;
  std::promise<void> settled_;
  std::jthread thread_;
};

/// Threads with one stream each, and those that wait for another.
struct StreamWorkers::Alone {
  std::mutex mutex;
  std::vector<std::unique_ptr<Worker>> workers;

  Worker& idle(const Place& place) {
    const std::scoped_lock lock(mutex);
    for (const auto& worker : workers) {
      if (worker->load() == 0) return *worker;
    }
    return *workers.emplace_back(std::make_unique<Worker>(place));
  }
};

StreamWorkers::StreamWorkers(unsigned shared, Place place)
    : place_(std::move(place)), alone_(std::make_unique<Alone>()) {
  for (unsigned i = 0; i < std::max(1u, shared); ++i) {
    shared_.push_back(std::make_unique<Worker>(place_));
  }
}

StreamWorkers::~StreamWorkers() = default;

void StreamWorkers::serve(std::shared_ptr<DataStream> stream, bool alone,
                          std::function<void()> over) {
  if (alone) {
    alone_->idle(place_).serve(std::move(stream), std::move(over));
    return;
  }
  const auto least =
      std::ranges::min_element(shared_, {}, [](const auto& worker) { return worker->load(); });
  (*least)->serve(std::move(stream), std::move(over));
}

void StreamWorkers::release_idle() {
  const std::scoped_lock lock(alone_->mutex);
  std::erase_if(alone_->workers, [](const auto& worker) { return worker->load() == 0; });
}

void StreamWorkers::poke(const DataStream& stream) {
  for (const auto& worker : shared_) worker->poke(stream);
  const std::scoped_lock lock(alone_->mutex);
  for (const auto& worker : alone_->workers) worker->poke(stream);
}

}  // namespace netduel
