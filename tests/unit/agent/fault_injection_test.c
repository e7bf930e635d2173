/* SPDX-License-Identifier: Apache-2.0 */
/* The fault decorator: the same seed over the same bytes gives the same faults. */
#include "hf_test.h"

#include "fault_injection/fault_injection.h"

#define STREAM_BYTES 20000u

/* A line that delivers a counting pattern in pieces of varying size and stores what is written to it. */
typedef struct pattern {
    uint32_t given;
    uint32_t piece;
    uint8_t written[STREAM_BYTES];
    uint32_t written_bytes;
} pattern;

static hf_status pattern_read(void *state, void *bytes, size_t capacity, hf_deadline deadline,
                              const hf_watch *watch, size_t *got, hf_error *err)
{
    (void)deadline;
    (void)watch;
    (void)err;
    pattern *self = state;
    size_t size = self->piece++ % 97 + 1;
    size = size < capacity ? size : capacity;
    if (size > STREAM_BYTES - self->given)
        size = STREAM_BYTES - self->given;
    if (size == 0)
        return HF_ETIMEOUT;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)self->given++;
    *got = size;
    return HF_OK;
}

static hf_status pattern_write(void *state, const void *bytes, size_t size, hf_deadline deadline,
                               const hf_watch *watch, hf_error *err)
{
    (void)deadline;
    (void)watch;
    (void)err;
    pattern *self = state;
    memcpy(self->written + self->written_bytes, bytes, size);
    self->written_bytes += (uint32_t)size;
    return HF_OK;
}

static hf_status pattern_set_baud(void *state, uint32_t baud, hf_error *err)
{
    (void)state;
    (void)baud;
    (void)err;
    return HF_OK;
}

static hf_status pattern_flush(void *state, hf_error *err)
{
    (void)state;
    (void)err;
    return HF_OK;
}

static void pattern_close(void *state)
{
    (void)state;
}

static const hf_serial_ops pattern_ops = {pattern_read, pattern_write, pattern_set_baud, pattern_flush,
                                          pattern_close};

typedef struct outcome {
    uint8_t in[STREAM_BYTES];
    uint32_t in_bytes;
    uint8_t out[STREAM_BYTES];
    uint32_t out_bytes;
    hf_status end;
    uint32_t count;
    char *log;
} outcome;

static void pump(const hf_fault_plan *plan, uint32_t first_piece, size_t capacity, outcome *result)
{
    pattern inner = {.piece = first_piece};
    hf_serial *plain, *line;
    hf_fault_line *faults;
    hf_error err = {0};
    assert_int_equal(hf_serial_new(&pattern_ops, &inner, NULL, &plain, &err), HF_OK);
    assert_int_equal(hf_fault_wrap(plain, plan, &line, &faults, &err), HF_OK);
    *result = (outcome){0};
    for (uint32_t sent = 0; sent < 5000; sent += 250) {
        uint8_t bytes[250];
        for (uint32_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(sent + i);
        if (hf_serial_write(line, bytes, sizeof bytes, hf_deadline_in_ms(1000), NULL, &err) != HF_OK)
            break;
    }
    while (result->end == HF_OK) {
        size_t got = 0;
        uint8_t bytes[600];
        result->end = hf_serial_read(line, bytes, capacity, hf_deadline_in_ms(5000), NULL, &got, &err);
        memcpy(result->in + result->in_bytes, bytes, got);
        result->in_bytes += (uint32_t)got;
    }
    memcpy(result->out, inner.written, inner.written_bytes);
    result->out_bytes = inner.written_bytes;
    result->count = hf_fault_count(faults);
    result->log = strdup(hf_fault_log(faults));
    hf_serial_close(line);
}

static void same_seed_same_faults(void **state)
{
    (void)state;
    static outcome one, two, other;
    hf_fault_plan plan = {
        .seed = 7, .drop_every = 300, .flip_every = 200, .drop_out_every = 250, .flip_out_every = 100};
    pump(&plan, 0, 600, &one);
    pump(&plan, 31, 13, &two); /* however the bytes are divided into reads */
    assert_int_equal(one.in_bytes, two.in_bytes);
    assert_memory_equal(one.in, two.in, one.in_bytes);
    assert_int_equal(one.out_bytes, two.out_bytes);
    assert_memory_equal(one.out, two.out, one.out_bytes);
    assert_string_equal(one.log, two.log);
    assert_true(one.count > 100 && one.count < 400);
    plan.seed = 8;
    pump(&plan, 0, 600, &other);
    assert_string_not_equal(one.log, other.log);
    free(one.log);
    free(two.log);
    free(other.log);
}

static void log_lists_every_fault(void **state)
{
    (void)state;
    static outcome result;
    const hf_fault_plan plan = {.seed = 3, .flip_every = 500};
    pump(&plan, 0, 600, &result);
    assert_int_equal(result.in_bytes, STREAM_BYTES);
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < STREAM_BYTES; i++) {
        if (result.in[i] == (uint8_t)i)
            continue;
        char entry[64];
        snprintf(entry, sizeof entry, "in %u flip 0x%02x 0x%02x\n", (unsigned)i, (uint8_t)i, result.in[i]);
        assert_non_null(strstr(result.log, entry));
        wrong++;
    }
    assert_int_equal(wrong, result.count);
    assert_true(wrong > 0);
    free(result.log);
}

static void truncated_and_disconnected_lines_end(void **state)
{
    (void)state;
    static outcome result;
    pump(&(hf_fault_plan){.disconnect_after_bytes = 1234}, 0, 600, &result);
    assert_int_equal(result.in_bytes, 1234);
    assert_int_equal(result.end, HF_EIO);
    assert_string_equal(result.log, "in 1234 disconnect\n");
    free(result.log);
    pump(&(hf_fault_plan){.truncate_after_bytes = 777}, 0, 600, &result);
    assert_int_equal(result.in_bytes, 777);
    assert_int_equal(result.end, HF_ETIMEOUT);
    assert_string_equal(result.log, "in 777 truncate\n");
    free(result.log);
    pump(&(hf_fault_plan){0}, 0, 600, &result); /* no faults requested, none injected */
    assert_int_equal(result.in_bytes, STREAM_BYTES);
    assert_int_equal(result.out_bytes, 5000);
    assert_string_equal(result.log, "");
    free(result.log);
    pump(&(hf_fault_plan){.seed = 1, .delay_every = 4000, .delay_ms = 1}, 0, 600, &result);
    assert_int_equal(result.in_bytes, STREAM_BYTES); /* late, but complete */
    assert_true(result.count > 0);
    free(result.log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_faults),
        cmocka_unit_test(log_lists_every_fault),
        cmocka_unit_test(truncated_and_disconnected_lines_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
