# Third-party libraries, all from the distribution's packages (scripts/install_dependencies.sh installs them).

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED CONFIG)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(mujoco)
if(NOT mujoco_FOUND)
  message(FATAL_ERROR
    "MuJoCo 2.2.2 or newer is needed for the simulated arms, and OpenGL, which its CMake package asks for: "
    "apt install libmujoco-dev libgl-dev libopengl-dev")
endif()
# elfutils has no CMake package; its library is linked by its plain name, also by those who use an installed takt.
find_library(TAKT_LIBDW dw)
find_path(TAKT_LIBDWFL_INCLUDE_DIR elfutils/libdwfl.h)
mark_as_advanced(TAKT_LIBDW TAKT_LIBDWFL_INCLUDE_DIR)
if(NOT TAKT_LIBDW OR NOT TAKT_LIBDWFL_INCLUDE_DIR)
  message(FATAL_ERROR "elfutils' libdw is needed, which names the functions of a call stack: apt install libdw-dev")
endif()
if(TAKT_TESTS)
  find_package(GTest REQUIRED)
  find_package(nlohmann_json REQUIRED)
  include(GoogleTest)
  enable_testing()
endif()
if(TAKT_BENCH)
  find_package(benchmark REQUIRED)
endif()

# Debian's MuJoCo target names an include directory of a package that nothing here needs (libqhull-dev) and CMake refuses
# directories that do not exist.
get_target_property(takt_mujoco_includes mujoco::mujoco INTERFACE_INCLUDE_DIRECTORIES)
set(takt_mujoco_existing "")
foreach(directory IN LISTS takt_mujoco_includes)
  if(NOT IS_ABSOLUTE "${directory}" OR EXISTS "${directory}")
    list(APPEND takt_mujoco_existing "${directory}")
  endif()
endforeach()
set_target_properties(mujoco::mujoco PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${takt_mujoco_existing}")
