/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_PLAIN_H
#define HF_REPORT_PLAIN_H

#include <locale.h>

/**
 * @file plain.h
 * Numbers are written with a point whatever locale the program set: every public function that formats does
 * so between these two, which affect the calling thread alone.
 */

/** @return what to hand to hf_plain_leave() */
locale_t hf_plain_enter(void);
void hf_plain_leave(locale_t before);

#endif
