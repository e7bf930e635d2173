/* SPDX-License-Identifier: Apache-2.0 */
/* End-to-end attempts: stock OpenOCD, virtual board, real firmware, real serial session. */
#include "hf_test.h"

#include "job.h"

#define NETWORK "mobilenetv1_0.25_48_c3_o2"

static int count(const char *text, const char *what)
{
    int found = 0;
    for (; (text = strstr(text, what)); text++)
        found++;
    return found;
}

static void assert_complete(const hf_attempt_result *result, const job *work)
{
    assert_int_equal(result->sample_count, 3);
    assert_int_equal(result->layer_count, work->request.layer_count);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(result->samples[i].cycles > 100000);
        assert_true(result->samples[i].instructions > 100000);
    }
    int64_t layer_cycles = 0;
    for (uint32_t i = 0; i < result->layer_count; i++) {
        layer_cycles += result->layers[i].cycles;
        assert_int_equal(result->layers[i].crc32, work->layer_crc32[i]);
        assert_true(result->layers[i].op[0] != '\0');
    }
    /* Layers are timed in a separate inference, with gaps between them. */
    assert_true(layer_cycles > result->samples[0].cycles / 2 && layer_cycles < result->samples[0].cycles * 2);
    assert_int_equal(result->output_crc32, work->request.output_crc32);
    assert_true(result->arena_bytes > 0 && result->static_bytes > 0 && result->stack_bytes > 0);
    assert_int_equal(strlen(result->firmware_id), 40);
    assert_true(result->modelled);
}

static void attempts_on(const char *chip, uint32_t clock_hz, const char *clock_source)
{
    job one, two;
    job_make(&one, NETWORK, 1);
    job_make(&two, NETWORK, 2);
    bench b;
    bench_make(&b, chip);
    assert_attempt(&b, bench_open(&b), HF_OK);
    assert_non_null(strstr(hf_board_flasher_version(b.board), "Open On-Chip Debugger"));

    hf_attempt_result first, again, other;
    assert_attempt(&b, bench_attempt(&b, &one, &first), HF_OK);
    assert_complete(&first, &one);
    assert_int_equal(first.clock_hz, clock_hz);
    assert_string_equal(first.clock_source, clock_source);
    assert_true(first.clock_ratio == 0); /* modelled cycles cannot be compared with the host's clock */
    assert_int_equal(count(hf_board_transcript(b.board), "modelled, not compared with the host's"), 1);
    assert_true(first.bytes_written >= one.request.image_bytes + first.firmware_bytes);
    assert_int_equal(first.serial_retries, 0);

    assert_attempt(&b, bench_attempt(&b, &one, &again), HF_OK); /* nothing changed */
    assert_complete(&again, &one);
    assert_int_equal(again.bytes_written, 0);
    assert_int_equal(again.phase_ns[HF_PHASE_START], 0);
    assert_int_equal(count(hf_board_transcript(b.board), "flash erase_address"), 0);

    assert_attempt(&b, bench_attempt(&b, &two, &other), HF_OK); /* the image, not the firmware */
    assert_complete(&other, &two);
    assert_true(other.bytes_written >= two.request.image_bytes / 2);
    assert_true(other.bytes_written < first.bytes_written);
    assert_string_equal(other.firmware_id, first.firmware_id);

    uint64_t phases_ns = 0;
    for (int i = 0; i < HF_PHASE_COUNT; i++)
        phases_ns += other.phase_ns[i];
    assert_true(phases_ns > 0 && phases_ns <= other.total_ns);
    hf_attempt_result_free(&first);
    hf_attempt_result_free(&again);
    hf_attempt_result_free(&other);
    bench_free(&b);
    job_free(&one);
    job_free(&two);
}

static void attempts_on_a_cortex_m4(void **state)
{
    (void)state;
    attempts_on("stm32l4r5zi", 119930880, "msi_lse"); /* MSI locked to the LSE */
}

static void attempts_on_a_cortex_m7(void **state)
{
    (void)state;
    attempts_on("stm32f767zi", 216000000, "hse");
}

/* A modelled board is deterministic: in the next attempt and after a restart. */
static void cycle_counts_repeat_exactly(void **state)
{
    (void)state;
    job work;
    job_make(&work, NETWORK, 1);
    bench b;
    bench_make(&b, "stm32l4r5zi");
    hf_attempt_result results[3];
    for (int i = 0; i < 3; i++) {
        if (i != 1) {
            hf_board_close(b.board);
            b.board = NULL;
            assert_attempt(&b, bench_open(&b), HF_OK);
        }
        assert_attempt(&b, bench_attempt(&b, &work, &results[i]), HF_OK);
    }
    bench_free(&b);
    for (int i = 1; i < 3; i++) {
        for (uint32_t k = 0; k < results[0].sample_count; k++) {
            assert_int_equal(results[i].samples[k].instructions, results[0].samples[k].instructions);
            assert_int_equal(results[i].samples[k].cycles, results[0].samples[k].cycles);
        }
        for (uint32_t k = 0; k < results[0].layer_count; k++)
            assert_int_equal(results[i].layers[k].cycles, results[0].layers[k].cycles);
    }
    for (int i = 0; i < 3; i++)
        hf_attempt_result_free(&results[i]);
    job_free(&work);
}

static void only_changed_sectors_are_written(void **state)
{
    (void)state;
    job work;
    job_make(&work, NETWORK, 1);
    bench b;
    bench_make(&b, "stm32l4r5zi");
    assert_attempt(&b, bench_open(&b), HF_OK);
    hf_attempt_result result;
    assert_attempt(&b, bench_attempt(&b, &work, &result), HF_OK);
    hf_attempt_result_free(&result);

    /* A weight in the last sector, and with it the checksum in the first. */
    work.image[work.request.image_bytes - 100] ^= 0x40;
    job_sign(&work);
    hf_status status = bench_attempt(&b, &work, &result);
    if (status == HF_EMISMATCH) /* the reference lacks the change: the first layer that differs is named */
        assert_failure(&b, HF_FAULT_JOB, "is the first whose output differs from the reference");
    else
        assert_attempt(&b, status, HF_OK);
    hf_attempt_result_free(&result);
    const char *said = hf_board_transcript(b.board);
    assert_int_equal(count(said, "tcl>     flash erase_address"), 2);
    assert_int_equal(count(said, "svf -tap"), 2);
    assert_int_equal(count(said, "flash write_image"), 0);

    long openocd = child_named("openocd"); /* a failure of class job leaves everything running */
    work.image[work.request.image_bytes - 100] ^= 0x40;
    job_sign(&work);
    assert_attempt(&b, bench_attempt(&b, &work, &result), HF_OK);
    assert_int_equal(result.bytes_written, 2 * 4096);
    assert_int_equal(child_named("openocd"), openocd);
    hf_attempt_result_free(&result);
    bench_free(&b);
    job_free(&work);
}

static void an_input_can_be_given(void **state)
{
    (void)state;
    job work;
    job_make(&work, NETWORK, 1);
    work.request.input = work.input;
    work.request.layers = false;
    bench b;
    bench_make(&b, "stm32l4r5zi");
    assert_attempt(&b, bench_open(&b), HF_OK);
    hf_attempt_result result;
    assert_attempt(&b, bench_attempt(&b, &work, &result), HF_OK);
    assert_null(result.layers);
    assert_int_equal(result.output_crc32, work.request.output_crc32);
    hf_attempt_result_free(&result);
    bench_free(&b);
    job_free(&work);
}

static void one_board_has_one_user(void **state)
{
    (void)state;
    int descriptors = open_descriptors();
    bench b;
    bench_make(&b, "stm32l4r5zi");
    assert_attempt(&b, bench_open(&b), HF_OK);
    hf_board *second = NULL;
    assert_int_equal(hf_board_open(&b.config, &b.options, &second, &b.err), HF_EBUSY);
    assert_null(second);
    assert_failure(&b, HF_FAULT_BOARD, "in use within this process, by a run or a console");
    bench_free(&b);
    assert_int_equal(open_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_on_a_cortex_m4),          cmocka_unit_test(attempts_on_a_cortex_m7),
        cmocka_unit_test(only_changed_sectors_are_written), cmocka_unit_test(an_input_can_be_given),
        cmocka_unit_test(one_board_has_one_user),           cmocka_unit_test(cycle_counts_repeat_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
