#pragma once

#include <string>

#include "session_options.hpp"

namespace netduel::tool {

// What `netduel client` says, in iperf3's columns; whole lines without what belongs before them.
// Pure.

/// "Connecting to host ..."
std::string connecting_text(const std::string& host, const ClientSpec& spec);
/// Over which path, where both ends are here.
std::string own_ends_text(const ClientOptions& options);
/// The streams and the head of the intervals' columns.
std::string began_text(const TestRecord& record, const TextFormat& format);
/// The last of the record's intervals.
std::string interval_text(const TestRecord& record, const TextFormat& format);
/// What each end counted and, where it is known, where all messages ended up. Nothing when there
/// were no streams.
std::string summary_text(const TestRecord& record, const TextFormat& format);

}  // namespace netduel::tool
