/* SPDX-License-Identifier: Apache-2.0 */
/* Includes the files that esbuild made. The assembler can do that; C17 cannot. */
#include "assets.h"

#define INCLUDE_FILE(symbol, path)                                                                           \
    __asm__(".pushsection .rodata\n"                                                                         \
            ".globl " #symbol "\n" #symbol ":\n"                                                             \
            ".incbin \"" path "\"\n"                                                                         \
            ".globl " #symbol "_end\n" #symbol "_end:\n"                                                     \
            ".byte 0\n"                                                                                      \
            ".popsection\n")

INCLUDE_FILE(hf_page_script, PAGE_SCRIPT);
INCLUDE_FILE(hf_page_style, PAGE_STYLE);
