/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_EMBED_FILE_H
#define HF_BASE_EMBED_FILE_H

/**
 * @file embed_file.h
 * A file as constant bytes of the program. The assembler can include one; C17 cannot.
 */

/** Defines SYMBOL as the first byte of the file at PATH (a string literal), and SYMBOL_end as the byte after the last, a NUL. */
#define HF_EMBED_FILE(symbol, path)                                                                          \
    __asm__(".pushsection .rodata\n"                                                                         \
            ".globl " #symbol "\n" #symbol ":\n"                                                             \
            ".incbin \"" path "\"\n"                                                                         \
            ".globl " #symbol "_end\n" #symbol "_end:\n"                                                     \
            ".byte 0\n"                                                                                      \
            ".popsection\n")

#endif
