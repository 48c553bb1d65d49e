#pragma once

#include <chrono>
#include <span>
#include <vector>

namespace netduel::os {

/// Makes this thread's sleeps as precise as the kernel allows (on Linux a timer slack of 1 ns in
/// place of 50 us) and names it for debuggers and top; at most 15 characters.
void prepare_data_thread(const char* name);

/// For a thread that sleeps, works a little and sleeps again: where others want its processor too
/// it gets it soon after it has woken, and in return not for long at a time. Linux 6.12 and later;
/// does nothing elsewhere.
void prefer_short_turns();

/// Keeps all signals from this thread: others of the process take them.
void leave_signals_to_others();

/// The processors on which this thread may run, by the system's numbers; empty where it can't tell.
std::vector<unsigned> allowed_processors();
/// Those that share a core with `processor` (simultaneous multithreading), itself included.
std::vector<unsigned> siblings_of(unsigned processor);
/// Restricts this thread to some processors; does nothing when there are none. False when the
/// system refuses, as where this host has none of them, or can't.
bool run_on(std::span<const unsigned> processors);

/// Processor time that this thread has used, user and system together.
std::chrono::nanoseconds thread_cpu_time();

}  // namespace netduel::os
