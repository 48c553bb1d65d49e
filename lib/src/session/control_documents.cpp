#include "session/control_documents.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "session/report_archive.hpp"
#include "wire/integrity.hpp"

// Longer than most files, since nlohmann-json stays in .cpp files: all that is built of it is here.

namespace netduel {
namespace {

using Json = nlohmann::ordered_json;

/// iperf3's codes for what a document got wrong beyond a range of its own.
constexpr std::int32_t bad_message = 110;
constexpr std::int32_t bad_parameters = 114;
constexpr std::int32_t bad_results = 117;

constexpr auto most_counted = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
/// Of one stream in one test: a thousand million a second for a day are fewer. So many of each of
/// 256 streams can be added up, and the octets of any two.
constexpr std::uint64_t most_messages = std::uint64_t{1} << 47;
constexpr std::uint64_t most_octets = std::uint64_t{1} << 62;
/// 128 in each direction.
constexpr std::size_t most_streams = 256;
constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
/// As the options of either end have it.
constexpr double most_bits_per_second = 1e12;

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// For a message of one line: short and without what a terminal would obey.
std::string shown(const Json& value) {
  if (value.is_array()) return "[...]";
  if (value.is_object()) return "{...}";
  constexpr std::size_t longest = 40;
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= longest ? text : text.substr(0, longest) + "...";
}

/// Keeps a peer from exhausting us: copying recurses by the depth, an object's keys are searched
/// from the first one, and a value takes ten times the octets of its text.
void refuse_excess(std::string_view text, std::int32_t code) {
  constexpr std::size_t deepest = 64;
  constexpr std::size_t most_entries_of_an_object = 1024;
  constexpr std::size_t most_values = std::size_t{1} << 23;
  struct Level {
    bool object = false;
    std::size_t entries = 0;
  };
  std::array<Level, deepest + 1> levels{};
  std::size_t depth = 0;
  std::size_t values = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) {
        throw DocumentError(fmt::format("JSON nested more than {} deep", deepest), code);
      }
      levels[depth] = {.object = c == '{'};
      ++values;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    } else if (c == ',') {
      Level& level = levels[depth];
      if (++values > most_values) throw DocumentError("JSON of too many values", code);
      if (level.object && ++level.entries >= most_entries_of_an_object) {
        throw DocumentError("a JSON object of too many entries", code);
      }
    }
  }
}

Json parsed(std::string_view text, std::size_t longest, std::string_view what, std::int32_t code) {
  if (text.size() > longest) {
    throw DocumentError(
        fmt::format("the {} have {} octets: {} at most", what, text.size(), longest), code);
  }
  refuse_excess(text, code);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw DocumentError(fmt::format("the {} are no JSON from octet {} on", what, error.byte), code);
  } catch (const Json::exception&) {
    throw DocumentError(fmt::format("the {} hold a number too large for JSON", what), code);
  }
}

/// A number without its fraction, as cJSON takes it; nullopt when it is none, negative, or too
/// large.
std::optional<std::uint64_t> whole(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_number()) return std::nullopt;
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    return number < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(number));
  }
  const double number = std::trunc(value.get<double>());
  if (!(number >= 0 && number < 0x1p64)) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

/// iperf3 3.12 writes -1 as 2^64 - 1, so what is beyond 2^63 is negative.
std::optional<std::int64_t> whole_with_sign(const Json& value) {
  if (const auto number = whole(value)) return static_cast<std::int64_t>(*number);
  if (!value.is_number()) return std::nullopt;
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const double number = std::trunc(value.get<double>());
  if (number == 0x1p64) return -1;
  if (!(number >= -0x1p63 && number < 0)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

/// What a number may be, and iperf3's code for one that isn't.
struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = most_counted;
  std::string_view of{};
  std::int32_t code = bad_parameters;
};

/// An object of a document, as a peer sent it. Refers to it.
class Reader {
 public:
  Reader(const Json& object, std::string_view what, std::int32_t code)
      : object_(object), what_(what), code_(code) {
    if (!object.is_object()) refuse(fmt::format("the {} are no JSON object", what));
  }

  [[noreturn]] void refuse(const std::string& why) const { throw DocumentError(why, code_); }

  /// null when it isn't there.
  const Json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  bool has(const char* key) const { return find(key) != nullptr; }

  const Json& required(const char* key) const {
    const Json* value = find(key);
    if (!value) refuse(fmt::format("the {} lack '{}'", what_, key));
    return *value;
  }

  static std::uint64_t number(const char* key, const Json& value, const Range& range) {
    const auto number = whole(value);
    if (number && *number >= range.least && *number <= range.most) return *number;
    throw DocumentError(fmt::format("{} {}: {} to {}{}{}", key, shown(value), range.least,
                                    range.most, range.of.empty() ? "" : " ", range.of),
                        range.code);
  }
  std::uint64_t number(const char* key, const Range& range, std::uint64_t otherwise) const {
    const Json* value = find(key);
    return value ? number(key, *value, range) : otherwise;
  }
  std::uint64_t count(const char* key, std::uint64_t most) const {
    return number(key, required(key), {.most = most, .code = code_});
  }

  /// nullopt for one that isn't there and for 0, which is how iperf3 says the same.
  std::optional<std::uint64_t> number_but_0(const char* key, const Range& range) const {
    const std::uint64_t value = number(key, range, 0);
    return value == 0 ? std::nullopt : std::optional(value);
  }

  std::int64_t signed_count(const char* key, const Json& value) const {
    constexpr auto most = static_cast<std::int64_t>(most_messages);
    const auto number = whole_with_sign(value);
    if (!number || *number < -most || *number > most) {
      refuse(fmt::format("{} {}: a whole number, -{} to {}", key, shown(value), most, most));
    }
    return *number;
  }

  /// cJSON writes null for what is no number, like a share of no time.
  std::optional<double> real(const char* key) const {
    const Json* value = find(key);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_number()) refuse(fmt::format("{} {}: a number", key, shown(*value)));
    return value->get<double>();
  }

  std::optional<double> seconds(const char* key, double most) const {
    const auto value = real(key);
    if (!value || (*value >= 0 && *value <= most)) return value;
    refuse(fmt::format("{} {}: 0 to {} seconds", key, shown(required(key)), most));
  }

  /// 0 where there is none.
  double bits_per_second(const char* key) const {
    const double rate = real(key).value_or(0);
    if (rate == 0 || (rate >= 1 && rate <= most_bits_per_second)) return rate;
    refuse(fmt::format("{} {}: 0, or 1 to {} bits a second", key, shown(required(key)),
                       static_cast<std::uint64_t>(most_bits_per_second)));
  }

  /// cJSON has true, false and numbers for the same.
  bool flag(const char* key, bool otherwise = false) const {
    const Json* value = find(key);
    if (!value) return otherwise;
    if (value->is_boolean()) return value->get<bool>();
    if (!value->is_number()) refuse(fmt::format("{} {}: 0 or 1", key, shown(*value)));
    return value->get<double>() != 0;
  }

  std::optional<std::string> text_if_any(const char* key) const {
    const Json* value = find(key);
    if (!value) return std::nullopt;
    if (!value->is_string()) refuse(fmt::format("{} {}: a text", key, shown(*value)));
    return value->get<std::string>();
  }
  std::string text(const char* key) const { return text_if_any(key).value_or(""); }

  std::chrono::nanoseconds nanoseconds(const char* key, std::uint64_t most_seconds) const {
    const Range range{.most = most_seconds * nanoseconds_per_second, .of = "ns", .code = code_};
    return std::chrono::nanoseconds(static_cast<std::int64_t>(number(key, range, 0)));
  }

  int id() const {
    // iperf3 has no other code for a stream that can't be.
    const Range range{.least = 1, .most = std::numeric_limits<int>::max(), .code = 208};
    return static_cast<int>(number("id", required("id"), range));
  }

  /// The entries of a list of streams, which must be there.
  const Json& streams(const char* key = "streams") const {
    const Json& list = required(key);
    if (!list.is_array()) refuse(fmt::format("{} {}: a list", key, shown(list)));
    if (list.size() > most_streams) {
      refuse(fmt::format("{} of {}: {} streams at most", key, list.size(), most_streams));
    }
    return list;
  }

 private:
  const Json& object_;
  std::string_view what_;
  std::int32_t code_;
};

/// As cJSON writes it: without a fraction where there is none.
Json number(double value) {
  if (value >= 0 && value < 0x1p53 && value == std::floor(value)) {
    return static_cast<std::uint64_t>(value);
  }
  return value;
}

// --- Parameters

constexpr std::uint64_t longest_test_seconds = 86400;
constexpr std::uint64_t longest_omit_seconds = 600;
constexpr std::size_t longest_tcp_octets = std::size_t{1} << 20;
constexpr std::size_t longest_udp_octets = 65507;
constexpr std::size_t usual_tcp_octets = std::size_t{128} << 10;
/// What iperf3 takes where it can't tell the path's MSS.
constexpr std::size_t usual_udp_octets = 1460;

struct ScheduleName {
  ScheduleKind kind;
  const char* name;
};
constexpr std::array<ScheduleName, 3> schedule_names{{{ScheduleKind::back_to_back, "back_to_back"},
                                                      {ScheduleKind::periodic, "periodic"},
                                                      {ScheduleKind::poisson, "poisson"}}};

const char* name_of(ScheduleKind kind) {
  for (const auto& [known, name] : schedule_names) {
    if (known == kind) return name;
  }
  return schedule_names.front().name;
}

Json netduel_json(const NetduelParameters& parameters, bool udp_checksum) {
  Json json = Json::object();
  json["protocol"] = NetduelParameters::protocol_version;
  json["version"] = parameters.version;
  json["time_ns"] = parameters.time.count();
  json["omit_ns"] = parameters.omit.count();
  json["drain_ns"] = parameters.drain.count();
  json["schedule"] = name_of(parameters.schedule);
  json["seed"] = parameters.seed;
  json["offload"] = parameters.offload;
  json["full_duplex"] = parameters.full_duplex;
  json["probes"] = parameters.probes;
  if (parameters.verify) json["verify"] = true;
  if (!udp_checksum) json["udp_checksum"] = false;
  return json;
}

ScheduleKind read_schedule(const Reader& reader) {
  const std::string wanted = reader.text("schedule");
  for (const auto& [kind, name] : schedule_names) {
    if (wanted == name) return kind;
  }
  reader.refuse(fmt::format("schedule {}: back_to_back, periodic or poisson", shown(Json(wanted))));
}

std::optional<NetduelParameters> read_netduel(const Json* json) {
  if (!json || !json->is_object()) return std::nullopt;
  const Reader reader(*json, "netduel's parameters", bad_parameters);
  const Json* protocol = reader.find("protocol");
  if (!protocol || whole(*protocol) != NetduelParameters::protocol_version) return std::nullopt;
  constexpr std::uint64_t longest_drain_seconds = 3600;
  return NetduelParameters{.version = reader.text("version"),
                           .time = reader.nanoseconds("time_ns", longest_test_seconds),
                           .omit = reader.nanoseconds("omit_ns", longest_omit_seconds),
                           .drain = reader.nanoseconds("drain_ns", longest_drain_seconds),
                           .schedule = read_schedule(reader),
                           .seed = reader.number("seed", {.most = ~std::uint64_t{0}}, 0),
                           .offload = reader.flag("offload", true),
                           .full_duplex = reader.flag("full_duplex"),
                           .verify = reader.flag("verify"),
                           .probes = reader.flag("probes", true)};
}

void read_integrity(const Json& json, TestParameters& parameters) {
  const Reader reader(json, "netduel's parameters", bad_parameters);
  parameters.udp_checksum = reader.flag("udp_checksum", true);
  const NetduelParameters& netduel = *parameters.netduel;
  if (netduel.verify && (!netduel.probes || parameters.length < shortest_verified_message)) {
    reader.refuse(fmt::format("verify: it takes probes, and messages of at least {} octets",
                              shortest_verified_message));
  }
}

Transport read_transport(const Reader& reader) {
  if (reader.has("sctp")) throw DocumentError("sctp: only TCP and UDP are spoken here", 18);
  if (reader.has("mptcp")) throw DocumentError("mptcp: only TCP and UDP are spoken here", 131);
  if (reader.has("udp")) return Transport::udp;
  if (reader.has("tcp")) return Transport::tcp;
  throw DocumentError("the parameters name no transport: tcp or udp", 131);
}

/// What is there counts, whatever its value: iperf3 takes "reverse": false for true.
TestDirection read_direction(const Reader& reader) {
  const bool reverse = reader.has("reverse");
  const bool both = reader.has("bidirectional");
  if (reverse && both) throw DocumentError("reverse and bidirectional: one of them", 25);
  if (both) return TestDirection::both;
  return reverse ? TestDirection::reverse : TestDirection::forward;
}

std::size_t read_length(const Reader& reader, Transport transport) {
  if (transport == Transport::udp) {
    return reader.number("len",
                         {.least = 16, .most = longest_udp_octets, .of = "octets", .code = 20},
                         usual_udp_octets);
  }
  return reader.number("len", {.least = 1, .most = longest_tcp_octets, .of = "octets", .code = 7},
                       usual_tcp_octets);
}

void read_end(const Reader& reader, TestParameters& parameters) {
  const Range time{.most = longest_test_seconds, .of = "seconds", .code = 5};
  const Range omit{.most = longest_omit_seconds, .of = "seconds", .code = 12};
  parameters.time = std::chrono::seconds(reader.number("time", time, 0));
  parameters.omit = std::chrono::seconds(reader.number("omit", omit, 0));
  parameters.octets = reader.number("num", {.of = "octets"}, 0);
  parameters.blocks = reader.number("blockcount", {.of = "blocks"}, 0);
  if (parameters.octets != 0) parameters.blocks = 0;
  if (parameters.octets != 0 || parameters.blocks != 0) parameters.time = {};
}

void read_socket_options(const Reader& reader, TestParameters& parameters) {
  constexpr std::uint64_t most_window = std::uint64_t{512} << 20;
  parameters.mss_octets = reader.number_but_0("MSS", {.most = 32767, .of = "octets", .code = 10});
  parameters.window_octets =
      reader.number_but_0("window", {.most = most_window, .of = "octets", .code = 8});
  if (const double rate = reader.bits_per_second("fqrate"); rate != 0) {
    parameters.fq_bits_per_second = rate;
  }
  parameters.no_delay = reader.has("nodelay");
  parameters.congestion = reader.text("congestion");
  if (const Json* value = reader.find("TOS")) {
    parameters.traffic_class =
        static_cast<std::uint8_t>(Reader::number("TOS", *value, {.most = 255, .code = 21}));
  }
  if (const Json* value = reader.find("server_affinity")) {
    parameters.server_affinity = static_cast<unsigned>(
        Reader::number("server_affinity", *value, {.most = 1023, .code = 132}));
  }
  parameters.dont_fragment = reader.flag("dont_fragment");
}

void put_socket_options(const TestParameters& parameters, Json& json) {
  if (parameters.window_octets) json["window"] = *parameters.window_octets;
  json["len"] = parameters.length;
  if (parameters.bits_per_second > 0) json["bandwidth"] = number(parameters.bits_per_second);
  if (parameters.fq_bits_per_second) json["fqrate"] = number(*parameters.fq_bits_per_second);
  // How often iperf3 looks whether it may send, in microseconds; its usual value.
  json["pacing_timer"] = 1000;
  if (parameters.burst != 0) json["burst"] = parameters.burst;
  if (parameters.traffic_class) json["TOS"] = *parameters.traffic_class;
}

void put_flag(Json& json, const char* key, bool set) {
  if (set) json[key] = 1;
}

// --- Results

/// In seconds: more than a hundred days.
constexpr double longest_results = 1e7;
/// iperf3 may take the difference of two clocks for a first jitter, and one of them for 1970's.
constexpr double longest_jitter = 1e10;

Json stream_json(const PeerStream& stream) {
  Json json = Json::object();
  json["id"] = stream.id;
  json["bytes"] = stream.octets;
  json["retransmits"] = stream.retransmits ? Json(*stream.retransmits) : Json(-1);
  json["jitter"] = stream.jitter_seconds;
  json["errors"] = stream.lost;
  json["omitted_errors"] = stream.omitted_lost.value_or(0);
  json["packets"] = stream.packets;
  json["omitted_packets"] = stream.omitted_packets.value_or(0);
  if (stream.start_seconds) json["start_time"] = *stream.start_seconds;
  if (stream.end_seconds) json["end_time"] = *stream.end_seconds;
  return json;
}

PeerStream read_stream(const Json& json) {
  const Reader reader(json, "results of a stream", bad_results);
  PeerStream stream;
  stream.id = reader.id();
  stream.octets = reader.count("bytes", most_octets);
  const std::int64_t retransmits =
      reader.signed_count("retransmits", reader.required("retransmits"));
  if (retransmits >= 0) stream.retransmits = static_cast<std::uint64_t>(retransmits);
  reader.required("jitter");
  stream.jitter_seconds = reader.seconds("jitter", longest_jitter).value_or(0);
  stream.lost = reader.signed_count("errors", reader.required("errors"));
  stream.packets = reader.count("packets", most_messages);
  if (const Json* errors = reader.find("omitted_errors"); errors && reader.has("omitted_packets")) {
    stream.omitted_lost = reader.signed_count("omitted_errors", *errors);
    stream.omitted_packets = reader.count("omitted_packets", most_messages);
  }
  stream.start_seconds = reader.seconds("start_time", longest_results);
  stream.end_seconds = reader.seconds("end_time", longest_results);
  return stream;
}

Json netduel_json(const std::vector<NetduelStream>& streams) {
  Json list = Json::array();
  for (const NetduelStream& stream : streams) {
    Json json = Json::object();
    json["id"] = stream.id;
    if (stream.sender) json["sender"] = Json::parse(to_json(*stream.sender));
    if (stream.receiver) json["receiver"] = Json::parse(to_json(*stream.receiver));
    list.push_back(std::move(json));
  }
  Json json = Json::object();
  json["streams"] = std::move(list);
  return json;
}

NetduelStream read_netduel_stream(const Json& json) {
  const Reader reader(json, "netduel's results of a stream", bad_results);
  NetduelStream stream{.id = reader.id(), .sender = std::nullopt, .receiver = std::nullopt};
  try {
    if (const Json* sender = reader.find("sender")) {
      stream.sender = sender_report_from_json(dumped(*sender));
    }
    if (const Json* receiver = reader.find("receiver")) {
      stream.receiver = receiver_report_from_json(dumped(*receiver));
    }
  } catch (const std::runtime_error& error) {
    reader.refuse(fmt::format("netduel's results of stream {}: {}", stream.id, error.what()));
  }
  return stream;
}

std::vector<NetduelStream> read_netduel_streams(const Json* json) {
  std::vector<NetduelStream> streams;
  if (!json || !json->is_object()) return streams;
  for (const Json& stream : Reader(*json, "netduel's results", bad_results).streams()) {
    streams.push_back(read_netduel_stream(stream));
  }
  return streams;
}

/// Of a share of some processors, by clocks that may have been set meanwhile.
constexpr double most_percent = 1e9;

double percent(const Reader& reader, const char* key) {
  const Json& value = reader.required(key);
  const double number = reader.real(key).value_or(0);
  if (std::abs(number) <= most_percent) return number;
  reader.refuse(fmt::format("{} {}: a percentage", key, shown(value)));
}

}  // namespace

std::string parameters_to_json(const TestParameters& parameters) {
  // In the order of iperf3's, for who compares the two.
  Json json = Json::object();
  json[parameters.transport == Transport::udp ? "udp" : "tcp"] = true;
  json["omit"] = parameters.omit.count();
  if (parameters.server_affinity) json["server_affinity"] = *parameters.server_affinity;
  json["time"] = parameters.octets != 0 || parameters.blocks != 0 ? 0 : parameters.time.count();
  json["num"] = parameters.octets;
  json["blockcount"] = parameters.blocks;
  if (parameters.mss_octets) json["MSS"] = *parameters.mss_octets;
  // These are true wherever they are there, even when they say false.
  if (parameters.no_delay) json["nodelay"] = true;
  json["parallel"] = parameters.parallel;
  if (parameters.direction == TestDirection::reverse) json["reverse"] = true;
  if (parameters.direction == TestDirection::both) json["bidirectional"] = true;
  put_socket_options(parameters, json);
  if (!parameters.title.empty()) json["title"] = parameters.title;
  if (!parameters.extra_data.empty()) json["extra_data"] = parameters.extra_data;
  if (!parameters.congestion.empty()) json["congestion"] = parameters.congestion;
  put_flag(json, "get_server_output", parameters.wants_server_output);
  put_flag(json, "udp_counters_64bit", parameters.counters_64_bit);
  put_flag(json, "repeating_payload", parameters.repeating_payload);
  put_flag(json, "zerocopy", parameters.zero_copy);
  put_flag(json, "dont_fragment", parameters.dont_fragment);
  put_flag(json, "skip_rx_copy", parameters.skip_receive_copy);
  json["client_version"] = parameters.client_version;
  if (parameters.netduel)
    json["netduel"] = netduel_json(*parameters.netduel, parameters.udp_checksum);
  return dumped(json);
}

TestParameters parameters_from_json(std::string_view text) {
  const Json json = parsed(text, longest_parameters_octets, "parameters", bad_parameters);
  const Reader reader(json, "parameters", bad_parameters);
  TestParameters parameters;
  parameters.transport = read_transport(reader);
  parameters.direction = read_direction(reader);
  read_end(reader, parameters);
  parameters.parallel = static_cast<unsigned>(
      reader.number("parallel", {.least = 1, .most = 128, .of = "streams", .code = 6}, 1));
  parameters.length = read_length(reader, parameters.transport);
  parameters.bits_per_second = reader.bits_per_second("bandwidth");
  parameters.burst = reader.number("burst", {.most = 1000, .of = "writes", .code = 15}, 0);
  read_socket_options(reader, parameters);
  parameters.counters_64_bit = reader.flag("udp_counters_64bit");
  parameters.repeating_payload = reader.flag("repeating_payload");
  parameters.zero_copy = reader.flag("zerocopy");
  parameters.skip_receive_copy = reader.flag("skip_rx_copy");
  parameters.wants_server_output = reader.flag("get_server_output");
  parameters.title = reader.text("title");
  parameters.extra_data = reader.text("extra_data");
  parameters.client_version = reader.text("client_version");
  parameters.netduel = read_netduel(reader.find("netduel"));
  if (parameters.netduel) read_integrity(*reader.find("netduel"), parameters);
  return parameters;
}

std::string results_to_json(const TestResults& results) {
  Json json = Json::object();
  json["cpu_util_total"] = results.cpu_total;
  json["cpu_util_user"] = results.cpu_user;
  json["cpu_util_system"] = results.cpu_system;
  json["sender_has_retransmits"] =
      results.sender_has_retransmits ? static_cast<int>(*results.sender_has_retransmits) : -1;
  if (!results.congestion_used.empty()) json["congestion_used"] = results.congestion_used;
  if (results.server_output_text) json["server_output_text"] = *results.server_output_text;
  if (results.server_output_json) {
    json["server_output_json"] =
        parsed(*results.server_output_json, longest_document_octets, "server's words", bad_results);
  }
  Json& streams = json["streams"] = Json::array();
  for (const PeerStream& stream : results.streams) streams.push_back(stream_json(stream));
  if (!results.netduel.empty()) json["netduel"] = netduel_json(results.netduel);
  return dumped(json);
}

TestResults results_from_json(std::string_view text) {
  const Json json = parsed(text, longest_document_octets, "results", bad_results);
  const Reader reader(json, "results", bad_results);
  TestResults results;
  results.cpu_total = percent(reader, "cpu_util_total");
  results.cpu_user = percent(reader, "cpu_util_user");
  results.cpu_system = percent(reader, "cpu_util_system");
  const std::int64_t has_retransmits =
      reader.signed_count("sender_has_retransmits", reader.required("sender_has_retransmits"));
  if (has_retransmits >= 0) results.sender_has_retransmits = has_retransmits != 0;
  results.congestion_used = reader.text("congestion_used");
  results.server_output_text = reader.text_if_any("server_output_text");
  if (const Json* output = reader.find("server_output_json")) {
    results.server_output_json = dumped(*output);
  }
  for (const Json& stream : reader.streams()) results.streams.push_back(read_stream(stream));
  results.netduel = read_netduel_streams(reader.find("netduel"));
  return results;
}

std::string terms_to_json(const Terms& terms) {
  Json json = Json::object();
  json["version"] = terms.version;
  json["udp_payload_octets"] = terms.udp_payload_octets;
  json["most_bits_per_second"] = number(terms.most_bits_per_second);
  json["longest_time_ns"] = terms.longest_time.count();
  json["integrity"] = terms.integrity;
  return dumped(json);
}

Terms terms_from_json(std::string_view text) {
  const Json json = parsed(text, longest_document_octets, "terms", bad_message);
  const Reader reader(json, "terms", bad_message);
  constexpr std::uint64_t year_seconds = std::uint64_t{366} * 86400;
  const Range payload{.most = longest_udp_octets, .of = "octets", .code = bad_message};
  return {.version = reader.text("version"),
          .udp_payload_octets = reader.number("udp_payload_octets", payload, 0),
          .most_bits_per_second = reader.bits_per_second("most_bits_per_second"),
          .longest_time = reader.nanoseconds("longest_time_ns", year_seconds),
          .integrity = reader.flag("integrity")};
}

std::string seals_to_json(const std::vector<Seal>& seals) {
  Json list = Json::array();
  for (const Seal& seal : seals) {
    Json json = Json::object();
    json["id"] = seal.id;
    json["messages"] = seal.messages;
    json["omitted_messages"] = seal.omitted_messages;
    json["octets"] = seal.octets;
    list.push_back(std::move(json));
  }
  Json json = Json::object();
  json["streams"] = std::move(list);
  return dumped(json);
}

std::vector<Seal> seals_from_json(std::string_view text) {
  const Json json = parsed(text, longest_document_octets, "seals", bad_message);
  std::vector<Seal> seals;
  for (const Json& entry : Reader(json, "seals", bad_message).streams()) {
    const Reader reader(entry, "numbers of a seal", bad_message);
    seals.push_back({.id = reader.id(),
                     .messages = reader.count("messages", most_messages),
                     .omitted_messages = reader.count("omitted_messages", most_messages),
                     .octets = reader.count("octets", most_octets)});
  }
  return seals;
}

}  // namespace netduel
