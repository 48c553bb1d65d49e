#pragma once

#include <optional>
#include <string>

#include "lab/star_truth.hpp"
#include "lab/truth.hpp"
#include "os/output_file.hpp"

namespace netduel::tool {

/// Where what an emulated path did is told: on standard error, and in a file if asked for.
class TruthFile {
 public:
  /// Opens the file. Throws UsageError when it can't be written, or `capture`, which comes later,
  /// can't; both are as they were then.
  TruthFile(std::optional<std::string> file, const std::optional<std::string>& capture);
  /// The file alone where nothing ran that the text could be of interest for. False, with a
  /// complaint, when the file could not be written.
  bool write(const Truth& truth, bool with_text = true);
  bool write(const StarTruth& truth, bool with_text = true);

 private:
  bool write(const Report& document, const std::string& text);

  std::optional<std::string> file_;
  std::optional<os::OutputFile> out_;
};

}  // namespace netduel::tool
