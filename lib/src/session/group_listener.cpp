#include "session/group_listener.hpp"

#include <algorithm>

namespace netduel {

void GroupListener::observe(const Received& received, Deadline now) {
  heard_ = true;
  if (received.packet != nullptr && received.packet->hop_limit) {
    hop_limit_ = received.packet->hop_limit;
  }
  const bool believed = group::is_group_message(received.payload) ? observe_control(received, now)
                                                                  : observe_message(received, now);
  if (!believed) ++foreign_;
  queue_drops_ = received.queue_drops;
}

/// Streams are told by where their messages come from; what is said of one comes from another port
/// of the same address.
bool GroupListener::observe_control(const Received& received, Deadline now) {
  const auto announcement = group::decode_announcement(received.payload);
  const auto closing = announcement ? std::nullopt : group::decode_closing(received.payload);
  if (!announcement && !closing) return false;
  const Endpoint& control = received.source;
  const Endpoint source =
      control.with_port(announcement ? announcement->data_port : closing->data_port);
  const std::uint64_t id = announcement ? announcement->stream : closing->stream;
  if (id == 0 || source == control) return false;
  GroupStream* stream = newest_of(source);
  // Nobody had announced it yet, or it is the one.
  const bool is_another = stream != nullptr && stream->id() != 0 && stream->id() != id;
  if (is_another && !stream->gives_way_to(control, now)) return false;
  if (stream != nullptr && !is_another) {
    return announcement ? stream->announce(*announcement, control, now)
                        : stream->close(*closing, control, now);
  }
  stream = begin(source);
  if (stream == nullptr) return false;
  return announcement ? stream->announce(*announcement, control, now)
                      : stream->close(*closing, control, now);
}

bool GroupListener::observe_message(const Received& received, Deadline now) {
  if (last_ == nullptr || last_->source() != received.source) last_ = newest_of(received.source);
  if (last_ != nullptr) return last_->observe(received, now);
  // Nobody announced it so far, and perhaps nobody will.
  if (!decode(format_, received.payload, 0)) return false;
  last_ = begin(received.source);
  return last_ != nullptr && last_->observe(received, now);
}

GroupStream* GroupListener::newest_of(const Endpoint& source) const {
  const auto found = std::find_if(streams_.rbegin(), streams_.rend(),
                                  [&](const auto& stream) { return stream->source() == source; });
  return found != streams_.rend() ? found->get() : nullptr;
}

GroupStream* GroupListener::begin(const Endpoint& source) {
  if (streams_.size() == most_streams) return nullptr;
  last_ = nullptr;
  streams_.push_back(std::make_unique<GroupStream>(source, format_, joined_, queue_drops_));
  return streams_.back().get();
}

}  // namespace netduel
