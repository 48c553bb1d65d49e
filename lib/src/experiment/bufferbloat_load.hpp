#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "experiment/bufferbloat.hpp"
#include "session/test_record.hpp"

namespace netduel {

// The tests that the phases of a bufferbloat experiment are made of, and what came of them. Pure.

/// A stream that loads nothing: a netduel server answers questions while a test runs, and another
/// one's kernel acknowledges what is sent.
void set_idle(TestParameters& parameters, std::chrono::nanoseconds time);
/// For as long in all, with figures that leave out the settling.
void set_load(TestParameters& parameters, TestDirection direction, std::chrono::nanoseconds time,
              std::chrono::nanoseconds settling);
void set_tcp(TestParameters& parameters, const std::string& congestion, unsigned streams);
void set_udp(TestParameters& parameters, std::size_t octets, double bits_per_second);

/// The most payload that one packet carries.
std::size_t datagram_octets(std::size_t mtu_octets, IpVersion version);

/// All streams of a test together.
BufferbloatLoad load_of(const TestRecord& record);

/// TCP_INFO's smoothed round trip at each mark of the test.
std::vector<RoundTrip> round_trips_of_kernel(const TestRecord& record);

}  // namespace netduel
