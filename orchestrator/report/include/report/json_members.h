/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_JSON_MEMBERS_H
#define HF_REPORT_JSON_MEMBERS_H

#include <jansson.h>
#include <stdint.h>

/**
 * @file json_members.h
 * Members of JSON objects. If memory is short, a member is missing: whoever writes the whole object checks that once.
 */

/** NULL is written as null. JSON allows only UTF-8; other bytes, as in a transcript, are replaced. */
void hf_json_set_text(json_t *object, const char *key, const char *text);
void hf_json_set_int(json_t *object, const char *key, int64_t value);
/** 0 means that it is unknown and is written as null. */
void hf_json_set_known(json_t *object, const char *key, int64_t value);
/** As hf_json_set_known(); negative values are unknown, too. */
void hf_json_set_known_real(json_t *object, const char *key, double value);

#endif
