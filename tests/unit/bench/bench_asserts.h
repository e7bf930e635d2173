/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_ASSERTS_H
#define BENCH_ASSERTS_H

#include "fake_board.h"
#include "hf_test.h"

/* Frame `n` of the last answer: its type, and its fields' text. */
static inline void assert_type(const fake_board *b, uint32_t n, const char *type)
{
    assert_true(n < b->frame_count);
    assert_string_equal(b->frames[n].type, type);
}

static inline void assert_field(const fake_board *b, uint32_t n, const char *key, const char *value)
{
    assert_true(n < b->frame_count);
    const char *is = hf_frame_get(&b->frames[n], key);
    if (!is)
        fail_msg("frame %s has no %s", b->frames[n].type, key);
    assert_string_equal(is, value);
}

/* The last answer was `records` records and an `ok` with that number. */
static inline void assert_ok(const fake_board *b, uint32_t records)
{
    char text[16];
    snprintf(text, sizeof text, "%u", (unsigned)records);
    assert_int_equal(b->frame_count, records + 1);
    assert_type(b, records, "ok");
    assert_field(b, records, "records", text);
}

/* The last answer was, or ended with, an `error` of this code. */
static inline void assert_error(const fake_board *b, uint32_t records, const char *code)
{
    assert_int_equal(b->frame_count, records + 1);
    assert_type(b, records, "error");
    assert_field(b, records, "code", code);
    assert_true(strlen(hf_frame_get(&b->frames[records], "text")) > 0);
}

#endif
