# takt_idl(VARIABLE FILE.idl): the C source that Cyclone DDS's own compiler makes of the file, and FALSE where there is no
# idlc (package cyclonedds-tools). A macro, since it may enable the language C. Made when configuring, because the linter looks
# at what is configured and not built.
find_program(TAKT_IDLC idlc)
mark_as_advanced(TAKT_IDLC)

macro(takt_idl variable file)
  set(${variable} FALSE)
  if(TAKT_IDLC)
    # idlc writes C; its compiler is the C++ compiler's brother.
    if(NOT DEFINED CMAKE_C_COMPILER)
      string(REGEX REPLACE "clang\\+\\+" "clang" brother "${CMAKE_CXX_COMPILER}")
      string(REGEX REPLACE "g\\+\\+" "gcc" brother "${brother}")
      string(REGEX REPLACE "/c\\+\\+$" "/cc" brother "${brother}")
      set(CMAKE_C_COMPILER "${brother}")
    endif()
    enable_language(C)
    execute_process(COMMAND "${TAKT_IDLC}" "${CMAKE_CURRENT_SOURCE_DIR}/${file}"
      WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" COMMAND_ERROR_IS_FATAL ANY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(stem "${file}" NAME_WE)
    set(${variable} "${CMAKE_CURRENT_BINARY_DIR}/${stem}.c")
  endif()
endmacro()
