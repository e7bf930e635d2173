# SPDX-License-Identifier: Apache-2.0
# Functions for modules, programs and tests. A module is a static library with explicit links. It sees the public headers (include/
# folders) of exactly the modules that it links, so a forbidden include does not compile.

add_library(hf_options INTERFACE)
target_compile_features(hf_options INTERFACE c_std_17)
target_compile_definitions(hf_options INTERFACE _GNU_SOURCE)
target_compile_options(hf_options INTERFACE
    -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
    -Wformat=2 -Wundef -fno-common
    # Clang builds the fuzzers and lacks GCC's attribute `optimize`; GCC still rejects misspelt attributes.
    $<$<C_COMPILER_ID:Clang>:-Wno-unknown-attributes>)
if(HILFARM_SANITIZE)
    target_compile_options(hf_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer)
    target_link_options(hf_options INTERFACE -fsanitize=address,undefined)
endif()

# hf_module(NAME SOURCES a.c b.c [LINK hf_base ... PkgConfig::UV ...])
# Builds library NAME from SOURCES. LINK lists every module whose headers its sources and public headers include, and the external
# libraries. Links are private: a module that links NAME does not see what NAME links.
function(hf_module NAME)
    cmake_parse_arguments(M "" "" "SOURCES;LINK" ${ARGN})
    add_library(${NAME} STATIC ${M_SOURCES})
    target_include_directories(${NAME} PUBLIC include PRIVATE .)
    target_link_libraries(${NAME} PRIVATE ${M_LINK} hf_options)
    set_property(GLOBAL APPEND PROPERTY HF_MODULES ${NAME})
    set_property(TARGET ${NAME} PROPERTY HF_LINK ${M_LINK})
endfunction()

# hf_link_tests(NAME hf_farm ...): links modules to a test, benchmark or fuzzer NAME. Unlike a module, it also sees the headers of
# their dependencies, transitively, because tests examine internals.
function(hf_link_tests NAME)
    set(open ${ARGN})
    set(seen)
    while(open)
        list(POP_FRONT open library)
        if(library IN_LIST seen OR NOT TARGET ${library})
            continue()
        endif()
        list(APPEND seen ${library})
        get_target_property(linked ${library} HF_LINK)
        if(linked)
            list(APPEND open ${linked})
        endif()
        target_include_directories(${NAME} PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    endwhile()
    set_property(TARGET ${NAME} PROPERTY HF_LINK ${ARGN})
    target_link_libraries(${NAME} PRIVATE ${ARGN} hf_options)
endfunction()

# hf_program(NAME SOURCES main.c ... LINK hf_base ...): builds a program; LINK as for hf_module().
function(hf_program NAME)
    cmake_parse_arguments(P "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${NAME} ${P_SOURCES})
    target_link_libraries(${NAME} PRIVATE ${P_LINK} hf_options)
    set_property(GLOBAL APPEND PROPERTY HF_MODULES ${NAME})
    set_property(TARGET ${NAME} PROPERTY HF_LINK ${P_LINK})
endfunction()

# hf_write_modules(FILE): writes a line "library folder link ..." for every module and program. tests/unit/house/borders.sh compares
# them with ARCHITECTURE.md and with the includes.
function(hf_write_modules FILE)
    get_property(modules GLOBAL PROPERTY HF_MODULES)
    set(lines)
    foreach(module ${modules})
        get_target_property(folder ${module} SOURCE_DIR)
        cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
        get_target_property(links ${module} HF_LINK)
        if(NOT links)
            set(links)
        endif()
        list(JOIN links " " links)
        string(APPEND lines "${module} ${folder} ${links}\n")
    endforeach()
    file(WRITE ${FILE} "${lines}")
endfunction()

# hf_code_digest(MODULE HEADER MACRO FOLDER_OR_FILE...): generates a header for MODULE's sources that defines MACRO as a digest of the
# code in the folders, of the compiler and of its options. It changes when results of that code may have changed.
function(hf_code_digest MODULE HEADER MACRO)
    set(files)
    foreach(place ${ARGN})
        if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/${place})
            file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${place}/*.[ch] ${CMAKE_SOURCE_DIR}/${place}/*.cpp ${CMAKE_SOURCE_DIR}/${place}/CMakeLists.txt)
            list(APPEND files ${found})
        else()
            list(APPEND files ${CMAKE_SOURCE_DIR}/${place})
        endif()
    endforeach()
    set(salt "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR} ${CMAKE_BUILD_TYPE} ${CMAKE_C_FLAGS} ${HILFARM_SANITIZE}")
    set(header ${CMAKE_CURRENT_BINARY_DIR}/generated/${HEADER})
    add_custom_command(OUTPUT ${header}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${header} -DNAME=${MACRO} "-DFILES=${files}" "-DSALT=${salt}" -P ${CMAKE_SOURCE_DIR}/cmake/CodeDigest.cmake
        DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/CodeDigest.cmake VERBATIM)
    target_sources(${MODULE} PRIVATE ${header})
    target_include_directories(${MODULE} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()

# hf_headers(NAME): a module that consists of headers only.
function(hf_headers NAME)
    add_library(${NAME} INTERFACE)
    target_include_directories(${NAME} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/include)
    set_property(GLOBAL APPEND PROPERTY HF_MODULES ${NAME})
endfunction()

# hf_test(NAME SOURCES t.c [LINK ...] [LABELS unit] [TIMEOUT 120] [PRIVATE_DIRS dir ...])
# Adds a cmocka program to CTest, which reports it as skipped if all its cases are (tests/include/hf_test.h). Tests run in the root of
# the source tree, so that they find configs/ and tests/. They do not see a daemon of this host: HILFARM_SOCKET is empty.
function(hf_test NAME)
    cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LINK;LABELS;PRIVATE_DIRS" ${ARGN})
    add_executable(${NAME} ${T_SOURCES})
    target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests/include ${T_PRIVATE_DIRS})
    hf_link_tests(${NAME} ${T_LINK} PkgConfig::CMOCKA)
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 120)
    endif()
    if(NOT T_LABELS)
        set(T_LABELS unit)
    endif()
    add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${NAME} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}" SKIP_RETURN_CODE 77
        ENVIRONMENT "HILFARM_BIN_DIR=${CMAKE_BINARY_DIR}/bin;HILFARM_FIRMWARE_DIR=${CMAKE_BINARY_DIR}/firmware;HILFARM_SOCKET=;HILFARM_CACHE_DIR=")
endfunction()

# hf_fuzzer(NAME HARNESS fuzz.c ... [MODULE hf_spec] [LINK hf_base ...] [CORPUS ../tflite/corpus])
# Adds a libFuzzer program to builds with -DHILFARM_FUZZ=ON (preset fuzz): bin/NAME -max_total_time=60 SCRATCH_FOLDER CORPUS. The
# sources of MODULE are compiled again with instrumentation; its links are linked. CTest replays the corpus in the same folder, or
# in CORPUS (label fuzz).
function(hf_fuzzer NAME)
    if(NOT HILFARM_FUZZ)
        return()
    endif()
    cmake_parse_arguments(F "" "MODULE;CORPUS" "HARNESS;LINK" ${ARGN})
    if(NOT F_CORPUS)
        set(F_CORPUS corpus)
    endif()
    get_target_property(sources ${F_MODULE} SOURCES)
    get_target_property(folder ${F_MODULE} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/]") # those found by folder are absolute
    add_executable(${NAME} ${F_HARNESS} ${sources})
    target_include_directories(${NAME} PRIVATE . ${CMAKE_SOURCE_DIR}/tests/support ${folder} ${folder}/include $<TARGET_PROPERTY:${F_MODULE},INCLUDE_DIRECTORIES>)
    target_compile_options(${NAME} PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -g -O1)
    target_link_options(${NAME} PRIVATE -fsanitize=fuzzer,address,undefined)
    get_target_property(links ${F_MODULE} HF_LINK)
    if(NOT links)
        set(links)
    endif()
    hf_link_tests(${NAME} ${links} ${F_LINK})
    add_dependencies(fuzzers ${NAME})
    add_test(NAME ${NAME}_corpus COMMAND ${NAME} -runs=0 ${CMAKE_CURRENT_SOURCE_DIR}/${F_CORPUS})
    set_tests_properties(${NAME}_corpus PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
