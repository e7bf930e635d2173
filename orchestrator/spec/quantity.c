/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/quantity.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define KIB UINT64_C(1024)

/* KB is 1024 bytes, as is usual for microcontrollers and in Brockmann & Schlippe 2024, whose constraints the
 * example sweep uses. */
const hf_unit hf_units_bytes[] = {{"B", 1},         {"KB", KIB},       {"KiB", KIB},
                                  {"MB", KIB *KIB}, {"MiB", KIB *KIB}, {NULL, 0}};
const hf_unit hf_units_count[] = {{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {NULL, 0}};
const hf_unit hf_units_duration[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {NULL, 0}};

#define MAX_DIGITS 18 /* fit in 64 bits */

hf_quantity_result hf_quantity_parse(const char *text, const hf_unit *units, uint64_t *value,
                                     const char **unit)
{
    uint64_t digits = 0, divisor = 1;
    uint32_t count = 0;
    const char *at = text;
    for (; isdigit((unsigned char)*at); at++, count++)
        digits = count < MAX_DIGITS ? digits * 10 + (uint64_t)(*at - '0') : digits;
    if (!count)
        return HF_QUANTITY_NOT_A_NUMBER;
    if (at[0] == '.' && isdigit((unsigned char)at[1])) {
        for (at++; isdigit((unsigned char)*at); at++, count++) {
            if (count >= MAX_DIGITS)
                continue;
            digits = digits * 10 + (uint64_t)(*at - '0');
            divisor *= 10;
        }
    }
    if (*at && !isalpha((unsigned char)*at) && *at != ' ')
        return HF_QUANTITY_NOT_A_NUMBER;
    while (*at == ' ')
        at++;
    *unit = at;
    for (; units->name && strcmp(units->name, at) != 0; units++)
        ;
    if (!units->name)
        return *at ? HF_QUANTITY_UNKNOWN_UNIT : HF_QUANTITY_NO_UNIT;
    uint64_t product;
    if (count > MAX_DIGITS || __builtin_mul_overflow(digits, units->factor, &product))
        return HF_QUANTITY_TOO_LARGE;
    if (product % divisor)
        return HF_QUANTITY_NOT_WHOLE;
    *value = product / divisor;
    return HF_QUANTITY_OK;
}
