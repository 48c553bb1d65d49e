#pragma once

#include <optional>
#include <string>
#include <vector>

namespace netduel::tool {

// A call as iperf3's users write it. The program's name comes first, and nothing of "--" or behind
// it is there.

/// iperf3's way to say it, `-c HOST ...` and `-s ...` anywhere in a call without a subcommand and
/// also among other letters (`-uRcHOST`, `-sp 5300`), as the call of a subcommand. All else stays
/// as it is. Throws UsageError.
std::vector<std::string> with_subcommand(const std::vector<std::string>& arguments);

enum class JsonForm { document, events };

/// What a call of the client asks for, also one that can't be understood otherwise; nullopt: text,
/// or another subcommand.
std::optional<JsonForm> json_of_client(const std::vector<std::string>& arguments);

}  // namespace netduel::tool
