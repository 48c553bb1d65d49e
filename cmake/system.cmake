# Which system's files are built. Linux has its own; any other that speaks POSIX gets the portable
# ones, as Linux does with NETDUEL_PORTABLE.
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  if(NOT UNIX)
    message(FATAL_ERROR "netduel ${PROJECT_VERSION} builds on Linux and, with less to tell, on other "
                        "systems with POSIX's sockets; ${CMAKE_SYSTEM_NAME} needs files of its own "
                        "in lib/src/os, for which lib/CMakeLists.txt is the place.")
  endif()
  set(NETDUEL_PORTABLE ON)
endif()
