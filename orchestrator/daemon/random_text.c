/* SPDX-License-Identifier: Apache-2.0 */
#include "random_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

#define MOST_BYTES 64

bool hf_random_text(char *text, size_t bytes)
{
    uint8_t drawn[MOST_BYTES];
    if (bytes > sizeof drawn || getrandom(drawn, bytes, 0) != (ssize_t)bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", drawn[i]);
    explicit_bzero(drawn, sizeof drawn);
    return true;
}
