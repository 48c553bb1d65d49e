#include "iperf3_call.hpp"

#include <string_view>
#include <utility>

#include "usage_error.hpp"

namespace netduel::tool {
namespace {

/// iperf3's short options with a value, of both modes.
constexpr std::string_view with_value = "cpfibtnklPwBMSLOFATCIX";

/// The letters of short options in one argument: "uRc" of -uRcHOST, where the rest is a value.
std::string_view letters_of(std::string_view argument) {
  if (argument.size() < 2 || argument[0] != '-' || argument[1] == '-') return {};
  argument.remove_prefix(1);
  const std::size_t last = argument.find_first_of(with_value);
  return argument.substr(0, last == argument.npos ? last : last + 1);
}

/// Whether the argument behind it is its value, whatever that looks like.
bool takes_next(std::string_view argument) {
  const std::string_view letters = letters_of(argument);
  return !letters.empty() && letters.size() + 1 == argument.size() &&
         with_value.find(letters.back()) != with_value.npos;
}

/// Reads a call without a subcommand.
class CallReader {
 public:
  explicit CallReader(const std::vector<std::string>& arguments) : arguments_(arguments) {
    while (next_ < arguments_.size()) read(take());
  }

  bool serves = false;
  bool asks = false;
  /// Of the last -c, as getopt(3) programs have it; empty where none is behind it.
  std::string host;
  std::vector<std::string> others;

 private:
  std::string take() { return next_ < arguments_.size() ? arguments_[next_++] : std::string(); }

  void read(const std::string& argument) {
    constexpr std::string_view client_is = "--client=";
    if (argument == "--server") {
      serves = true;
    } else if (argument == "--client") {
      ask(take());
    } else if (argument.starts_with(client_is)) {
      ask(argument.substr(client_is.size()));
    } else if (std::string letters(letters_of(argument)); !letters.empty()) {
      read_letters(std::move(letters), argument);
    } else {
      others.push_back(argument);
    }
  }

  void read_letters(std::string letters, const std::string& argument) {
    std::string value = argument.substr(1 + letters.size());
    const bool has_mode = std::erase(letters, 's') > 0;
    serves = serves || has_mode;
    if (letters.ends_with('c')) {
      letters.pop_back();
      ask(value.empty() ? take() : value);
      value.clear();
    }
    if (!letters.empty()) others.push_back('-' + letters + value);
    if (takes_next(argument) && !argument.ends_with('c') && next_ < arguments_.size()) {
      others.push_back(take());
    }
  }

  void ask(const std::string& whom) {
    asks = true;
    host = whom.starts_with('-') ? std::string() : whom;
  }

  const std::vector<std::string>& arguments_;
  std::size_t next_ = 1;
};

bool has_subcommand(const std::vector<std::string>& arguments) {
  return arguments.size() < 2 || !arguments[1].starts_with('-');
}

}  // namespace

std::vector<std::string> with_subcommand(const std::vector<std::string>& arguments) {
  if (has_subcommand(arguments)) return arguments;
  const CallReader call(arguments);
  if (!call.serves && !call.asks) return arguments;
  if (call.serves && call.asks) {
    throw UsageError("-s -c: an end is the server or the client; choose one of them");
  }
  std::vector<std::string> all = {arguments.front(), call.serves ? "server" : "client"};
  if (call.asks) {
    if (call.host.empty()) {
      throw UsageError(
          "-c: it needs a HOST behind it; netduel client without one measures over loopback or an "
          "emulated path");
    }
    all.push_back(call.host);
  }
  all.insert(all.end(), call.others.begin(), call.others.end());
  return all;
}

std::optional<JsonForm> json_of_client(const std::vector<std::string>& arguments) {
  const bool is_client = has_subcommand(arguments)
                             ? arguments.size() > 1 && arguments[1] == "client"
                             : CallReader(arguments).asks;
  if (!is_client) return std::nullopt;
  std::optional<JsonForm> form;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--json-stream") return JsonForm::events;
    if (argument == "--json" || letters_of(argument).find('J') != std::string_view::npos) {
      form = JsonForm::document;
    }
    // What looks like an option is no host.
    if (takes_next(argument) && !argument.ends_with('c')) ++i;
  }
  return form;
}

}  // namespace netduel::tool
