# What `cmake --install` puts where: the library with its public headers, how CMake and pkg-config
# find it, the command, and what there is to read. Nothing in it tells where it was configured to
# go, so the installed tree may be moved as a whole.
include(CMakePackageConfigHelpers)

install(TARGETS netduel EXPORT netduel-targets)
# Floor by floor: what isn't named here isn't public.
foreach(floor IN ITEMS base wire transport measure)
  install(DIRECTORY lib/include/netduel/${floor}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/netduel FILES_MATCHING PATTERN "*.hpp")
endforeach()
target_include_directories(netduel INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/netduel)
install(EXPORT netduel-targets NAMESPACE netduel:: DESTINATION ${config_dir})
configure_package_config_file(cmake/netduel-config.cmake.in
  ${PROJECT_BINARY_DIR}/netduel-config.cmake INSTALL_DESTINATION ${config_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/netduel-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/netduel-config.cmake ${PROJECT_BINARY_DIR}/netduel-config-version.cmake
  DESTINATION ${config_dir})

# Relative to the .pc file itself, unless a directory was given that is outside the prefix.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
  set(pc_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
  set(pc_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" up "${up}")
  set(pc_prefix "\${pcfiledir}/${up}")
  set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file(cmake/netduel.pc.in ${PROJECT_BINARY_DIR}/netduel.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/netduel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(NETDUEL_TOOLS)
  # Its own objects of the library are in it: it needs no libnetduel.
  install(TARGETS netduel_command)
endif()

# What there is to read, its links from one to the other included. Not CMAKE_INSTALL_DOCDIR, which
# is the parent's where this is a part of another project.
set(documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/netduel)
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md DESTINATION ${documents})
install(DIRECTORY docs examples DESTINATION ${documents})
