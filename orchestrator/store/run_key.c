/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of runs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "query.h"

#define DAY_DIGITS 8

void hf_store_make_key(int64_t started_ms, char key[HF_RUN_KEY_SIZE])
{
    /* The day is for people; the random number makes keys unique over all stores, whose reports may share a folder. */
    const time_t seconds = (time_t)(started_ms / 1000);
    struct tm local = {.tm_year = 70, .tm_mday = 1};
    localtime_r(&seconds, &local);
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        number = (uint32_t)hf_now_ns();
    const unsigned year = (unsigned)(local.tm_year + 1900) % 10000;
    snprintf(key, HF_RUN_KEY_SIZE, "%04u%02u%02u-%08" PRIx32, year, (unsigned)(local.tm_mon + 1) % 100,
             (unsigned)local.tm_mday % 100, number);
}

bool hf_store_key_is_valid(const char *key)
{
    return strlen(key) == HF_RUN_KEY_SIZE - 1 && strspn(key, "0123456789") == DAY_DIGITS &&
           key[DAY_DIGITS] == '-' && strspn(key + DAY_DIGITS + 1, "0123456789abcdef") == 8;
}

hf_status hf_store_find_key(hf_store *store, const char *key, int64_t *run_id, hf_error *err)
{
    return hf_query_id(store, "looking for a run", "SELECT id FROM runs WHERE key = ?", key, run_id, err);
}
