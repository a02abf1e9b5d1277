# Installs every module as takt::<name> with its headers, and the CMake package `takt`:
#
#   find_package(takt REQUIRED)
#   target_link_libraries(mine PRIVATE takt::core)

include(CMakePackageConfigHelpers)

# Where a target of a module's link line comes from: namespace -> arguments of find_dependency.
set(TAKT_PACKAGE_Threads "Threads")
set(TAKT_PACKAGE_Boost "Boost 1.81 CONFIG")
set(TAKT_PACKAGE_Eigen3 "Eigen3 3.4 NO_MODULE")
set(TAKT_PACKAGE_fmt "fmt")
set(TAKT_PACKAGE_spdlog "spdlog")
set(TAKT_PACKAGE_simdjson "simdjson")
set(TAKT_PACKAGE_tomlplusplus "tomlplusplus")
set(TAKT_PACKAGE_CLI11 "CLI11")
set(TAKT_PACKAGE_mujoco "mujoco")
set(TAKT_PACKAGE_CycloneDDS "CycloneDDS 0.10 CONFIG")

# The find_dependency() lines of takt-config.cmake, from what the modules really link. A static library hands the libraries
# of its .cpp files on as $<LINK_ONLY:...>, so the user's project has to find those too.
function(takt_find_dependency_lines modules result)
  set(namespaces "")
  foreach(module IN LISTS modules)
    get_target_property(libraries ${module} INTERFACE_LINK_LIBRARIES)
    string(REGEX MATCHALL "[A-Za-z0-9_]+::" found "${libraries}")
    list(APPEND namespaces ${found})
  endforeach()
  list(REMOVE_DUPLICATES namespaces)
  list(SORT namespaces)
  set(lines "")
  foreach(namespace IN LISTS namespaces)
    string(REPLACE "::" "" namespace "${namespace}")
    if(NOT DEFINED TAKT_PACKAGE_${namespace})
      message(FATAL_ERROR "cmake/takt_install.cmake does not know which package holds ${namespace}::; add a line")
    endif()
    string(APPEND lines "find_dependency(${TAKT_PACKAGE_${namespace}})\n")
  endforeach()
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

get_property(takt_modules GLOBAL PROPERTY TAKT_MODULE_TARGETS)
takt_find_dependency_lines("${takt_modules}" TAKT_FIND_DEPENDENCIES)
set(takt_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/takt")

install(TARGETS ${takt_modules} EXPORT takt_targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILE_SET alone DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT takt_targets NAMESPACE takt:: FILE takt-targets.cmake DESTINATION "${takt_package_dir}")
configure_package_config_file(cmake/takt-config.cmake.in "${PROJECT_BINARY_DIR}/takt-config.cmake"
  INSTALL_DESTINATION "${takt_package_dir}" NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change what it likes.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/takt-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/takt-config.cmake" "${PROJECT_BINARY_DIR}/takt-config-version.cmake"
  DESTINATION "${takt_package_dir}")
install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
