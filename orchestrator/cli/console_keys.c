/* SPDX-License-Identifier: Apache-2.0 */
#include "console_keys.h"

size_t hf_cli_console_type(hf_cli_console_keys *keys, const uint8_t *typed, size_t size, uint8_t *out,
                           bool *leave)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        const uint8_t key = typed[i];
        if (key == HF_CLI_CONSOLE_ESCAPE || (keys->tilde && key == '.')) {
            *leave = true;
            break;
        }
        if (keys->tilde) {
            keys->tilde = false;
            out[used++] = '~';
            keys->in_line = true;
            if (key == '~')
                continue;
        } else if (!keys->in_line && key == '~') {
            keys->tilde = true;
            continue;
        }
        out[used++] = key;
        keys->in_line = key != '\r' && key != '\n';
    }
    return used;
}
