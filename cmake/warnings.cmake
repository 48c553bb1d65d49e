# One interface target for how everything of ours is compiled.
add_library(netduel_compile_options INTERFACE)
target_compile_options(netduel_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
# g++ 12 takes std::string's own operator+ for an overlapping copy (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(netduel_compile_options INTERFACE -Wno-restrict)
endif()
if(NETDUEL_WERROR)
  target_compile_options(netduel_compile_options INTERFACE -Werror)
endif()

if(NETDUEL_SANITIZE)
  target_compile_options(netduel_compile_options INTERFACE
    -fsanitize=${NETDUEL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(netduel_compile_options INTERFACE -fsanitize=${NETDUEL_SANITIZE})
  # The instrumentation misleads this analysis, as g++'s manual says; it stays on in other builds.
  target_compile_options(netduel_compile_options INTERFACE -Wno-maybe-uninitialized)
  if(NETDUEL_SANITIZE MATCHES "thread")
    # libstdc++'s atomic_thread_fence is not modelled by TSan and g++ says so at each use.
    target_compile_options(netduel_compile_options INTERFACE -Wno-tsan)
  endif()
endif()
