#pragma once

#if __cplusplus < 202002L && !defined(_MSVC_LANG)
#error "netduel needs C++20: compile with -std=c++20"
#endif

/// Marks what the shared library exports; everything else is hidden. A static or object-library
/// user sees plain declarations.
#if defined(_WIN32)
#define NETDUEL_EXPORT
#else
#define NETDUEL_EXPORT __attribute__((visibility("default")))
#endif
