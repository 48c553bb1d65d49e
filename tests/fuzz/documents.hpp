#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "session/control_documents.hpp"

namespace netduel::fuzz {

/// A peer's text ends up in one line of a terminal.
inline void check_refusal(const DocumentError& error) {
  const std::string_view what = error.what();
  promise(!what.empty() && what.size() < 400, "a refusal is a short line");
  promise(std::none_of(what.begin(), what.end(),
                       [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }),
          "a refusal has no control characters");
}

/// Whatever is read can be written, and what was written is read as the same.
template <typename Read, typename Write>
void check_document(std::string_view text, std::size_t longest, Read read, Write write) {
  std::string written;
  try {
    written = write(read(text));
  } catch (const DocumentError& error) {
    check_refusal(error);
    return;
  }
  // What was left out is written too, and may be too much.
  if (written.size() > longest) return;
  promise(write(read(written)) == written, "a document reads back as it was written");
}

}  // namespace netduel::fuzz
