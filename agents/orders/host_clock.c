/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/host_clock.h"

#include <stdlib.h>
#include <string.h>

#define REPLY       "clock "
#define DIGITS_MAX  15U /* the year 33658 */
#define ROUNDING_MS 1U

bool hf_host_clock_is_asked(const void *bytes, size_t size)
{
    return size == sizeof HF_CLOCK_QUESTION - 1 && memcmp(bytes, HF_CLOCK_QUESTION, size) == 0;
}

void hf_host_clock_answer(int64_t wall_ms, hf_buffer *out)
{
    hf_buffer_printf(out, REPLY "%lld", (long long)wall_ms);
}

bool hf_host_clock_compare(const void *reply, size_t size, int64_t asked_ms, uint32_t round_ms,
                           hf_host_clock_difference *out)
{
    char digits[DIGITS_MAX + 1];
    const size_t prefix = sizeof REPLY - 1;
    if (size <= prefix || size - prefix > DIGITS_MAX || memcmp(reply, REPLY, prefix) != 0)
        return false;
    memcpy(digits, (const char *)reply + prefix, size - prefix);
    digits[size - prefix] = '\0';
    if (strspn(digits, "0123456789") != size - prefix)
        return false;
    *out = (hf_host_clock_difference){.known = true,
                                      .ahead_ms = strtoll(digits, NULL, 10) - asked_ms - round_ms / 2,
                                      .error_ms = round_ms / 2 + ROUNDING_MS};
    return true;
}

bool hf_host_clock_is_off(const hf_host_clock_difference *d)
{
    const int64_t size_ms = d->ahead_ms < 0 ? -d->ahead_ms : d->ahead_ms;
    return d->known && size_ms - (int64_t)d->error_ms > HF_CLOCK_LIMIT_MS;
}

void hf_host_clock_describe(const hf_host_clock_difference *d, hf_buffer *out)
{
    const int64_t size_ms = d->ahead_ms < 0 ? -d->ahead_ms : d->ahead_ms;
    hf_buffer_printf(out, "%.3f s %s, to %u ms", (double)size_ms / 1e3, d->ahead_ms < 0 ? "behind" : "ahead",
                     d->error_ms);
}
