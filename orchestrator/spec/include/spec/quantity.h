/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_QUANTITY_H
#define HF_SPEC_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file quantity.h
 * Numbers with a unit ("250 KB", "1.5 M", "30 s") as exact whole numbers of the smallest unit; no floating
 * point.
 */

typedef struct hf_unit {
    const char *name; /**< "" = a number without a unit */
    uint64_t factor;
} hf_unit;

typedef enum hf_quantity_result {
    HF_QUANTITY_OK,
    HF_QUANTITY_NOT_A_NUMBER,
    HF_QUANTITY_NO_UNIT,      /**< a number without a unit where one is required */
    HF_QUANTITY_UNKNOWN_UNIT, /**< the unit's text is at *unit */
    HF_QUANTITY_NOT_WHOLE,    /**< 0.3 B */
    HF_QUANTITY_TOO_LARGE,
} hf_quantity_result;

/**
 * @param units table, terminated by a NULL name
 * @param value written on HF_QUANTITY_OK only
 * @param unit where the unit starts in text; written unless HF_QUANTITY_NOT_A_NUMBER
 */
hf_quantity_result hf_quantity_parse(const char *text, const hf_unit *units, uint64_t *value,
                                     const char **unit);

extern const hf_unit hf_units_bytes[];    /**< B, KB, KiB, MB, MiB; KB and KiB are both 1024 */
extern const hf_unit hf_units_count[];    /**< none, k, M, G; decimal */
extern const hf_unit hf_units_duration[]; /**< ms, s, min, h; in ms */

#endif
