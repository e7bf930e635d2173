/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_EXAMINE_H
#define HF_STORE_EXAMINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file examine.h
 * The condition of a store, found without changing anything.
 */

typedef struct hf_store_condition {
    bool outdated;             /**< its schema is older than this program's: the next run migrates it */
    bool checked;              /**< the check of its integrity came to its end in time */
    char damage[512];          /**< what that check found first; "" = nothing */
    uint32_t journals;         /**< of runs that died: the next run stores what they hold */
    uint32_t damaged_journals; /**< set aside, because records in them could not be read or stored */
} hf_store_condition;

/**
 * Examines a store: its schema, its integrity (SQLite's `PRAGMA quick_check`), and the journals next to it.
 * @param limit_ms time limit for the check of integrity
 * @return HF_ENOTFOUND if there is no such file; HF_EFORMAT for one so damaged that not even its schema can be read; HF_ESTORE
 *         for a file of another program or of a newer hilfarm, and for one that cannot be opened. All but the first of class farm
 */
hf_status hf_store_examine(const char *path, uint64_t limit_ms, hf_store_condition *out, hf_error *err);

#endif
