/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Parses the next number of a Tcl list. */
static bool next_word(const char **at, uint32_t *word)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(*at, &end, 0);
    if (end == *at || errno != 0 || number > UINT32_MAX)
        return false;
    *word = (uint32_t)number;
    *at = end;
    return true;
}

hf_status hf_openocd_parse_words(const char *list, uint32_t *words, uint32_t count, hf_error *err)
{
    const char *at = list;
    uint32_t word, good = 0;
    while (good < count && next_word(&at, &word))
        good++;
    if (good < count)
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EPROTOCOL,
                          "OpenOCD: expected %u words of memory, got '%.80s'", (unsigned)count, list);
    at = list;
    for (uint32_t i = 0; i < count; i++)
        next_word(&at, &words[i]);
    return HF_OK;
}
