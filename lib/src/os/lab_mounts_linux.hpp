#pragma once

#include <string>
#include <string_view>

namespace netduel::os {

/// Gives this process, alone in a new mount namespace, a /proc of its PID namespace, and to
/// /etc/hosts `hosts_lines` in place of what it says of the names in them. What cannot be done is
/// left as it was, with a line on standard error where that matters.
void mount_for_lab(const std::string& hosts_lines);

/// A /sys that shows the interfaces of the network namespace that this process is in, where that
/// is allowed.
void mount_own_sys();

/// A text of /etc/hosts without the names that `lines` give, and these behind it.
std::string hosts_with(std::string_view text, std::string_view lines);

}  // namespace netduel::os
