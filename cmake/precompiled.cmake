# The headers of others are read once (TAKT_PRECOMPILE): a quarter of the time of a build, half with a sanitizer. The preset
# dev, which the linter reads sources with, does without, so that a file that forgets an include is found there.

set(no_timestamp -Xclang -fno-pch-timestamp)

# Optimising instrumented tests takes a third of an hour and finds nothing: what they test is optimised.
function(takt_test_options target)
  if(NOT TAKT_SANITIZE STREQUAL "")
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# takt_precompiled_headers(<target> takt_precompiled_for_{libraries,tests}), after all of its sources
#
# Not by REUSE_FROM, which names them by their absolute path: a compiler's command must not know where the build folder is,
# or ccache finds nothing again in another one. Ninja runs it in the build folder.
function(takt_precompiled_headers target from)
  if(TAKT_PRECOMPILE)
    set(header "CMakeFiles/${from}.dir/cmake_pch.hxx.pch")
    get_target_property(sources ${target} SOURCES)
    set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS "${CMAKE_BINARY_DIR}/${header}")
    # And libstdc++'s own uses of what it deprecates are no longer known to be its own.
    target_compile_options(${target} PRIVATE "SHELL:-include-pch ${header}" ${no_timestamp} -Wno-deprecated-declarations)
  endif()
endfunction()

if(TAKT_PRECOMPILE)
  set(headers <algorithm> <array> <atomic> <chrono> <cmath> <concepts> <cstddef> <cstdint> <cstring> <deque> <exception>
    <expected> <fstream> <functional> <limits> <map> <memory> <mutex> <numbers> <optional> <random> <span> <sstream>
    <stdexcept> <string> <string_view> <system_error> <thread> <tuple> <type_traits> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <Eigen/Core> <Eigen/Geometry>)
  set(nothing "${CMAKE_CURRENT_BINARY_DIR}/nothing.cpp")
  file(WRITE "${nothing}.new" "// Compiled for its precompiled headers alone.\n")
  file(COPY_FILE "${nothing}.new" "${nothing}" ONLY_IF_DIFFERENT)

  add_library(takt_precompiled_for_libraries OBJECT "${nothing}")
  target_precompile_headers(takt_precompiled_for_libraries PRIVATE ${headers})
  if(TAKT_FUZZ)
    target_compile_options(takt_precompiled_for_libraries PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  if(TAKT_TESTS)
    add_executable(takt_precompiled_for_tests "${nothing}")  # an executable, for it is compiled otherwise than libraries
    target_precompile_headers(takt_precompiled_for_tests PRIVATE ${headers} <gtest/gtest.h>)
    takt_test_options(takt_precompiled_for_tests)
    target_link_libraries(takt_precompiled_for_tests PRIVATE GTest::gtest_main)
  endif()
  foreach(target takt_precompiled_for_libraries takt_precompiled_for_tests)
    if(TARGET ${target})
      target_link_libraries(${target} PRIVATE takt_flags fmt::fmt Eigen3::Eigen Threads::Threads)
      target_compile_features(${target} PRIVATE cxx_std_23)
      target_compile_options(${target} PRIVATE ${no_timestamp})
      set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/scripts/precompile.py")
    endif()
  endforeach()
endif()
