# SPDX-License-Identifier: Apache-2.0
# hf_web_bundle(NAME OBJECT assets.c [USES report]): bundles web/NAME/main.ts with what it imports (web/common, the folders in web/ that
# USES names, Chart.js) to NAME.js, and
# web/NAME/style.css to NAME.css, and lets OBJECT embed them: the macros PAGE_SCRIPT and PAGE_STYLE are their paths there.
# Debian: esbuild, libjs-chart.js.
find_program(ESBUILD esbuild REQUIRED)
find_file(CHART_JS chart.mjs PATHS /usr/share/javascript/chart.js REQUIRED)

function(hf_web_bundle NAME)
    cmake_parse_arguments(B "" "OBJECT" "USES" ${ARGN})
    cmake_path(GET CHART_JS PARENT_PATH chart_folder)
    cmake_path(GET chart_folder PARENT_PATH javascript_folder)
    set(folder ${CMAKE_SOURCE_DIR}/web/${NAME})
    set(sources)
    foreach(used ${NAME} common ${B_USES})
        file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/${used}/*.ts ${CMAKE_SOURCE_DIR}/web/${used}/*.css)
        list(APPEND sources ${found})
    endforeach()
    set(script ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.js)
    set(style ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.css)
    add_custom_command(OUTPUT ${script} ${style} DEPENDS ${sources}
        COMMAND ${CMAKE_COMMAND} -E env NODE_PATH=${javascript_folder} ${ESBUILD} ${folder}/main.ts --bundle --minify --format=iife
            --target=es2020 --log-level=warning --legal-comments=inline --outfile=${script}
        COMMAND ${ESBUILD} ${folder}/style.css --bundle --minify --log-level=warning --outfile=${style})
    set_source_files_properties(${B_OBJECT} PROPERTIES OBJECT_DEPENDS "${script};${style}"
        COMPILE_DEFINITIONS "PAGE_SCRIPT=\"${script}\";PAGE_STYLE=\"${style}\"")
endfunction()
