# Shared by scripts/format, check-format and check-tidy; sourced from the project's top directory.

# Our C++ files, each ended by a NUL.
our_sources() {
  local places=()
  for place in lib tools tests bench examples; do
    [[ ! -d $place ]] || places+=("$place")
  done
  find "${places[@]}" -type f \( -name '*.cpp' -o -name '*.hpp' \) -print0 | sort -z
}

# clang-format 14, Debian 12's: other versions lay out some lines differently. Ends the script
# that is named when it isn't here, with 77 (skipped) or, with CI set, with 1.
our_clang_format() {
  local candidate
  for candidate in clang-format-14 clang-format; do
    if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q 'version 14\.'; then
      echo "$candidate"
      return
    fi
  done
  echo "$1: clang-format 14 is missing; on Debian 12: apt-get install clang-format" >&2
  [[ -n ${CI:-} ]] && exit 1
  exit 77
}

# clang-tidy 19, which Debian 12 has too: each version finds other things, and 14, Debian 12's
# default, can't compile libstdc++ 12's ranges. As above when it isn't here.
our_clang_tidy() {
  if command -v clang-tidy-19; then return; fi
  echo "$1: clang-tidy 19 is missing; on Debian 12: apt-get install clang-tidy-19" >&2
  [[ -n ${CI:-} ]] && exit 1
  exit 77
}
