/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of factors; parsing and formatting of their values as plain decimals, independent of the locale. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "family.h"

const char *hf_factor_name(hf_factor factor)
{
    static const char *const names[HF_FACTOR_COUNT] = {
        "alpha", "resolution", "channels", "classes", "l", "ll", "pl", "b", "t", "se", "g", "f"};
    return (unsigned)factor < HF_FACTOR_COUNT ? names[factor] : "unknown factor";
}

static double power_of_ten(int exponent)
{
    double power = 1;
    while (exponent-- > 0)
        power *= 10; /* exact up to 10^22 */
    return power;
}

bool hf_factor_format(double value, char *text)
{
    if (!(value >= 0 && value <= 1e6))
        return false;
    for (int decimals = 0; decimals <= HF_FACTOR_MAX_DECIMALS; decimals++) {
        double power = power_of_ten(decimals);
        long long digits = llround(value * power);
        if ((double)digits / power != value)
            continue;
        if (decimals == 0)
            snprintf(text, HF_FACTOR_TEXT_SIZE, "%lld", digits);
        else
            snprintf(text, HF_FACTOR_TEXT_SIZE, "%lld.%0*lld", digits / (long long)power, decimals,
                     digits % (long long)power);
        return true;
    }
    return false;
}

/* Correctly rounded: the digits (at most 15) and the power of ten are exact doubles, so their quotient is the
 * nearest double. */
bool hf_factor_read(const char **at, double *out)
{
    const char *p = *at;
    double digits = 0;
    int decimals = 0;
    int count = 0;
    if (!isdigit((unsigned char)*p) || (p[0] == '0' && isdigit((unsigned char)p[1])))
        return false;
    for (; isdigit((unsigned char)*p); p++, count++)
        digits = digits * 10 + (*p - '0');
    if (p[0] == '.' && isdigit((unsigned char)p[1]))
        for (p++; isdigit((unsigned char)*p); p++, count++, decimals++)
            digits = digits * 10 + (*p - '0');
    if (count > 15)
        return false;
    *out = digits / power_of_ten(decimals);
    *at = p;
    return true;
}
