# What is needed from outside. A missing piece is named with the Debian package that brings it.
function(netduel_missing what package)
  message(FATAL_ERROR
    "netduel needs ${what}, which was not found. On Debian or Ubuntu: apt-get install ${package} "
    "(scripts/install-deps installs everything).")
endfunction()

find_package(Threads REQUIRED)

# asio has neither a CMake config nor a .pc file.
find_path(NETDUEL_ASIO_INCLUDE_DIR asio.hpp)
if(NOT NETDUEL_ASIO_INCLUDE_DIR)
  netduel_missing("standalone asio" libasio-dev)
endif()
add_library(netduel_asio INTERFACE)
target_include_directories(netduel_asio SYSTEM INTERFACE ${NETDUEL_ASIO_INCLUDE_DIR})
# Whether asio allocates with std::aligned_alloc depends on which header came before it, and files
# that disagree free with operator delete what malloc gave.
target_compile_definitions(netduel_asio INTERFACE
  ASIO_STANDALONE ASIO_SEPARATE_COMPILATION ASIO_NO_DEPRECATED ASIO_DISABLE_STD_ALIGNED_ALLOC)
target_link_libraries(netduel_asio INTERFACE Threads::Threads)

find_package(fmt QUIET)
if(NOT fmt_FOUND)
  netduel_missing("fmt" libfmt-dev)
endif()

find_package(nlohmann_json QUIET)
if(NOT nlohmann_json_FOUND)
  netduel_missing("nlohmann-json" nlohmann-json3-dev)
endif()

# Its config is a .pc file alone, and a portable build needs no pkg-config.
find_path(NETDUEL_ISAL_INCLUDE_DIR isa-l/crc.h)
find_library(NETDUEL_ISAL_LIBRARY isal)
if(NOT NETDUEL_ISAL_INCLUDE_DIR OR NOT NETDUEL_ISAL_LIBRARY)
  netduel_missing("ISA-L" libisal-dev)
endif()
add_library(netduel_isal INTERFACE)
target_include_directories(netduel_isal SYSTEM INTERFACE ${NETDUEL_ISAL_INCLUDE_DIR})
target_link_libraries(netduel_isal INTERFACE ${NETDUEL_ISAL_LIBRARY})

if(NETDUEL_TOOLS)
  find_package(CLI11 QUIET)
  if(NOT CLI11_FOUND)
    netduel_missing("CLI11" libcli11-dev)
  endif()
endif()

if(NOT NETDUEL_PORTABLE)
  find_package(PkgConfig QUIET)
  if(NOT PkgConfig_FOUND)
    netduel_missing("pkg-config" pkg-config)
  endif()
  pkg_check_modules(NETDUEL_NETLINK QUIET IMPORTED_TARGET libnl-route-3.0)
  if(NOT NETDUEL_NETLINK_FOUND)
    netduel_missing("libnl-route" libnl-route-3-dev)
  endif()
endif()

if(NETDUEL_TESTS)
  find_package(Catch2 QUIET)
  if(NOT Catch2_FOUND)
    netduel_missing("Catch2" catch2)
  endif()
endif()
