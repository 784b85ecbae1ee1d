# The compiler is part of the design: g++ 12 and 11 silently miscompile C++20 coroutines and clang 16
# has no std::expected (docs/adr/0001-clang-19.md), so anything but clang 19 or newer is refused.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "github-stats-exporter needs clang 19 or newer, found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: "
    "run './dev setup' (it installs the Debian package clang-19) and build with './dev build', "
    "or configure with -DCMAKE_CXX_COMPILER=clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(GHSTATS_HARDEN "Hardening flags and link-time optimisation, for what users run" OFF)
set(GHSTATS_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
                    -Wimplicit-fallthrough -Wextra-semi -Werror -fdiagnostics-color=always)

find_program(MOLD mold)
if(GHSTATS_HARDEN)
  # _FORTIFY_SOURCE needs optimisation, LTO needs lld (mold has no LTO plugin for clang 19 on Debian 12).
  add_compile_options(-O2 -flto=thin -fstack-protector-strong -fstack-clash-protection -fcf-protection
                      -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS)
  add_link_options(-fuse-ld=lld -flto=thin -Wl,-z,relro,-z,now -Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/lto-cache)
elseif(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
if(GHSTATS_SANITIZE)
  add_compile_options(-fsanitize=${GHSTATS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GHSTATS_SANITIZE})
endif()
