#pragma once

#include <string>

namespace netduel::tool {

// Figures in iperf3's columns, so that whoever reads its text can read ours. Pure.

/// `1.10 GBytes`, always with a prefix in 1024 that suits.
std::string transfer_text(double octets);
/// `9.42 Gbits/sec`: unit as iperf3's -f has it, 'a' for one that suits. Bits count in 1000, octets
/// in 1024.
std::string rate_text(double bits_per_second, char unit);
/// `1.31 MBytes`, of a window.
std::string window_text(double octets);
/// `0.00-1.00   sec`.
std::string span_text(double from_seconds, double to_seconds);

}  // namespace netduel::tool
