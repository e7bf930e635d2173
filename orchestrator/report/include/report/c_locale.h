/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_C_LOCALE_H
#define HF_REPORT_C_LOCALE_H

#include <locale.h>

/**
 * @file c_locale.h
 * Numbers have a decimal point in every locale: each public function that formats numbers does so between these two
 * calls, which affect the calling thread only.
 */

/** Sets the "C" locale. @return the locale before, for hf_c_locale_leave() */
locale_t hf_c_locale_enter(void);
void hf_c_locale_leave(locale_t before);

#endif
