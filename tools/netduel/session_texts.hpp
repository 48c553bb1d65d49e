#pragma once

#include <optional>
#include <string>

#include "path_options.hpp"
#include "session_options.hpp"

namespace netduel::tool {

// The options of `client` and `server` as they were typed, before anybody has looked at them.

struct ClientTexts {
  std::optional<std::string> host;
  std::optional<std::string> port;
  std::optional<std::string> time;
  std::optional<std::string> octets;
  std::optional<std::string> blocks;
  std::optional<std::string> bitrate;
  std::optional<std::string> length;
  std::optional<std::string> parallel;
  std::optional<std::string> window;
  std::optional<std::string> mss;
  std::optional<std::string> type_of_service;
  std::optional<std::string> dscp;
  std::optional<std::string> congestion;
  std::optional<std::string> omit;
  std::optional<std::string> interval;
  std::optional<std::string> format;
  std::optional<std::string> bind;
  std::optional<std::string> bind_device;
  std::optional<std::string> client_port;
  std::optional<std::string> affinity;
  std::optional<std::string> fq_rate;
  std::optional<std::string> connect_timeout;
  std::optional<std::string> receive_timeout;
  std::optional<std::string> title;
  std::optional<std::string> extra_data;
  std::optional<std::string> log_file;
  std::optional<std::string> seed;
  std::string timestamps;
  PathTexts path;
  bool udp = false;
  bool reverse = false;
  bool bidir = false;
  bool full_duplex = false;
  bool no_delay = false;
  bool no_offload = false;
  bool verbose = false;
  bool v4 = false;
  bool v6 = false;
  bool get_server_output = false;
  bool dont_fragment = false;
  bool zero_copy = false;
  bool skip_receive_copy = false;
  bool repeating_payload = false;
  bool counters_64_bit = false;
  bool verify = false;
  bool no_udp_checksum = false;
  bool json = false;
  bool json_stream = false;
};

struct ServerTexts {
  std::optional<std::string> port;
  std::optional<std::string> bind;
  std::optional<std::string> max_tests;
  std::optional<std::string> max_time;
  std::optional<std::string> max_rate;
  std::optional<std::string> idle_timeout;
  std::optional<std::string> receive_timeout;
  bool v4 = false;
  bool v6 = false;
  bool one_off = false;
  bool json = false;
};

// What they mean. Both throw UsageError that names the option, what was given and what would work.

ClientOptions to_options(const ClientTexts& texts);
ServerOptions to_options(const ServerTexts& texts);

}  // namespace netduel::tool
