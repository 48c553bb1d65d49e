#pragma once

#include <chrono>

namespace netduel::os {

/// Makes this thread's sleeps as precise as the kernel allows (on Linux a timer slack of 1 ns in
/// place of 50 us) and names it for debuggers and top; at most 15 characters.
void prepare_data_thread(const char* name);

/// Processor time that this thread has used, user and system together.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace netduel::os
