#include "session/group_sender.hpp"

#include <stdexcept>
#include <utility>

namespace netduel {

struct GroupSender::State {
  GroupSendSpec spec;
};

GroupSender::GroupSender(GroupSendSpec spec, Place) : state_(new State{std::move(spec)}) {}
GroupSender::~GroupSender() = default;
void GroupSender::open() {}
GroupSending GroupSender::run(std::stop_token) {
  throw std::runtime_error("not yet");
}
GroupProgress GroupSender::progress() const {
  return {};
}

}  // namespace netduel
