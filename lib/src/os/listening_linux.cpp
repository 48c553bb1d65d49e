#include "os/listening.hpp"

#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace netduel::os {
namespace {

/// `state` of the socket in a line of /proc/net/tcp and the like: the fourth field, in hex.
bool has_line(const char* file, const char* state) {
  std::ifstream in(file);
  in.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, found;
    words >> slot >> local >> remote >> found;
    if (!words.fail() && (state == nullptr || found == state)) return true;
  }
  return false;
}

}  // namespace

bool anything_listens() {
  constexpr const char* listen = "0A";  // TCP_LISTEN of include/net/tcp_states.h
  return has_line("/proc/self/net/tcp", listen) || has_line("/proc/self/net/tcp6", listen) ||
         has_line("/proc/self/net/udp", nullptr) || has_line("/proc/self/net/udp6", nullptr);
}

}  // namespace netduel::os
