/* SPDX-License-Identifier: Apache-2.0 */
/* From a board's figures for operators to figures for layers; expected outputs. */
#include "fixture.h"

#include <math.h>

#include "base/file.h"
#include "engine/engine.h"
#include "farm/prepare.h"
#include "record.h"
#include "record_training.h"

static void prepare(const char *name, hf_prepared *prepared)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    assert_ok(hf_source_parse(name, &request.source, &err), &err);
    assert_ok(hf_prepare(&request, prepared, &err), &err);
}

/* Operator i takes 1000 + i cycles and 10 + i instructions. */
static hf_layer *make_samples(uint32_t count)
{
    hf_layer *samples = calloc(count, sizeof *samples);
    assert_non_null(samples);
    for (uint32_t i = 0; i < count; i++)
        samples[i] = (hf_layer){.cycles = 1000 + i, .instructions = 10 + i};
    return samples;
}

static void record(hf_store *store, const hf_prepared *prepared, hf_layer *samples)
{
    hf_error err = {0};
    const hf_farm_board board = {.config = {.id = "board", .chip = "stm32l4r5zi", .is_virtual = true},
                                 .chip = hf_chip_find("stm32l4r5zi")};
    hf_run_row run = {
        .name = "run", .spec_path = "-", .spec_text = "", .hilfarm_version = "0", .host = "host"};
    const hf_spec_variation variation = {.kind = HF_SPEC_TFLITE, .name = "net", .accuracy_percent = NAN};
    hf_sample timed = {.cycles = 1000000};
    const hf_worker_reply reply = {.command = HF_WORKER_ATTEMPT,
                                   .result = {.samples = &timed,
                                              .sample_count = 1,
                                              .layers = samples,
                                              .layer_count = prepared->image.op_count,
                                              .clock_hz = 1000000,
                                              .firmware_id = "bench",
                                              .modelled = true}};
    int64_t run_id = 0;
    uint64_t ticket = 0;
    hf_write_queue *queue = NULL;
    assert_ok(hf_store_begin_run(store, &run, &run_id, &err), &err);
    assert_ok(hf_record_board(store, run_id, &board, &err), &err);
    assert_ok(hf_write_queue_start(store, run_id, NULL, &queue, &err), &err);
    hf_record_result(queue, 0, &variation, board.chip, prepared);
    assert_ok(hf_record_attempt(queue, 0, &board, 1, prepared, &reply, &ticket, &err), &err);
    assert_int_equal(ticket, 2);
    assert_ok(hf_write_queue_stop(queue, 10000, &err), &err);
}

/* A layer has the sum of the operators that compute its output; a layer without operators has 0. */
static void operators_add_up_to_layers(void **state)
{
    hf_error err = {0};
    hf_prepared prepared;
    prepare("mobilenetv1_0.1_32_c1_o2", &prepared);
    prepared.image.ops[1].node = prepared.image.ops[0].node; /* as if both computed parts of it */
    const hf_image *image = &prepared.image;
    hf_layer *samples = make_samples(image->op_count);
    hf_store *store = NULL;
    hf_report report = {0};
    assert_ok(hf_store_open(fixture_path(state, "db"), &store, &err), &err);
    record(store, &prepared, samples);
    assert_ok(hf_store_load_report(store, 0, &report, &err), &err);

    const hf_result_row *row = &report.results[0];
    assert_int_equal(row->layer_count, prepared.graph->node_count);
    int several = 0, none = 0;
    for (size_t l = 0; l < row->layer_count; l++) {
        int64_t cycles = 0, instructions = 0;
        int producers = 0;
        for (uint32_t i = 0; i < image->op_count; i++)
            if (image->ops[i].node == (int32_t)l) {
                producers++;
                cycles += (int64_t)samples[i].cycles;
                instructions += (int64_t)samples[i].instructions;
            }
        assert_int_equal(row->layers[l].cycles, cycles);
        assert_int_equal(row->layers[l].instructions, instructions);
        several += producers > 1;
        none += producers == 0;
    }
    assert_true(several > 0 && none > 0);
    hf_report_free(&report);
    hf_store_close(store);
    free(samples);
    hf_prepared_free(&prepared);
}

typedef struct digests {
    uint32_t crc32[512];
    uint32_t done;
} digests;

static void digest_rows(void *user, const hf_layer_event *event)
{
    digests *d = user;
    assert_true(event->index < 512);
    d->crc32[event->index] = hf_layer_crc32(event, event->first_row ? d->crc32[event->index] : 0);
    d->done += event->end_row == event->record->out_height;
}

static void check_expected_outputs(const char *name)
{
    hf_prepared prepared;
    hf_model model;
    prepare(name, &prepared);
    assert_int_equal(hf_model_open(&model, prepared.image.bytes, (uint32_t)prepared.image.size),
                     HF_ENGINE_OK);
    uint8_t *arena = aligned_alloc(HF_ARENA_ALIGNMENT, (model.arena_bytes + HF_ARENA_ALIGNMENT - 1) &
                                                           ~(size_t)(HF_ARENA_ALIGNMENT - 1));
    assert_non_null(arena);
    memcpy(arena + model.input_offset, prepared.input, model.input_bytes);
    digests d = {.done = 0};
    const hf_layer_hooks hooks = {.after = digest_rows, .user = &d};
    assert_int_equal(hf_model_run(&model, arena, model.arena_bytes, &hooks), HF_ENGINE_OK);
    assert_int_equal(d.done, prepared.image.op_count);
    for (uint32_t i = 0; i < prepared.image.op_count; i++)
        if (d.crc32[i] != prepared.layer_crc32[i])
            fail_msg("%s, operator %u: %08x, expected %08x", name, i, d.crc32[i], prepared.layer_crc32[i]);
    free(arena);
    hf_prepared_free(&prepared);
}

/* The expected outputs are those of the engine for the same image and input, for parts of layers too. */
static void expected_outputs_equal_the_engines(void **state)
{
    (void)state;
    check_expected_outputs("mobilenetv1_0.25_48_c3_o2");
    check_expected_outputs("shufflenetv1_0.25_32_c3_o2_g1"); /* concatenations */
    check_expected_outputs("shufflenetv2_0.1_32_c3_o2_l16"); /* and slices */
}

/* The record beside the file with the weights, as long as it describes that file. */
static void trainings_are_recorded(void **state)
{
    char digest[HF_SHA256_HEX_SIZE], record_path[512], path[256], json[1024];
    hf_training_row training = {0};
    snprintf(path, sizeof path, "%s", fixture_path(state, "w.tflite"));
    snprintf(record_path, sizeof record_path, "%s.json", path);
    const hf_spec_variation variation = {.kind = HF_SPEC_FAMILY, .name = "net", .weights_path = path};
    hf_record_training(&variation, &training);
    assert_null(training.key); /* there are no weights */
    assert_int_equal(hf_file_write(path, "model", 5, NULL), HF_OK);
    hf_sha256_hex("model", 5, digest);
    snprintf(json, sizeof json,
             "{\"sha256\": \"%s\", \"key\": \"abc\", \"complete\": true, \"epochs\": 2, \"seconds\": 7.5,"
             " \"history\": [{\"epoch\": 1, \"loss\": 0.5, \"training_percent\": 60, \"seconds\": 3},"
             " {\"epoch\": 2, \"loss\": 0.25, \"training_percent\": 70, \"validation_percent\": 65,"
             " \"seconds\": 6}]}",
             digest);
    assert_int_equal(hf_file_write(record_path, json, strlen(json), NULL), HF_OK);
    hf_record_training(&variation, &training);
    assert_string_equal(training.key, "abc");
    assert_true(training.complete);
    assert_int_equal(training.epochs, 2);
    assert_float_equal(training.seconds, 7.5, 0);
    assert_int_equal(training.curve_count, 2);
    assert_float_equal(training.curve[0].loss, 0.5, 0);
    assert_true(training.curve[0].validation_percent < 0);
    assert_float_equal(training.curve[1].training_percent, 70, 0);
    assert_float_equal(training.curve[1].validation_percent, 65, 0);
    assert_float_equal(training.curve[1].seconds, 6, 0);
    hf_clear_training(&training);
    assert_int_equal(hf_file_write(path, "other", 5, NULL), HF_OK);
    hf_record_training(&variation, &training);
    assert_null(training.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operators_add_up_to_layers, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(trainings_are_recorded, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test(expected_outputs_equal_the_engines),
    };
    return cmocka_run_group_tests_name("farm_record", tests, NULL, NULL);
}
