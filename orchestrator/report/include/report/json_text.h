/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_JSON_TEXT_H
#define HF_REPORT_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file json_text.h
 * Appends JSON values to a buffer one after the other. A tree of all values of a large run would take hundreds of
 * megabytes. Numbers have a decimal point only in the C locale (report/c_locale.h).
 */

/** A string; NULL = null. Bytes that are not UTF-8 are replaced. */
void hf_json_text(hf_buffer *out, const char *text);
void hf_json_integer(hf_buffer *out, int64_t value);
/** Null if the value is 0. */
void hf_json_known(hf_buffer *out, int64_t value);
/** With ten digits, for a reader who shows it; null unless `known`. */
void hf_json_real(hf_buffer *out, bool known, double value);
/** With as many digits as it takes to read the same value back; null unless `known`. */
void hf_json_exact(hf_buffer *out, bool known, double value);
void hf_json_bool(hf_buffer *out, bool value);
/** `"name":`, after a comma unless it is the first of its object. */
void hf_json_key(hf_buffer *out, bool first, const char *name);

#endif
