#include "session/trial.hpp"

#include <utility>

#include "session/carrier.hpp"

namespace netduel {

TrialResult run_trial(const Plan& plan, SendingEnd& sender, ReceivingEnd& receiver,
                      std::stop_token stop) {
  TrialResult result;
  result.plan = plan;
  const Endpoint at = receiver.open(plan);
  result.plan.receiver = at;
  receiver.start(sender.open(plan, at, stop));
  result.sender = sender.run(stop);
  result.interrupted = result.sender.interrupted;
  result.receiver = receiver.finish(result.sender.counts.sent, stop);
  result.ledger = close_ledger(result.sender.counts, result.receiver.counts,
                               {.host = result.receiver.host,
                                .loopback = at.is_loopback(),
                                .guaranteed_by_service = carrier(plan.transport).guaranteed,
                                .cut = !result.receiver.read_to_the_end});
  return result;
}

}  // namespace netduel
