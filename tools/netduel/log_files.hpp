#pragma once

#include <string>

#include "command_line.hpp"
#include "experiment/compare.hpp"

namespace netduel::tool {

/// Whether two names, of files that may not exist yet, are of one file. Devices and pipes may take
/// what two write.
bool are_one_file(const std::string& one, const std::string& other);

/// Whether the logs of arrivals can be where they were asked for. Opens nothing. Throws UsageError.
void check_log_files(const CompareOptions& options);

/// Opens them. Throws UsageError when one can't be written.
ArrivalLogs open_log_files(const CompareOptions& options);

}  // namespace netduel::tool
