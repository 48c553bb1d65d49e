#include "experiment/server_trials.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "experiment/test_figures.hpp"
#include "experiment/trial_of_record.hpp"
#include "session/path_mtu.hpp"
#include "session/patient_client.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// So that no server takes the first message for more than it allows.
constexpr double rate_of_meeting = 1e6;
/// What an exchange of times can take and still be heard, and no peer can make longer.
constexpr auto longest_round_trip = 10s;

TestParameters parameters_for(const Plan& plan, bool reverse) {
  TestParameters parameters;
  parameters.transport = plan.transport;
  parameters.direction = reverse ? TestDirection::reverse : TestDirection::forward;
  parameters.time = std::chrono::ceil<std::chrono::seconds>(plan.time);
  parameters.length = plan.message_octets;
  if (plan.schedule != ScheduleKind::back_to_back)
    parameters.bits_per_second = plan.bits_per_second;
  parameters.window_octets = plan.window_octets;
  parameters.no_delay = plan.no_delay;
  parameters.congestion = plan.congestion;
  parameters.udp_checksum = plan.udp_checksum;
  parameters.client_version = NETDUEL_VERSION;
  NetduelParameters& ours = parameters.netduel.emplace();
  ours.version = NETDUEL_VERSION;
  ours.time = plan.time;
  ours.drain = plan.drain;
  ours.schedule = plan.schedule;
  ours.seed = plan.seed;
  ours.offload = plan.offload;
  ours.verify = plan.verify;
  return parameters;
}

std::chrono::nanoseconds round_trip(const TestRecord& record) {
  const TcpInfo& info = record.control_info;
  const auto known = record.clock ? record.clock->known.minimum_round_trip
                                  : info.minimum_rtt.value_or(info.smoothed_rtt.value_or(0ns));
  return std::clamp<std::chrono::nanoseconds>(known, 0ns, longest_round_trip);
}

}  // namespace

ServerTrials::ServerTrials(ServerPath& path)
    : path_(path),
      workers_(std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()))) {
}

void ServerTrials::meet(bool verify, std::stop_token stop) {
  Plan plan;
  plan.verify = verify;
  plan.transport = Transport::tcp;
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = rate_of_meeting;
  TestParameters parameters = parameters_for(plan, false);
  parameters.time = {};
  parameters.blocks = 1;
  parameters.netduel->time = {};
  const TestRecord record = test(parameters, stop);
  path_.server = record.remote;
  path_.addresses = {record.remote};
  path_.is_netduel = is_peer_netduel(record);
  path_.version = record.terms ? record.terms->version : std::string();
  path_.round_trip = round_trip(record);
  path_.mtu_octets = usual_mtu_unless_known(record.control_info.path_mtu_octets);
  has_met_ = true;
}

TrialResult ServerTrials::run(const Plan& plan, std::stop_token stop) {
  return trial_of(test(parameters_for(plan, path_.reverse), stop), plan);
}

TestRecord ServerTrials::test(const TestParameters& parameters, std::stop_token stop) {
  ClientSpec spec;
  spec.server = path_.addresses.front();
  for (auto other = path_.addresses.begin() + 1; other != path_.addresses.end(); ++other) {
    spec.alternatives.push_back({.server = *other, .local = {}, .length = parameters.length});
  }
  spec.parameters = parameters;
  spec.interval = 0ns;
  const RunTest run = [&](ClientSpec next, const ClientEvents& events) {
    next.cookie = random_cookie();
    return run_client(next, events, workers_, stop);
  };
  TestRecord record = has_met_ ? run_patiently(spec, run, {}, stop) : run(spec, {});
  if (record.interrupted && !record.theirs) {
    throw std::system_error(std::make_error_code(std::errc::operation_canceled), path_.host);
  }
  if (record.error) throw std::runtime_error(*record.error);
  return record;
}

}  // namespace netduel
