# What many files of ours include and g++ reads slowly, read once for all files of a target. A tree
# that does so doesn't show that each file includes what it needs: the release tree does, for all
# that is compiled for speed.
#
# netduel_precompile(<target> [<like>]): `like` is compiled in the same way, and its headers serve both.
function(netduel_precompile target)
  if(NOT NETDUEL_PRECOMPILED_HEADERS)
    return()
  endif()
  if(ARGC GREATER 1 AND NOT target STREQUAL ARGV1)
    target_precompile_headers(${target} REUSE_FROM ${ARGV1})
  else()
    netduel_precompile_always(${target})
  endif()
endfunction()

function(netduel_precompile_always target)
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <functional> <map> <memory>
    <optional> <span> <stop_token> <string> <string_view> <system_error> <thread> <vector>
    <fmt/format.h>)
endfunction()

# netduel_compile_soon(<target>...): of targets that spend no time worth a word, in recipes, writers
# and options. Optimized less and with precompiled headers they are compiled in half the time.
function(netduel_compile_soon)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
    if(NOT NETDUEL_PRECOMPILED_HEADERS)
      netduel_precompile_always(${target})
    endif()
  endforeach()
endfunction()
