#include "multicast_send.hpp"

#include <algorithm>
#include <exception>
#include <future>

#include "experiment/multicast_send_report.hpp"
#include "interrupt.hpp"
#include "multicast_send_text.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

GroupSending send(const MulticastSendOptions& options, std::stop_token stop) {
  GroupSender sender(options.spec);
  sender.open();
  auto sending = std::async(std::launch::async, [&] { return sender.run(std::move(stop)); });
  if (options.interval.count() > 0) {
    const auto show = [&] {
      show_progress_lines(live_lines(sender.progress(), options.spec, progress_columns()));
    };
    show();
    while (sending.wait_for(options.interval) != std::future_status::ready) show();
    show_progress_lines({});
  }
  return sending.get();
}

}  // namespace

int run(const MulticastSendOptions& options) {
  const Interrupt interrupt;
  MulticastSending all{.spec = options.spec};
  try {
    all.sending = send(options, interrupt.token());
    const SenderCounts& counts = all.sending->sender.counts;
    if (counts.sent == 0 && counts.refused > 0) {
      all.error = "no message left this host: " +
                  all.sending->sender.first_refusal.value_or("all were refused");
    }
  } catch (const std::exception& failure) {
    show_progress_lines({});
    all.error = failure.what();
  }
  int status = interrupt.exit_status();
  if (options.json || all.sending) {
    const int printed = print(options.json ? to_json(describe(all)) + '\n' : as_text(all));
    if (printed != 0) status = printed;
  }
  if (all.error) {
    complain(*all.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
