/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "report/c_locale.h"
#include "report/render.h"

/* Three significant digits, or all digits before the point. */
static void three_digits(double value, const char *unit, char *text, size_t size)
{
    int decimals = fabs(value) < 9.995 ? 2 : fabs(value) < 99.95 ? 1 : 0;
    snprintf(text, size, "%.*f %s", decimals, value, unit);
}

void hf_format_count(double value, char *text, size_t size)
{
    locale_t before = hf_c_locale_enter();
    if (!isfinite(value))
        snprintf(text, size, "-");
    else if (fabs(value) < 999.5)
        snprintf(text, size, "%.0f", value);
    else if (fabs(value) < 999.5e3)
        three_digits(value / 1e3, "k", text, size);
    else if (fabs(value) < 999.5e6)
        three_digits(value / 1e6, "M", text, size);
    else
        three_digits(value / 1e9, "G", text, size);
    hf_c_locale_leave(before);
}

void hf_format_bytes(double bytes, char *text, size_t size)
{
    locale_t before = hf_c_locale_enter();
    if (!isfinite(bytes))
        snprintf(text, size, "-");
    else if (fabs(bytes) < 1023.5)
        snprintf(text, size, "%.0f B", bytes);
    else if (fabs(bytes) < 1023.95 * 1024)             /* what would be rounded to 1024.0 KB is 1.00 MB */
        snprintf(text, size, "%.1f KB", bytes / 1024); /* one decimal, as in the paper's tables */
    else
        snprintf(text, size, "%.2f MB", bytes / (1024 * 1024));
    hf_c_locale_leave(before);
}

void hf_format_ns(double nanoseconds, char *text, size_t size)
{
    locale_t before = hf_c_locale_enter();
    if (!isfinite(nanoseconds))
        snprintf(text, size, "-");
    else if (fabs(nanoseconds) < 999.5)
        snprintf(text, size, "%.0f ns", nanoseconds);
    else if (fabs(nanoseconds) < 999.5e3)
        three_digits(nanoseconds / 1e3, "us", text, size);
    else if (fabs(nanoseconds) < 9.9995e9)
        snprintf(text, size, "%.*f ms",
                 fabs(nanoseconds) < 9.9995e6   ? 3
                 : fabs(nanoseconds) < 99.995e6 ? 2
                                                : 1,
                 nanoseconds / 1e6);
    else
        three_digits(nanoseconds / 1e9, "s", text, size);
    hf_c_locale_leave(before);
}
