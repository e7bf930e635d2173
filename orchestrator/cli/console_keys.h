/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_CONSOLE_KEYS_H
#define HF_CLI_CONSOLE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file console_keys.h
 * What a person types at a console, as in ssh and telnet: Ctrl-] leaves; so does ~. at the beginning of a line, where ~~
 * stands for one ~. Everything else goes to the board. Pure.
 */

#define HF_CLI_CONSOLE_ESCAPE 0x1d /**< Ctrl-] */

typedef struct hf_cli_console_keys {
    bool in_line; /**< something has been typed since the beginning of the line */
    bool tilde;   /**< a ~ at its beginning waits for what follows */
} hf_cli_console_keys;

/**
 * Takes what was typed.
 * @param out what goes to the board; room for size + 1 bytes
 * @param leave set to true if it asks to leave; what follows it is dropped
 * @return bytes in out
 */
size_t hf_cli_console_type(hf_cli_console_keys *keys, const uint8_t *typed, size_t size, uint8_t *out,
                           bool *leave);

#endif
