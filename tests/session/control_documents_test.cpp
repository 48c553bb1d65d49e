#include "session/control_documents.hpp"

#include <utility>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using namespace netduel;

namespace {

/// Reads it, expecting it to be refused; gives the code and what is said.
template <typename Read>
std::pair<std::int32_t, std::string> refusal(Read read, const std::string& text) {
  try {
    read(text);
  } catch (const DocumentError& error) {
    return {error.code, error.what()};
  }
  return {0, "accepted"};
}

std::pair<std::int32_t, std::string> refused_parameters(const std::string& text) {
  return refusal(parameters_from_json, text);
}

std::pair<std::int32_t, std::string> refused_results(const std::string& text) {
  return refusal(results_from_json, text);
}

using Refusal = std::pair<std::int32_t, std::string>;

/// A TCP test's parameters with something more.
std::string tcp_with(const std::string& more) {
  return R"({"tcp":true,)" + more + "}";
}

// As iperf3 3.12 sends them for: -P 4 -R -n 1G -M 1400 -w 1M -N -C cubic -T 'a title'
// --get-server-output -O 2 --extra-data 'x y' -Z --repeating-payload
const std::string many_of_stock =
    R"({"tcp":true,"omit":2,"time":0,"num":1073741824,"blockcount":0,"MSS":1400,"nodelay":true,)"
    R"("parallel":4,"reverse":true,"window":1048576,"len":131072,"pacing_timer":1000,)"
    R"("title":"a title","extra_data":"x y","congestion":"cubic","get_server_output":1,)"
    R"("repeating_payload":1,"zerocopy":1,"client_version":"3.12"})";

// -u -b 10M -l 1200 --udp-counters-64bit -S 0x20
const std::string udp_of_stock =
    R"({"udp":true,"omit":0,"time":10,"num":0,"blockcount":0,"parallel":1,"len":1200,)"
    R"("bandwidth":10000000,"pacing_timer":1000,"TOS":32,"udp_counters_64bit":1,)"
    R"("client_version":"3.12"})";

// --bidir -k 100 --fq-rate 1G -A 0,1 -b 1G/10 --dont-fragment
const std::string both_of_stock =
    R"({"tcp":true,"omit":0,"server_affinity":1,"time":0,"num":0,"blockcount":100,"parallel":1,)"
    R"("bidirectional":true,"len":131072,"bandwidth":1000000000,"fqrate":1000000000,)"
    R"("pacing_timer":1000,"burst":10,"dont_fragment":1,"client_version":"3.12"})";

// From a server of 3.12, which has no sign for its -1.
const std::string results_of_stock =
    R"({"cpu_util_total":18.6010573717063,"cpu_util_user":1.0059569830148476,)"
    R"("cpu_util_system":17.595100388691456,"sender_has_retransmits":18446744073709551615,)"
    R"("congestion_used":"bbr","streams":[{"id":1,"bytes":467140608,)"
    R"("retransmits":18446744073709551615,"jitter":0,"errors":0,"packets":0,"start_time":0,)"
    R"("end_time":1.038602},{"id":3,"bytes":474611659,"retransmits":7,"jitter":0.25,)"
    R"("errors":18446744073709551614,"packets":9,"start_time":0,"end_time":1.038607}]})";

std::string results_with(const std::string& streams) {
  return R"({"cpu_util_total":1,"cpu_util_user":1,"cpu_util_system":0,)"
         R"("sender_has_retransmits":1,"streams":)" +
         streams + "}";
}

}  // namespace

TEST_CASE("what stock iperf3 asks for is read and written as it was", "[documents]") {
  const auto text = GENERATE(many_of_stock, udp_of_stock, both_of_stock);
  CHECK(parameters_to_json(parameters_from_json(text)) == text);
}

TEST_CASE("every parameter of iperf3 reaches its place", "[documents]") {
  const auto many = parameters_from_json(many_of_stock);
  CHECK(many.transport == Transport::tcp);
  CHECK(many.direction == TestDirection::reverse);
  CHECK(many.time == 0s);
  CHECK(many.omit == 2s);
  CHECK(many.octets == 1073741824);
  CHECK(many.parallel == 4);
  CHECK(many.length == 131072);
  CHECK(many.mss_octets == 1400U);
  CHECK(many.window_octets == 1048576U);
  CHECK(many.no_delay);
  CHECK(many.congestion == "cubic");
  CHECK(many.wants_server_output);
  CHECK(many.repeating_payload);
  CHECK(many.zero_copy);
  CHECK(many.title == "a title");
  CHECK(many.extra_data == "x y");
  CHECK(many.client_version == "3.12");
  CHECK_FALSE(many.netduel);

  const auto udp = parameters_from_json(udp_of_stock);
  CHECK(udp.transport == Transport::udp);
  CHECK(udp.time == 10s);
  CHECK(udp.length == 1200);
  CHECK(udp.bits_per_second == 1e7);
  CHECK(udp.traffic_class == 32);
  CHECK(udp.counters_64_bit);
  CHECK_FALSE(udp.no_delay);

  const auto both = parameters_from_json(both_of_stock);
  CHECK(both.direction == TestDirection::both);
  CHECK(both.blocks == 100);
  CHECK(both.burst == 10);
  CHECK(both.fq_bits_per_second == 1e9);
  CHECK(both.server_affinity == 1U);
  CHECK(both.dont_fragment);
}

TEST_CASE("what a client leaves out is iperf3's usual", "[documents]") {
  const auto tcp = parameters_from_json(R"({"tcp":true})");
  CHECK(tcp.parallel == 1);
  CHECK(tcp.length == 131072);
  CHECK(tcp.bits_per_second == 0);
  CHECK_FALSE(tcp.traffic_class);
  CHECK_FALSE(tcp.mss_octets);
  CHECK(parameters_from_json(R"({"udp":true})").length == 1460);
}

TEST_CASE("a key whose presence means true does so even when it says false", "[documents]") {
  const auto parameters = parameters_from_json(tcp_with(R"("reverse":false,"nodelay":0)"));
  CHECK(parameters.direction == TestDirection::reverse);
  CHECK(parameters.no_delay);
  CHECK(parameters_from_json(tcp_with(R"("bidirectional":null)")).direction == TestDirection::both);
}

TEST_CASE("what isn't asked for is left out, as false would be taken for true", "[documents]") {
  const std::string text = parameters_to_json(TestParameters{});
  for (const char* key : {"nodelay", "reverse", "bidirectional", "mptcp", "udp", "sctp", "MSS",
                          "window", "bandwidth", "TOS", "netduel", "zerocopy", "title"}) {
    CHECK_THAT(text, !containing(key));
  }
}

TEST_CASE("of two limits to a test one ends it", "[documents]") {
  const auto octets = parameters_from_json(tcp_with(R"("time":10,"num":5,"blockcount":6)"));
  CHECK(octets.octets == 5);
  CHECK(octets.blocks == 0);
  CHECK(octets.time == 0s);
  const auto blocks = parameters_from_json(tcp_with(R"("time":10,"num":0,"blockcount":6)"));
  CHECK(blocks.blocks == 6);
  CHECK(blocks.time == 0s);
}

TEST_CASE("a number may come with a fraction or an exponent", "[documents]") {
  const auto parameters = parameters_from_json(
      tcp_with(R"("time":2.9,"parallel":3.0,"num":0.0,"bandwidth":1.5e9,"TOS":-0.5)"));
  CHECK(parameters.time == 2s);
  CHECK(parameters.parallel == 3);
  CHECK(parameters.bits_per_second == 1.5e9);
  CHECK(parameters.traffic_class == 0);
  CHECK(parameters_from_json(tcp_with(R"("num":1e+15)")).octets == 1'000'000'000'000'000);
}

TEST_CASE("a parameter out of its range is refused with iperf3's code", "[documents]") {
  CHECK(refused_parameters(tcp_with(R"("parallel":500)")) ==
        Refusal(6, "parallel 500: 1 to 128 streams"));
  CHECK(refused_parameters(tcp_with(R"("parallel":0)")).first == 6);
  CHECK(refused_parameters(tcp_with(R"("time":86401)")) ==
        Refusal(5, "time 86401: 0 to 86400 seconds"));
  CHECK(refused_parameters(tcp_with(R"("time":-1)")).first == 5);
  CHECK(refused_parameters(tcp_with(R"("omit":601)")).first == 12);
  CHECK(refused_parameters(tcp_with(R"("len":1048577)")) ==
        Refusal(7, "len 1048577: 1 to 1048576 octets"));
  CHECK(refused_parameters(tcp_with(R"("len":0)")).first == 7);
  CHECK(refused_parameters(R"({"udp":true,"len":15})").first == 20);
  CHECK(refused_parameters(R"({"udp":true,"len":65508})").first == 20);
  CHECK(refused_parameters(tcp_with(R"("MSS":32768)")).first == 10);
  CHECK(refused_parameters(tcp_with(R"("window":536870913)")).first == 8);
  CHECK(refused_parameters(tcp_with(R"("TOS":256)")) == Refusal(21, "TOS 256: 0 to 255"));
  CHECK(refused_parameters(tcp_with(R"("burst":1001)")).first == 15);
  CHECK(refused_parameters(tcp_with(R"("server_affinity":-1)")).first == 132);
  CHECK(refused_parameters(tcp_with(R"("num":-1)")).first == 114);
  CHECK(refused_parameters(tcp_with(R"("bandwidth":-1)")).first == 114);
  CHECK(refused_parameters(tcp_with(R"("bandwidth":1e-300)")).first == 114);
  CHECK(refused_parameters(tcp_with(R"("bandwidth":1e15)")) ==
        Refusal(114, "bandwidth 1e+15: 0, or 1 to 1000000000000 bits a second"));
  CHECK(refused_parameters(tcp_with(R"("fqrate":1000000000001)")).first == 114);
}

TEST_CASE("the ends of each range are within it", "[documents]") {
  CHECK(parameters_from_json(tcp_with(R"("parallel":128)")).parallel == 128);
  CHECK(parameters_from_json(tcp_with(R"("time":86400,"omit":600)")).omit == 600s);
  CHECK(parameters_from_json(tcp_with(R"("len":1048576)")).length == 1048576);
  CHECK(parameters_from_json(R"({"udp":true,"len":16})").length == 16);
  CHECK(parameters_from_json(tcp_with(R"("bandwidth":1e12)")).bits_per_second == 1e12);
  CHECK(parameters_from_json(R"({"udp":true,"len":65507})").length == 65507);
  CHECK(parameters_from_json(tcp_with(R"("MSS":32767,"TOS":255)")).traffic_class == 255);
}

TEST_CASE("a number that no integer holds, or that is none, is refused", "[documents]") {
  for (const char* value : {"1e300", "-1e300", "1.8446744073709552e19", "-9223372036854775808",
                            "18446744073709551615", R"("10")", "null", "[]", "{}", "true"}) {
    for (const char* key : {"time", "num", "parallel", "len", "TOS", "MSS", "burst"}) {
      INFO(key << " " << value);
      CHECK(refused_parameters(tcp_with('"' + std::string(key) + "\":" + value)).first != 0);
    }
  }
}

TEST_CASE("what only another transport would do is refused in plain words", "[documents]") {
  CHECK(refused_parameters(R"({"sctp":true})") ==
        Refusal(18, "sctp: only TCP and UDP are spoken here"));
  CHECK(refused_parameters(tcp_with(R"("mptcp":false)")).first == 131);
  CHECK(refused_parameters(R"({"time":10})").first == 131);
  CHECK(refused_parameters(tcp_with(R"("reverse":true,"bidirectional":true)")).first == 25);
}

TEST_CASE("what isn't a JSON object is refused in one short line", "[documents]") {
  const auto text =
      GENERATE(as<std::string>(), "", "{", "[]", "null", "7", "{\"tcp\":true} x", "{\"tcp\":1e999}",
               "{\"tcp\":true,\"title\":\"\xff\"}", "{\"tcp\":true,\"title\":7}", "]", "\"",
               "{\"tcp\":true,\"time\":\"\\n" + std::string(200, 'x') + "\"}", "\"\\");
  const auto [code, why] = refused_parameters(text);
  CHECK(code != 0);
  CHECK(why.size() < 100);
  CHECK(why.find('\n') == std::string::npos);
}

TEST_CASE("a document that would exhaust its reader is refused", "[documents]") {
  const std::string deep = std::string(3000, '[') + std::string(3000, ']');
  CHECK(refused_parameters(tcp_with("\"x\":" + deep)).first == 114);
  CHECK(refused_parameters(tcp_with("\"title\":\"" + std::string(3000, '[') + '"')).first == 0);
  CHECK(refused_parameters(tcp_with("\"title\":\"" + std::string(8192, 'x') + '"')).first == 114);
  std::string wide = "{";
  for (int i = 0; i < 2000; ++i) wide += '"' + std::to_string(i) + "\":0,";
  CHECK(refused_results(wide + "\"x\":0}").second == "a JSON object of too many entries");
}

TEST_CASE("what netduel asks of netduel survives the way", "[documents]") {
  TestParameters asked;
  asked.transport = Transport::udp;
  asked.length = 1448;
  asked.netduel = NetduelParameters{.version = "0.9",
                                    .time = 2500ms,
                                    .omit = 1ns,
                                    .drain = 50ms,
                                    .schedule = ScheduleKind::poisson,
                                    .seed = 0xffffffffffffffff,
                                    .offload = false,
                                    .full_duplex = true,
                                    .probes = false};
  const auto read = parameters_from_json(parameters_to_json(asked));
  REQUIRE(read.netduel);
  CHECK(read.netduel->version == "0.9");
  CHECK(read.netduel->time == 2500ms);
  CHECK(read.netduel->omit == 1ns);
  CHECK(read.netduel->drain == 50ms);
  CHECK(read.netduel->schedule == ScheduleKind::poisson);
  CHECK(read.netduel->seed == 0xffffffffffffffff);
  CHECK_FALSE(read.netduel->offload);
  CHECK(read.netduel->full_duplex);
  CHECK_FALSE(read.netduel->probes);
}

TEST_CASE("a netduel of another protocol is spoken to as iperf3", "[documents]") {
  const auto netduel = GENERATE(as<std::string>(), "7", "null", "[]", "{}", R"({"protocol":2})",
                                R"({"protocol":"1"})", R"({"protocol":-1})");
  CHECK_FALSE(parameters_from_json(tcp_with("\"netduel\":" + netduel)).netduel);
}

TEST_CASE("what netduel asks of netduel is held to ranges too", "[documents]") {
  const auto wrong = GENERATE(as<std::string>(), R"("time_ns":86400000000001000)",
                              R"("drain_ns":-1)", R"("schedule":"often")", R"("probes":"yes")");
  const std::string schedule =
      wrong.find("schedule") == wrong.npos ? R"("schedule":"poisson",)" : "";
  CHECK(
      refused_parameters(tcp_with(R"("netduel":{"protocol":1,)" + schedule + wrong + "}")).first ==
      114);
}

TEST_CASE("results of stock iperf3 are read, and its huge numbers as negative ones",
          "[documents]") {
  const auto results = results_from_json(results_of_stock);
  CHECK(results.cpu_total == 18.6010573717063);
  CHECK_FALSE(results.sender_has_retransmits);
  CHECK(results.congestion_used == "bbr");
  REQUIRE(results.streams.size() == 2);
  CHECK(results.streams[0].id == 1);
  CHECK(results.streams[0].octets == 467140608);
  CHECK_FALSE(results.streams[0].retransmits);
  CHECK(results.streams[0].end_seconds == 1.038602);
  CHECK_FALSE(results.streams[0].omitted_lost);
  CHECK(results.streams[1].retransmits == 7U);
  CHECK(results.streams[1].jitter_seconds == 0.25);
  CHECK(results.streams[1].lost == -2);
  CHECK(results.streams[1].packets == 9);
  CHECK(results.netduel.empty());
}

TEST_CASE("results are written in iperf3's order, with all that it requires", "[documents]") {
  TestResults results;
  results.cpu_total = 1.5;
  results.congestion_used = "cubic";
  results.server_output_text = "two\nlines";
  results.streams.push_back({.id = 3,
                             .octets = 10,
                             .retransmits = std::nullopt,
                             .jitter_seconds = 0.5,
                             .lost = -1,
                             .packets = 4,
                             .omitted_lost = std::nullopt,
                             .omitted_packets = std::nullopt,
                             .start_seconds = 0,
                             .end_seconds = 1.25});
  CHECK(results_to_json(results) ==
        R"({"cpu_util_total":1.5,"cpu_util_user":0.0,"cpu_util_system":0.0,)"
        R"("sender_has_retransmits":-1,"congestion_used":"cubic",)"
        R"("server_output_text":"two\nlines","streams":[{"id":3,"bytes":10,"retransmits":-1,)"
        R"("jitter":0.5,"errors":-1,"omitted_errors":0,"packets":4,"omitted_packets":0,)"
        R"("start_time":0.0,"end_time":1.25}]})");
}

TEST_CASE("results read back as they were written", "[documents]") {
  TestResults results;
  results.sender_has_retransmits = true;
  results.server_output_json = R"({"z":[1,2.5,null],"a":{"b":"c"}})";
  results.streams.push_back({.id = 1,
                             .octets = 1,
                             .retransmits = 2,
                             .jitter_seconds = 0,
                             .lost = 3,
                             .packets = 4,
                             .omitted_lost = 5,
                             .omitted_packets = 6,
                             .start_seconds = std::nullopt,
                             .end_seconds = std::nullopt});
  const std::string text = results_to_json(results);
  const auto read = results_from_json(text);
  CHECK(read.sender_has_retransmits == true);
  CHECK(read.server_output_json == results.server_output_json);
  CHECK(read.streams.at(0).omitted_packets == 6U);
  CHECK_FALSE(read.streams.at(0).start_seconds);
  CHECK(results_to_json(read) == text);
}

TEST_CASE("what netduel tells of its streams comes along", "[documents]") {
  TestResults results;
  NetduelStream stream{.id = 5, .sender = SenderReport{}, .receiver = std::nullopt};
  stream.sender->left_at_the_end = 77;
  results.netduel.push_back(stream);
  results.netduel.push_back({.id = 6, .sender = std::nullopt, .receiver = ReceiverReport{}});
  const auto read = results_from_json(results_to_json(results));
  REQUIRE(read.netduel.size() == 2);
  CHECK(read.netduel[0].id == 5);
  REQUIRE(read.netduel[0].sender);
  CHECK(read.netduel[0].sender->left_at_the_end == 77);
  CHECK_FALSE(read.netduel[0].receiver);
  CHECK(read.netduel[1].receiver);
}

TEST_CASE("results that lack what they must have are refused", "[documents]") {
  CHECK(refused_results("{}") == Refusal(117, "the results lack 'cpu_util_total'"));
  CHECK(refused_results(results_with("7")).first == 117);
  CHECK(refused_results(results_with("[7]")).first == 117);
  CHECK(refused_results(results_with(R"([{"id":1}])")).second ==
        "the results of a stream lack 'bytes'");
  for (const char* key : {"id", "bytes", "retransmits", "jitter", "errors", "packets"}) {
    std::string text = results_of_stock;
    const std::string quoted = '"' + std::string(key) + '"';
    text.replace(text.find(quoted), quoted.size(), "\"other\"");
    CHECK_THAT(refused_results(text).second, containing("lack '" + std::string(key)));
  }
  CHECK(refused_results(results_with(R"([{"id":0,"bytes":1}])")).first == 208);
  CHECK(refused_results(results_with(R"([{"id":1e12,"bytes":1}])")).first == 208);
}

TEST_CASE("counts that could overflow what adds them up are refused", "[documents]") {
  const auto stream = [](const char* bytes, const char* errors) {
    return results_with(std::string(R"([{"id":1,"bytes":)") + bytes +
                        R"(,"retransmits":-1,"jitter":null,"errors":)" + errors +
                        R"(,"packets":0}])");
  };
  CHECK(refused_results(stream("1", "-1e3")).first == 0);
  CHECK(refused_results(stream("18446744073709551615", "0")).first == 117);
  CHECK(refused_results(stream("1", "-9223372036854775808")).first == 117);
  CHECK(refused_results(stream("1", "1e30")).first == 117);
  CHECK(refused_results(stream("1", "\"none\"")).first == 117);
}

TEST_CASE("results that no test can have are refused, and the ends of what it can aren't",
          "[documents]") {
  const auto refused = [](const std::string& key, const std::string& value) {
    std::string stream =
        R"({"id":1,"bytes":1,"retransmits":-1,"jitter":0,"errors":0,"packets":0,"omitted_errors":0,)"
        R"("omitted_packets":0,"start_time":0,"end_time":1})";
    const auto at = stream.find(':', stream.find('"' + key + '"')) + 1;
    stream.replace(at, stream.find_first_of(",}", at) - at, value);
    return refused_results(results_with('[' + stream + ']'));
  };
  CHECK(refused("end_time", "1.1e7") == Refusal(117, "end_time 11000000.0: 0 to 10000000 seconds"));
  const auto [key, least, most, beyond] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {"bytes", "0", "4611686018427387904", "4611686018427387905"},
          {"packets", "0", "140737488355328", "140737488355329"},
          {"omitted_packets", "0", "140737488355328", "1e300"},
          {"errors", "-140737488355328", "140737488355328", "140737488355329"},
          {"omitted_errors", "-140737488355328", "140737488355328", "-140737488355329"},
          {"retransmits", "-1", "140737488355328", "140737488355329"},
          {"jitter", "0", "1e9", "1e11"},
          {"start_time", "0", "1e7", "-1"},
          {"end_time", "0", "1e7", "1e300"},
      }));
  CAPTURE(key);
  CHECK(refused(key, least).first == 0);
  CHECK(refused(key, most).first == 0);
  const Refusal refusal = refused(key, beyond);
  CHECK(refusal.first == 117);
  CHECK_THAT(refusal.second, containing(key));
  CHECK(refusal.second.find('\n') == std::string::npos);
}

TEST_CASE("a share of the processors that can't be is refused", "[documents]") {
  std::string text = results_with("[]");
  text.replace(text.find(":1") + 1, 1, "1e300");
  CHECK(refused_results(text) == Refusal(117, "cpu_util_total 1e+300: a percentage"));
}

TEST_CASE("results of a netduel that aren't what they should be are refused", "[documents]") {
  const std::string results = results_with("[]");
  const std::string start = results.substr(0, results.size() - 1) + R"(,"netduel":)";
  CHECK(results_from_json(start + "7}").netduel.empty());
  CHECK(refused_results(start + "{}}").first == 117);
  CHECK(refused_results(start + R"({"streams":[{"id":1,"sender":[]}]}})").first == 117);
  CHECK(refused_results(start + R"({"streams":[{"id":1,"receiver":"x"}]}})").first == 117);
}

TEST_CASE("no more than 256 streams are believed", "[documents]") {
  std::string list = "[";
  for (int i = 0; i < 257; ++i) list += i == 0 ? "{}" : ",{}";
  CHECK(refused_results(results_with(list + "]")).second == "streams of 257: 256 streams at most");
}

TEST_CASE("a server's terms read back as they were written", "[documents]") {
  const auto read = terms_from_json(terms_to_json({.version = "0.9",
                                                   .udp_payload_octets = 1452,
                                                   .most_bits_per_second = 1e9,
                                                   .longest_time = 90s,
                                                   .integrity = true}));
  CHECK(read.version == "0.9");
  CHECK(read.udp_payload_octets == 1452);
  CHECK(read.most_bits_per_second == 1e9);
  CHECK(read.longest_time == 90s);
  CHECK(read.integrity);
  CHECK(terms_from_json("{}").longest_time == 0ns);
  CHECK_FALSE(terms_from_json("{}").integrity);
  CHECK(refusal(terms_from_json, R"({"udp_payload_octets":70000})").first == 110);
  CHECK(refusal(terms_from_json, R"({"longest_time_ns":1e19})").first == 110);
  CHECK(refusal(terms_from_json, "[]").first == 110);
}

TEST_CASE("seals read back as they were written", "[documents]") {
  const auto read = seals_from_json(seals_to_json(
      {{.id = 1, .messages = 9, .omitted_messages = 2, .octets = 1000}, {.id = 3, .messages = 1}}));
  REQUIRE(read.size() == 2);
  CHECK(read[0].messages == 9);
  CHECK(read[0].omitted_messages == 2);
  CHECK(read[0].octets == 1000);
  CHECK(read[1].id == 3);
  CHECK(seals_from_json(seals_to_json({})).empty());
  CHECK(refusal(seals_from_json, R"({"streams":[{"id":1,"messages":-1}]})").first == 110);
  CHECK(refusal(seals_from_json, "{}").first == 110);
  const auto sealed = [](const char* messages, const char* octets) {
    return refusal(seals_from_json, R"({"streams":[{"id":1,"messages":)" + std::string(messages) +
                                        R"(,"omitted_messages":0,"octets":)" + octets + "}]}")
        .first;
  };
  CHECK(sealed("140737488355328", "4611686018427387904") == 0);
  CHECK(sealed("140737488355329", "0") == 110);
  CHECK(sealed("0", "4611686018427387905") == 110);
}

TEST_CASE("a wish to verify travels, and only with messages that have room for it", "[documents]") {
  TestParameters parameters;
  parameters.transport = Transport::udp;
  parameters.length = 20;
  parameters.netduel.emplace();
  CHECK_THAT(parameters_to_json(parameters), !containing("verify") && !containing("checksum"));
  parameters.netduel->verify = true;
  parameters.udp_checksum = false;
  const auto read = parameters_from_json(parameters_to_json(parameters));
  CHECK(read.netduel->verify);
  CHECK_FALSE(read.udp_checksum);
  parameters.length = 19;
  CHECK(refusal(parameters_from_json, parameters_to_json(parameters)) ==
        std::pair(114, std::string("verify: it takes probes, and messages of at least 20 octets")));
  parameters.length = 1000;
  parameters.netduel->probes = false;
  CHECK(refusal(parameters_from_json, parameters_to_json(parameters)).first == 114);
}
