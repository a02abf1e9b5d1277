# takt_module(NAME <folder>
#   [SOURCES a.cpp ...] HEADERS a.hpp ... [TESTS a ...]     # test/a_test.cpp
#   [SANITIZERS address thread]                              # that can tell something about its tests; NONE: it computes
#   [DEPENDS core ...]                                       # other modules, checked against cmake/layers.cmake
#   [LIBRARIES ...] [PRIVATE_LIBRARIES ...])                 # third party: in public headers / only in .cpp files
#
# Makes the library takt::<name> ('/' becomes '_'), its tests as one program <name>_tests, and installs its headers.
function(takt_module)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;HEADERS;TESTS;SANITIZERS;DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;TEST_LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "takt_module(${arg_NAME}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  string(REPLACE "/" "_" name "${arg_NAME}")
  set(target takt_${name})

  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:takt_flags> ${arg_PRIVATE_LIBRARIES})
    takt_precompiled_headers(${target} takt_precompiled_for_libraries)
    if(TAKT_FUZZ)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)  # or the fuzzer does not see where it is
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(takt::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_23)
  # `cmake --build … --target all_verify_interface_header_sets` compiles alone each public header that no source of its own
  # begins with; foo.cpp, which includes foo.hpp first (scripts/check_files.py), compiles the others so.
  set(begun_with "")
  set(alone "")
  foreach(header IN LISTS arg_HEADERS)
    string(REGEX REPLACE "hpp$" "cpp" source "${header}")
    if(source IN_LIST arg_SOURCES)
      list(APPEND begun_with "${header}")
    else()
      list(APPEND alone "${header}")
    endif()
  endforeach()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${begun_with}
    FILE_SET alone TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/src" FILES ${alone})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY alone)

  foreach(dependency IN LISTS arg_DEPENDS)
    takt_check_layer(${arg_NAME} ${dependency})
    string(REPLACE "/" "_" dependency_name "${dependency}")
    target_link_libraries(${target} ${scope} takt_${dependency_name})
  endforeach()
  target_link_libraries(${target} ${scope} ${arg_LIBRARIES} Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY TAKT_MODULE_TARGETS ${target})

  if(NOT arg_SANITIZERS)
    set(arg_SANITIZERS address thread)
  endif()
  if(TAKT_TESTS AND arg_TESTS AND (TAKT_SANITIZE STREQUAL "" OR TAKT_SANITIZE_ALL OR TAKT_SANITIZE IN_LIST arg_SANITIZERS))
    list(TRANSFORM arg_TESTS REPLACE "(.+)" "test/\\1_test.cpp" OUTPUT_VARIABLE test_sources)
    add_executable(${name}_tests ${test_sources})
    target_link_libraries(${name}_tests PRIVATE ${target} takt_testing takt_flags GTest::gtest_main ${arg_TEST_LIBRARIES})
    takt_test_options(${name}_tests)
    takt_precompiled_headers(${name}_tests takt_precompiled_for_tests)
    gtest_discover_tests(${name}_tests TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
  endif()
endfunction()

# takt_fuzz_target(<name> SOURCE file LIBRARIES ...): a libFuzzer program fuzz_<name>; exists only with TAKT_FUZZ. The target
# `fuzzers` builds them all.
function(takt_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE" "LIBRARIES")
  if(NOT TAKT_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${arg_SOURCE})
  target_link_libraries(fuzz_${name} PRIVATE ${arg_LIBRARIES} takt_flags)
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers fuzz_${name})
endfunction()
