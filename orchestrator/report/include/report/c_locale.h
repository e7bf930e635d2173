/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_C_LOCALE_H
#define HF_REPORT_C_LOCALE_H

#include <locale.h>

/**
 * @file c_locale.h
 * Numbers are written with a point whatever locale the program set: every public function that formats does
 * so between these two, which affect the calling thread alone.
 */

/** @return what to hand to hf_c_locale_leave() */
locale_t hf_c_locale_enter(void);
void hf_c_locale_leave(locale_t before);

#endif
