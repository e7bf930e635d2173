# SPDX-License-Identifier: Apache-2.0
# One static library per module, with explicit links: a module sees the public headers (its include/ folder) of
# exactly the modules it names, so a forbidden include does not compile.

add_library(hf_options INTERFACE)
target_compile_features(hf_options INTERFACE c_std_17)
target_compile_definitions(hf_options INTERFACE _GNU_SOURCE)
target_compile_options(hf_options INTERFACE
    -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
    -Wformat=2 -Wundef -fno-common
    # Clang, which builds the fuzzers, lacks GCC's attribute `optimize`; GCC itself still refuses a misspelt attribute.
    $<$<C_COMPILER_ID:Clang>:-Wno-unknown-attributes>)
if(HILFARM_SANITIZE)
    target_compile_options(hf_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer)
    target_link_options(hf_options INTERFACE -fsanitize=address,undefined)
endif()

# hf_module(NAME SOURCES a.c b.c [LINK hf_base ...] [PRIVATE_LINK PkgConfig::UV ...])
# Builds library NAME from SOURCES; LINK is what its public headers need, PRIVATE_LINK what only its sources need.
function(hf_module NAME)
    cmake_parse_arguments(M "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(${NAME} STATIC ${M_SOURCES})
    target_include_directories(${NAME} PUBLIC include PRIVATE .)
    target_link_libraries(${NAME} PUBLIC ${M_LINK} PRIVATE hf_options ${M_PRIVATE_LINK})
endfunction()

# hf_headers(NAME [LINK ...]): a module's public headers alone, for code that needs its types but not its code.
function(hf_headers NAME)
    cmake_parse_arguments(M "" "" "LINK" ${ARGN})
    add_library(${NAME} INTERFACE)
    target_include_directories(${NAME} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/include)
    target_link_libraries(${NAME} INTERFACE ${M_LINK})
endfunction()

# hf_test(NAME SOURCES t.c [LINK ...] [LABELS unit] [TIMEOUT 120] [PRIVATE_DIRS dir ...])
# A cmocka program run by CTest. Tests start in the source tree's root, so that configs/ and tests/ are found.
function(hf_test NAME)
    cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;LINK;LABELS;PRIVATE_DIRS" ${ARGN})
    add_executable(${NAME} ${T_SOURCES})
    target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/tests/include ${T_PRIVATE_DIRS})
    target_link_libraries(${NAME} PRIVATE ${T_LINK} PkgConfig::CMOCKA hf_options)
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 120)
    endif()
    if(NOT T_LABELS)
        set(T_LABELS unit)
    endif()
    add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${NAME} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}"
        ENVIRONMENT "HILFARM_BIN_DIR=${CMAKE_BINARY_DIR}/bin;HILFARM_FIRMWARE_DIR=${CMAKE_BINARY_DIR}/firmware")
endfunction()

# hf_fuzzer(NAME HARNESS fuzz.c ... [MODULE hf_spec] [LINK hf_base ...] [INCLUDES dir ...])
# A libFuzzer program, built with -DHILFARM_FUZZ=ON (preset fuzz): bin/NAME -max_total_time=60 SCRATCH_FOLDER CORPUS. MODULE's
# sources are compiled in once more, so that they are instrumented. In that build CTest replays the corpus beside it (label fuzz).
function(hf_fuzzer NAME)
    if(NOT HILFARM_FUZZ)
        return()
    endif()
    cmake_parse_arguments(F "" "MODULE" "HARNESS;LINK;INCLUDES" ${ARGN})
    get_target_property(sources ${F_MODULE} SOURCES)
    get_target_property(folder ${F_MODULE} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/)
    add_executable(${NAME} ${F_HARNESS} ${sources})
    target_include_directories(${NAME} PRIVATE . ${folder} ${folder}/include ${F_INCLUDES})
    target_compile_options(${NAME} PRIVATE -fsanitize=fuzzer,address,undefined -g -O1)
    target_link_options(${NAME} PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_libraries(${NAME} PRIVATE ${F_LINK} hf_options)
    add_dependencies(fuzzers ${NAME})
    add_test(NAME ${NAME}_corpus COMMAND ${NAME} -runs=0 ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
    set_tests_properties(${NAME}_corpus PROPERTIES TIMEOUT 120 LABELS fuzz)
endfunction()
