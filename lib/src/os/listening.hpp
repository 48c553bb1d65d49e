#pragma once

namespace netduel::os {

/// Whether any socket in this process's network namespace listens (TCP) or is bound (UDP).
bool anything_listens();

}  // namespace netduel::os
