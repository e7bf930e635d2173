/* SPDX-License-Identifier: Apache-2.0 */
#include "report/c_locale.h"

locale_t hf_c_locale_enter(void)
{
    /* glibc has the "C" locale built in: this allocates nothing and cannot fail. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(plain);
}

void hf_c_locale_leave(locale_t before)
{
    locale_t plain = uselocale(before);
    if (plain != before && plain != LC_GLOBAL_LOCALE)
        freelocale(plain);
}
