# What many files of ours include and g++ reads slowly, read once for all files of a target. A tree
# that does so doesn't show that each file includes what it needs: the release tree does.
function(netduel_precompile target)
  if(NETDUEL_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <functional> <map> <memory>
      <optional> <span> <stop_token> <string> <string_view> <system_error> <thread> <vector>
      <fmt/format.h>)
  endif()
endfunction()
