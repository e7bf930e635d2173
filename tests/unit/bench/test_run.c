/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_asserts.h"
#include "checksum/crc.h"

static fake_board b;

static int setup(void **state)
{
    (void)state;
    fake_board_setup(&b);
    fake_board_request(&b, 1, "input seed=7");
    return 0;
}

static void test_samples(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "run warmup=2 runs=3");
    assert_ok(&b, 5);
    for (uint32_t i = 0; i < 3; i++) {
        char index[8];
        snprintf(index, sizeof index, "%u", (unsigned)i);
        assert_type(&b, i, "sample");
        assert_field(&b, i, "index", index);
        assert_field(&b, i, "cycles", "3000");
        assert_field(&b, i, "instructions", "60");
    }
    assert_int_equal(the_engine.runs, 5);
    assert_int_equal(the_engine.hooked_runs, 1); /* the first of the warm-up; samples run without */
    assert_string_equal(the_engine.doing_at_run, "timed inference");
    assert_int_equal(the_engine.arena_given, 720);

    assert_type(&b, 3, "memory");
    assert_field(&b, 3, "arena_bytes", "512");
    assert_field(&b, 3, "static_bytes", "99");
    assert_field(&b, 3, "stack_bytes", "777");
    assert_field(&b, 3, "staging_bytes", "304");
}

/* Every inference starts from the staged input, although the engine overwrites its copy. */
static void test_output(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "run warmup=1 runs=4 layers=1");
    uint32_t last = b.frame_count - 2, seed = 7;
    uint8_t output[60], shown[64];
    for (size_t i = 0; i < sizeof output; i++) {
        seed = seed * 1664525U + 1013904223U;
        output[i] = (uint8_t) ~(seed >> 24);
    }
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)hf_crc32(0, output, sizeof output));
    assert_type(&b, last, "output");
    assert_field(&b, last, "bytes", "60");
    assert_field(&b, last, "crc32", crc);
    size_t size = sizeof shown;
    assert_true(hf_frame_get_bytes(&b.frames[last], "data", shown, &size));
    assert_int_equal(size, 48);
    assert_memory_equal(shown, output, 48);

    fake_board_request(&b, 3, "read offset=10 bytes=50");
    assert_ok(&b, 1);
    assert_type(&b, 0, "data");
    assert_field(&b, 0, "offset", "10");
    size = sizeof shown;
    assert_true(hf_frame_get_bytes(&b.frames[0], "data", shown, &size));
    assert_int_equal(size, 50);
    assert_memory_equal(shown, output + 10, 50);
    static const char *const bad[] = {"read offset=10 bytes=51", "read offset=61 bytes=0", "read offset=0",
                                      "read bytes=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fake_board_request(&b, 4, bad[i]);
        assert_error(&b, 0, "argument");
    }
}

/* A state: bytes of the output that the next inference finds in its input. Everything else stays staged. */
static void test_carry(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "carry from=0 to=0 bytes=1");
    assert_error(&b, 0, "argument"); /* no output yet */
    fake_board_request(&b, 3, "run warmup=2 runs=2 layers=1");
    uint8_t input[300];
    uint32_t seed = 7;
    for (size_t i = 0; i < sizeof input; i++) {
        seed = seed * 1664525U + 1013904223U;
        input[i] = (uint8_t)(seed >> 24);
    }
    for (uint32_t i = 0; i < 5; i++)
        input[40 + i] = (uint8_t)~input[20 + i];
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)hf_crc32(0, input, sizeof input));
    for (uint32_t i = 0; i < 2; i++) { /* a repeated request is harmless */
        fake_board_request(&b, 4, "carry from=20 to=40 bytes=5");
        assert_ok(&b, 0);
        fake_board_request(&b, 5, "staged");
        assert_field(&b, 0, "crc32", crc);
    }
    fake_board_request(&b, 6, "run warmup=1 runs=1");
    fake_board_request(&b, 7, "carry from=40 to=295 bytes=5"); /* of the second inference's output */
    for (uint32_t i = 0; i < 5; i++)
        input[295 + i] = (uint8_t)~input[40 + i];
    snprintf(crc, sizeof crc, "%08x", (unsigned)hf_crc32(0, input, sizeof input));
    fake_board_request(&b, 8, "staged");
    assert_field(&b, 0, "crc32", crc);
    static const char *const bad[] = {"carry from=56 to=0 bytes=5", "carry from=0 to=296 bytes=5",
                                      "carry from=61 to=0 bytes=0", "carry from=0 to=301 bytes=0",
                                      "carry from=0 to=0",          "carry from=0 bytes=1",
                                      "carry to=0 bytes=1",         "carry from=0 to=0 bytes=4294967295",
                                      "carry from=0 to=0 bytes=-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fake_board_request(&b, 9, bad[i]);
        assert_error(&b, 0, "argument");
    }
    fake_board_request(&b, 10, "staged");
    assert_field(&b, 0, "crc32", crc);
}

static void test_layers(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "run warmup=1 runs=1 layers=1");
    assert_ok(&b, 6);
    static const char *const ops[] = {"conv2d", "dense", "softmax"};
    static const char *const executed[] = {"10", "20", "30"};
    for (uint32_t i = 0; i < 3; i++) {
        char index[8];
        snprintf(index, sizeof index, "%u", (unsigned)i);
        assert_type(&b, 1 + i, "layer");
        assert_field(&b, 1 + i, "index", index);
        assert_field(&b, 1 + i, "op", ops[i]);
        assert_field(&b, 1 + i, "cycles", "1000");
        assert_field(&b, 1 + i, "instructions", executed[i]);
    }
    assert_string_equal(hf_frame_get(&b.frames[3], "crc32"), hf_frame_get(&b.frames[5], "crc32"));
}

/* Rows of several layers alternate: each layer counts its own rows, from zero in every run. */
static void test_layers_in_a_chain(void **state)
{
    (void)state;
    the_engine.chained = true;
    the_engine.idle_cycles = 5000;
    static const char *const ops[] = {"conv2d", "dense", "softmax"};
    static const char *const cycles[] = {"2001", "2001", "1000"};
    static const char *const executed[] = {"20", "40", "30"};
    for (uint32_t run = 0; run < 2; run++) {
        fake_board_request(&b, 2, "run warmup=1 runs=1 layers=1");
        assert_ok(&b, 6);
        for (uint32_t i = 0; i < 3; i++) {
            char index[8];
            snprintf(index, sizeof index, "%u", (unsigned)i);
            assert_type(&b, 1 + i, "layer");
            assert_field(&b, 1 + i, "index", index);
            assert_field(&b, 1 + i, "op", ops[i]);
            assert_field(&b, 1 + i, "cycles", cycles[i]);
            assert_field(&b, 1 + i, "instructions", executed[i]);
        }
        for (uint32_t i = 0; i < 2; i++) {
            int8_t made[60];
            char crc[16];
            for (uint32_t at = 0; at < sizeof made; at++)
                made[at] = fake_engine_value(i, at);
            snprintf(crc, sizeof crc, "%08x", (unsigned)hf_crc32(0, made, sizeof made));
            assert_field(&b, 1 + i, "crc32", crc);
        }
        assert_string_equal(hf_frame_get(&b.frames[3], "crc32"), hf_frame_get(&b.frames[5], "crc32"));
    }
}

static void test_without_instruction_counter(void **state)
{
    (void)state;
    b.hal.instructions = NULL;
    fake_board_request(&b, 2, "run runs=1 layers=1");
    assert_ok(&b, 6);
    assert_null(hf_frame_get(&b.frames[0], "instructions"));
    assert_null(hf_frame_get(&b.frames[1], "instructions"));
}

/* An inference of more than 2^32 cycles, and one across a wrap, are counted correctly. */
static void test_counter_wraps(void **state)
{
    (void)state;
    the_engine.layer_cycles = 4000000000U;
    the_engine.extra_per_run = 10;
    fake_board_request(&b, 2, "run warmup=1 runs=2 layers=1");
    assert_field(&b, 0, "cycles", "12000000020");
    assert_field(&b, 1, "cycles", "12000000030");
    assert_field(&b, 2, "cycles", "4000000000");
    setup(state);
    b.cycles = UINT32_MAX - 50;
    fake_board_request(&b, 2, "run warmup=0 runs=2");
    assert_field(&b, 0, "cycles", "3000");
    assert_field(&b, 1, "cycles", "3000");
}

/* A span that is more than 2^31 cycles above the gauge is as far as the counter can tell one below it; a span
 * of less than nothing does not exist. */
static void test_gauge_of_another_size(void **state)
{
    (void)state;
    the_engine.layer_cycles = 10;
    fake_board_request(&b, 2, "run warmup=1 runs=1");
    assert_field(&b, 0, "cycles", "30");
    the_engine.layer_cycles = 1000000000;
    fake_board_request(&b, 2, "run warmup=0 runs=1");
    assert_field(&b, 0, "cycles", "3000000000");
    the_engine.layer_cycles = 8;
    fake_board_request(&b, 2, "run warmup=0 runs=1");
    assert_field(&b, 0, "cycles", "24"); /* slightly below the gauge is unambiguous */
}

/* Without warm-up one gauge inference precedes the first run only. */
static void test_no_warmup(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "run warmup=0 runs=2");
    assert_int_equal(the_engine.runs, 3);
    fake_board_request(&b, 2, "run warmup=0 runs=2");
    assert_int_equal(the_engine.runs, 5);
}

static void test_defaults(void **state)
{
    (void)state;
    fake_board_request(&b, 2, "run");
    assert_ok(&b, 3);
    assert_int_equal(the_engine.runs, 2);
}

static void test_bad_arguments(void **state)
{
    (void)state;
    static const char *const bad[] = {"run runs=0",   "run runs=10001", "run warmup=1001",     "run layers=2",
                                      "run runs=ten", "run runs=",      "run runs=1 warmup=-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fake_board_request(&b, 2, bad[i]);
        assert_error(&b, 0, "argument");
    }
    assert_int_equal(the_engine.runs, 0);
    fake_board_setup(&b);
    fake_board_request(&b, 2, "run runs=1");
    assert_error(&b, 0, "input");
    fake_board_request(&b, 2, "read offset=0 bytes=1");
    assert_error(&b, 0, "argument");
}

static void test_engine_rejects_the_model(void **state)
{
    (void)state;
    the_engine.run_status = HF_ENGINE_ARENA;
    fake_board_request(&b, 2, "run runs=1");
    assert_error(&b, 0, "arena");
    the_engine.run_status = HF_ENGINE_OPERATOR;
    fake_board_request(&b, 2, "run runs=1");
    assert_error(&b, 0, "model");
    fake_board_request(&b, 2, "read offset=0 bytes=1");
    assert_error(&b, 0, "argument");
}

static void test_unstable_output(void **state)
{
    (void)state;
    the_engine.disturb_at_run = 3; /* warm-up, sample, this sample */
    fake_board_request(&b, 2, "run warmup=1 runs=3");
    assert_error(&b, 2, "output");
    setup(state);
    the_engine.disturb_at_run = 3; /* the pass by layers */
    fake_board_request(&b, 2, "run warmup=1 runs=1 layers=1");
    assert_error(&b, 4, "output");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_samples, setup),
        cmocka_unit_test_setup(test_output, setup),
        cmocka_unit_test_setup(test_carry, setup),
        cmocka_unit_test_setup(test_layers, setup),
        cmocka_unit_test_setup(test_layers_in_a_chain, setup),
        cmocka_unit_test_setup(test_without_instruction_counter, setup),
        cmocka_unit_test_setup(test_counter_wraps, setup),
        cmocka_unit_test_setup(test_gauge_of_another_size, setup),
        cmocka_unit_test_setup(test_no_warmup, setup),
        cmocka_unit_test_setup(test_defaults, setup),
        cmocka_unit_test_setup(test_bad_arguments, setup),
        cmocka_unit_test_setup(test_engine_rejects_the_model, setup),
        cmocka_unit_test_setup(test_unstable_output, setup),
    };
    return cmocka_run_group_tests_name("bench_run", tests, NULL, NULL);
}
