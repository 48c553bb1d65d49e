#include <csignal>
#include <exception>
#include <variant>

#include "analyze.hpp"
#include "client.hpp"
#include "command_line.hpp"
#include "compare.hpp"
#include "lab.hpp"
#include "overhead.hpp"
#include "server.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

int run(const Print& request) {
  return print(request.text);
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
    complain(error.what());
    return 2;
  } catch (const std::exception& error) {
    complain(error.what());
    return 1;
  }
}
