#include <algorithm>
#include <csignal>
#include <exception>
#include <string_view>
#include <variant>

#include "analyze.hpp"
#include "bufferbloat.hpp"
#include "client.hpp"
#include "command_line.hpp"
#include "compare.hpp"
#include "fairness.hpp"
#include "iperf3_call.hpp"
#include "lab.hpp"
#include "multicast_compare.hpp"
#include "multicast_demo.hpp"
#include "multicast_receive.hpp"
#include "multicast_send.hpp"
#include "overhead.hpp"
#include "selftest.hpp"
#include "server.hpp"
#include "sweep.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

int run(const Print& request) {
  return print(request.text);
}

/// A script that asked a client for JSON gets some, whatever was wrong.
int fail(int status, const char* why, int argc, char** argv) {
  const auto parting = std::find(argv, argv + argc, std::string_view("--"));
  if (const auto form = json_of_client({argv, parting})) print_failure(*form, why);
  complain(why);
  return status;
}

}  // namespace
}  // namespace netduel::tool

int main(int argc, char** argv) {
  using namespace netduel::tool;
  // A reader that goes away shows as a failed write, with a message and an exit status.
  std::signal(SIGPIPE, SIG_IGN);
  keep_standard_streams();
  try {
    const Request request = parse_command_line(argc, argv);
    return std::visit([](const auto& what) { return run(what); }, request);
  } catch (const UsageError& error) {
    return fail(2, error.what(), argc, argv);
  } catch (const std::exception& error) {
    return fail(1, error.what(), argc, argv);
  }
}
