#pragma once

#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel::os {

/// Waits for one handle; false when the deadline passed first. Errors and hang-ups count as ready:
/// the next call on the socket tells of them. Interrupted waits go on.
bool wait_readable(NativeHandle handle, Deadline deadline);
bool wait_writable(NativeHandle handle, Deadline deadline);

}  // namespace netduel::os
