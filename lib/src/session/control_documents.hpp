#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "session/test_parameters.hpp"
#include "session/test_results.hpp"

namespace netduel {

// The JSON documents of the control connection: iperf3's, with netduel's additions under "netduel".
// Pure. Readers look at nothing but the text, whatever a peer may have sent, and throw
// DocumentError.

/// As current iperf3 has it.
inline constexpr std::size_t longest_parameters_octets = 8192;
/// Of results and all else: room for what netduel tells of 256 streams.
inline constexpr std::size_t longest_document_octets = std::size_t{64} << 20;

/// Of results of a peer that isn't netduel, whose server may add its own output.
inline constexpr std::size_t longest_stock_results_octets = std::size_t{4} << 20;

/// A document that isn't JSON, lacks what it must have, or holds what can't be. `code` is iperf3's
/// for what is wrong (5 for a duration, 6 for the number of streams, 7 for a length, ...).
class DocumentError : public std::runtime_error {
 public:
  DocumentError(const std::string& what, std::int32_t iperf3_code)
      : std::runtime_error(what), code(iperf3_code) {}
  std::int32_t code;
};

std::string parameters_to_json(const TestParameters& parameters);
/// Of two limits the octets hold, then the blocks, then the time. "netduel" of another version, or
/// that is no object, is as if it weren't there.
TestParameters parameters_from_json(std::string_view text);

/// Throws DocumentError when `server_output_json` is no JSON.
std::string results_to_json(const TestResults& results);
TestResults results_from_json(std::string_view text);

/// What a netduel server grants (state netduel_terms).
struct Terms {
  std::string version;
  /// What fits the path to the client without fragmentation, as the server sees it; 0: unknown.
  std::size_t udp_payload_octets = 0;
  /// The most bits a second that the server lets all streams of a test have together; 0: no limit.
  double most_bits_per_second = 0;
  std::chrono::nanoseconds longest_time{};  ///< 0: no limit
  /// It does as `verify` and `udp_checksum` say; the first netduel didn't know them.
  bool integrity = false;
};
std::string terms_to_json(const Terms& terms);
Terms terms_from_json(std::string_view text);

std::string seals_to_json(const std::vector<Seal>& seals);
std::vector<Seal> seals_from_json(std::string_view text);

}  // namespace netduel
