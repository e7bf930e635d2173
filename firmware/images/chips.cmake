# SPDX-License-Identifier: Apache-2.0
# hf_find_chips(OUT FOLDER): names of the chips: FOLDER's subfolders with a description.h, in reverse alphabetical order, the order in
# which programs list them.
function(hf_find_chips OUT FOLDER)
    file(GLOB descriptions CONFIGURE_DEPENDS ${FOLDER}/*/description.h)
    set(chips)
    foreach(description ${descriptions})
        cmake_path(GET description PARENT_PATH folder)
        cmake_path(GET folder FILENAME chip)
        list(APPEND chips ${chip})
    endforeach()
    list(SORT chips ORDER DESCENDING)
    set(${OUT} ${chips} PARENT_SCOPE)
endfunction()

# hf_chip_core(OUT DESCRIPTION): "CORTEX_M4" for a chip whose description.h says "cortex-m4".
function(hf_chip_core OUT DESCRIPTION)
    file(STRINGS ${DESCRIPTION} line REGEX "^#define CHIP_CORE ")
    if(NOT line MATCHES "\"([a-z0-9-]+)\"")
        message(FATAL_ERROR "${DESCRIPTION}: no line #define CHIP_CORE \"...\"")
    endif()
    string(MAKE_C_IDENTIFIER ${CMAKE_MATCH_1} core)
    string(TOUPPER ${core} core)
    set(${OUT} ${core} PARENT_SCOPE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${DESCRIPTION})
endfunction()
