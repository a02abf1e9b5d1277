option(TAKT_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(TAKT_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(TAKT_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(TAKT_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(TAKT_DDS "The transport dds, where Cyclone DDS 0.10 is installed" ON)
option(TAKT_WERROR "Treat warnings as errors" ${PROJECT_IS_TOP_LEVEL})
set(TAKT_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined), or thread")
set_property(CACHE TAKT_SANITIZE PROPERTY STRINGS "" address thread)
option(TAKT_SANITIZE_ALL "With TAKT_SANITIZE: build all tests, also those that it can tell nothing about" OFF)

if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  option(TAKT_PRECOMPILE "Read the headers of others once (clang only)" ON)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(TAKT_CCACHE ccache)
if(TAKT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache must be told of precompiled headers (scripts/precompile.py), and for a second clone to find what the first
  # has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=true
    "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=true "${TAKT_CCACHE}")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# What every target of this project is compiled with; not exported to its users.
add_library(takt_flags INTERFACE)
target_compile_options(takt_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(TAKT_WERROR)
  target_compile_options(takt_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 14 sees out-of-bounds and uninitialised reads in Eigen's bounded matrices where there are none.
  target_compile_options(takt_flags INTERFACE -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow)
endif()

if(TAKT_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(TAKT_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(NOT TAKT_SANITIZE STREQUAL "")
  message(FATAL_ERROR "TAKT_SANITIZE is '${TAKT_SANITIZE}'; it may be empty, address or thread")
endif()

if(TAKT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TAKT_FUZZ needs clang's libFuzzer; the compiler is ${CMAKE_CXX_COMPILER_ID}")
  endif()
endif()

find_program(TAKT_LLD NAMES ld.lld-19 ld.lld)
if(TAKT_LLD AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(--ld-path=${TAKT_LLD})
endif()
