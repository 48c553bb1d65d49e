#include "multicast_receive.hpp"

#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "experiment/multicast_receive_report.hpp"
#include "interrupt.hpp"
#include "multicast_receive_text.hpp"
#include "os/multicast_state.hpp"
#include "os/process_limits.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Then it is time to say why.
constexpr auto longest_silence = 3s;

std::vector<ReceiverPlace> places_of(const MulticastReceiveOptions& options) {
  std::vector<ReceiverPlace> places(options.receivers);
  for (std::size_t n = 0; n < places.size(); ++n) {
    places[n].name = options.name;
    if (places.size() == 1) break;
    const std::string number = fmt::format("-{}", n + 1);
    places[n].name = options.name.substr(0, group::longest_name - number.size()) + number;
  }
  return places;
}

/// The system's words, and what helps where that is known.
std::string in_words(const std::system_error& error, const GroupReceiveSpec& spec) {
  std::string text = error.what();
  const bool no_interface =
      error.code() == std::errc::no_such_device || error.code() == std::errc::network_unreachable;
  if (no_interface && spec.group.is_multicast() && spec.interface.empty()) {
    text += " (there is no route to the group; --interface NAME chooses where to join)";
  }
  return text;
}

/// What goes on while the receivers run on their own threads.
class Watch {
 public:
  Watch(const MulticastReceiveOptions& options, const GroupReceivers& receivers)
      : options_(options),
        receivers_(receivers),
        querier_(options.spec.group.version()),
        before_(receivers.progress()),
        looked_(Clock::now()) {}

  void look() {
    const auto now = Clock::now();
    const auto elapsed = now - looked_;
    const bool silent = !diagnosis_ && !heard_;
    if (elapsed < options_.interval && !silent) return;
    const GroupReceptionProgress progress = receivers_.progress();
    heard_ = heard_ || !progress.no_stream_heard;
    if (!heard_ && !diagnosis_ && progress.since_joined >= longest_silence) diagnose(progress);
    if (elapsed < options_.interval) return;
    if (!options_.json) show_progress_lines(live_lines(progress, before_, elapsed));
    before_ = progress;
    looked_ = now;
  }
  const std::optional<SilenceDiagnosis>& diagnosis() const { return diagnosis_; }

 private:
  void diagnose(const GroupReceptionProgress& progress) {
    const GroupReceiveSpec& spec = options_.spec;
    diagnosis_ = SilenceDiagnosis{.state = os::multicast_state(spec.group, spec.interface),
                                  .hop_limit = progress.hop_limit,
                                  .anything_heard = !progress.nothing_heard,
                                  .querier_heard = querier_.heard(),
                                  .after = progress.since_joined};
    if (options_.json || !spec.group.is_multicast()) return;
    show_progress_lines({});
    for (const std::string& line : diagnosis_lines(spec, *diagnosis_)) complain(line);
  }

  const MulticastReceiveOptions& options_;
  const GroupReceivers& receivers_;
  os::QuerierWatch querier_;
  GroupReceptionProgress before_;
  Clock::time_point looked_;
  bool heard_ = false;
  std::optional<SilenceDiagnosis> diagnosis_;
};

std::string chosen_interface(const GroupReceiveSpec& spec) {
  if (!spec.group.is_multicast() || !spec.interface.empty()) return spec.interface;
  return os::multicast_state(spec.group, {}).interface;
}

}  // namespace

int run(const MulticastReceiveOptions& options) {
  Interrupt interrupt;
  os::raise_handle_limit();
  MulticastReception reception;
  reception.spec = options.spec;
  reception.receivers = options.receivers;
  try {
    GroupReceivers receivers(options.spec, places_of(options));
    if (!options.json) {
      const int printed =
          print(waiting_text(options.spec, options.receivers, chosen_interface(options.spec)));
      if (printed != 0) return printed;
    }
    Watch watch(options, receivers);
    auto done = std::async(std::launch::async, [&] { return receivers.run(interrupt.token()); });
    while (done.wait_for(50ms) != std::future_status::ready) watch.look();
    reception.receptions = done.get();
    reception.diagnosis = watch.diagnosis();
  } catch (const std::system_error& failure) {
    reception.error = in_words(failure, options.spec);
  } catch (const std::exception& failure) {
    reception.error = failure.what();
  }
  show_progress_lines({});
  reception.interrupted = interrupt.exit_status() != 0;
  for (const GroupReception& one : reception.receptions) {
    if (one.failure && !reception.error) reception.error = one.failure;
  }
  int status = interrupt.exit_status();
  if (options.json || !reception.receptions.empty()) {
    const Report report = describe(reception);
    const int printed = print(options.json ? to_json(report) + '\n' : as_text(reception, report));
    if (printed != 0) status = printed;
  }
  if (reception.error) {
    complain(*reception.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
