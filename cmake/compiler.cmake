# Which compilers may build takt, and why the others may not.
#
# GCC <= 12 destroys temporaries of a co_await full-expression twice: silent memory corruption in ordinary coroutines.
# clang < 19 has no std::expected with libstdc++.

if(NOT DEFINED CMAKE_CXX_COMPILER AND NOT DEFINED ENV{CXX})
  # A good default on every supported distribution: clang-19 where it is installed (Debian 12), else the system's compiler.
  find_program(TAKT_CLANG_19 clang++-19)
  if(TAKT_CLANG_19)
    set(CMAKE_CXX_COMPILER "${TAKT_CLANG_19}")
  endif()
endif()

function(takt_require_compiler)
  set(version "${CMAKE_CXX_COMPILER_VERSION}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND version VERSION_LESS 13)
    message(FATAL_ERROR
      "takt refuses GCC ${version}: GCC 12 and older destroy temporaries of a co_await expression twice, which corrupts "
      "memory in ordinary coroutines. Use GCC 13 or newer, or clang 19 (Debian 12: apt install clang-19, then "
      "cmake --preset release).")
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND version VERSION_LESS 19)
    message(FATAL_ERROR
      "takt refuses clang ${version}: clang before 19 has no std::expected with libstdc++. Use clang 19 or newer, or GCC 13 "
      "or newer.")
  endif()
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    message(FATAL_ERROR "takt is built with clang 19 or GCC 13, or newer; ${CMAKE_CXX_COMPILER_ID} is untried.")
  endif()
endfunction()
