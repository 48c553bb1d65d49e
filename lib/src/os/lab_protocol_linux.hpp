#pragma once

#include <array>
#include <csignal>

namespace netduel::os::lab_protocol {

// What a lab's caller and its first process tell each other, a packet each, over a socket pair
// whose end tells that the other has gone.

/// To the first process, one octet: these, or below them the number of a signal to hand on.
enum Order : unsigned char { serve = 0x80, start = 0x81 };

/// From it, by the first character; behind `failed` follows the text.
enum Note : char { served = 's', running = 'c', failed = 'f' };

/// Those that are handed on to the command.
inline constexpr std::array handed_on = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

inline sigset_t handed_on_set() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : handed_on) sigaddset(&set, signal);
  return set;
}

}  // namespace netduel::os::lab_protocol
