#include "session/group_receivers.hpp"

#include <stdexcept>
#include <utility>

namespace netduel {

struct GroupReceivers::State {
  GroupReceiveSpec spec;
};

GroupReceivers::GroupReceivers(GroupReceiveSpec spec, std::vector<ReceiverPlace>)
    : state_(new State{std::move(spec)}) {}
GroupReceivers::~GroupReceivers() = default;
std::vector<GroupReception> GroupReceivers::run(std::stop_token) {
  throw std::runtime_error("not yet");
}
GroupReceptionProgress GroupReceivers::progress() const {
  return {};
}

}  // namespace netduel
