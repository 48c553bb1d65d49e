#include "transport/stream_writer.hpp"

#include <algorithm>

#include "os/stream.hpp"
#include "os/wait.hpp"

namespace netduel {

/// How far a batch has come: whole messages, and the rest of one that is partly written.
class StreamWriter::Progress {
 public:
  Progress(Bytes rest_of_an_earlier_one, std::span<const Bytes> batch)
      : head_(rest_of_an_earlier_one), batch_(batch) {
    skip_empty();
  }

  bool done() const { return head_.empty() && begun_ == batch_.size(); }
  Bytes head() const { return head_; }
  std::span<const Bytes> behind_head() const { return batch_.subspan(begun_); }
  /// The head belongs to a message of this batch and so to the caller's memory.
  bool cuts_this_batch() const { return !head_.empty() && head_is_of_this_batch_; }
  std::size_t begun() const { return begun_; }
  std::size_t whole() const { return begun_ - (cuts_this_batch() ? 1 : 0); }

  void advance(std::size_t octets) {
    const std::size_t of_head = std::min(octets, head_.size());
    head_ = head_.subspan(of_head);
    octets -= of_head;
    while (octets > 0) {
      const Bytes message = batch_[begun_++];
      const std::size_t of_message = std::min(octets, message.size());
      head_ = message.subspan(of_message);
      head_is_of_this_batch_ = true;
      octets -= of_message;
    }
    if (head_.empty()) skip_empty();
  }

 private:
  void skip_empty() {
    while (begun_ < batch_.size() && head_.empty() && batch_[begun_].empty()) ++begun_;
  }

  Bytes head_;
  std::span<const Bytes> batch_;
  std::size_t begun_ = 0;
  bool head_is_of_this_batch_ = false;
};

SendResult StreamWriter::send(std::span<const Bytes> batch, Deadline deadline) {
  Progress progress(Bytes(rest_).last(rest_octets_), batch);
  while (!progress.done()) {
    const auto write = os::write_gathered(handle_, progress.head(), progress.behind_head());
    if (write.error && write.error != std::errc::operation_would_block) {
      rest_octets_ = 0;
      return {.accepted = progress.whole(),
              .refused_messages = batch.size() - progress.whole(),
              .refused = write.error};
    }
    count(write.octets);
    progress.advance(write.octets);
    if (write.octets < write.offered && !os::wait_writable(handle_, deadline)) break;
  }
  if (progress.cuts_this_batch()) {
    keep(progress.head());
  } else {
    rest_octets_ = progress.head().size();
  }
  return {.accepted = progress.begun(), .refused_messages = 0, .refused = {}};
}

bool StreamWriter::flush(Deadline deadline) {
  send({}, deadline);
  return rest_octets_ == 0;
}

void StreamWriter::keep(Bytes rest) {
  rest_.assign(rest.begin(), rest.end());
  rest_octets_ = rest.size();
}

void StreamWriter::count(std::size_t written_octets) {
  if (written_octets > largest_write_octets()) {
    largest_write_octets_.store(written_octets, std::memory_order_relaxed);
  }
}

}  // namespace netduel
