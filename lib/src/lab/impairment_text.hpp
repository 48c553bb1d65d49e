#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lab/lab_spec.hpp"

namespace netduel {

/// One line that says which option was wrong, how, and what would work.
class ImpairmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An impairment as typed: the option's name without dashes ("loss", "up-delay"), and its value.
struct ImpairmentText {
  std::string name;
  std::string value;
};

/// The names of the options, each also with "up-" (a to b) and "down-" (b to a) before it, what
/// its value looks like, and a line of help.
struct ImpairmentOption {
  std::string_view name;
  std::string_view value;  ///< "RATIO"; empty for a flag
  std::string_view help;
};
const std::vector<ImpairmentOption>& impairment_options();

struct Preset {
  std::string_view name;
  std::string_view summary;
  std::string_view source;
  std::vector<ImpairmentText> settings;
};
const std::vector<Preset>& presets();

/// What one of several links has of its own.
struct OwnSettings {
  /// What the user typed them behind, for complaints: "--port 3:".
  std::string option;
  std::vector<ImpairmentText> settings;
};

/// Everything as typed; `seed`, `mtu_octets` and `capture_file` of the result stay as they are by
/// default. A preset comes first, then what holds for both directions, then what is for one, then
/// in the same way what a link has of its own. `changes` are "2s=down", "5s=up", "7s=loss:3%",
/// "7s=up-delay:40ms". Throws ImpairmentError.
LabSpec read_lab_spec(const std::optional<std::string>& preset,
                      const std::vector<ImpairmentText>& settings,
                      const std::vector<std::string>& changes,
                      const std::vector<OwnSettings>& own = {});

}  // namespace netduel
