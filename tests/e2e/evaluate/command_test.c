/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm evaluate` from the command line: data sets on disk, and a virtual board behind
 * the stock OpenOCD. */
#include "hf_test.h"

#include <jansson.h>
#include <sys/wait.h>

#include "base/file.h"
#include "evaluate/verify_on_board.h"
#include "graph/graph.h"
#include "process.h"
#include "sample.h"
#include "tflite/tflite.h"
#include "worker/local_board.h"

#define DEADLINE_MS 120000

static char folder[64], data[96], model[96];
static process child;

static int set_up(void **state)
{
    (void)state;
    sample_folder(folder);
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(model, sizeof model, "%s/bright.tflite", folder);
    char name[32];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "a_dark/%d.pgm", i);
        sample_write_gray(data, name, (uint8_t)(i * 25));
        snprintf(name, sizeof name, "b_bright/%d.pgm", i);
        sample_write_gray(data, name, (uint8_t)(255 - i * 25));
    }
    hf_graph *graph = sample_bright_model();
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(hf_tflite_write(graph, &bytes, &size, NULL), HF_OK);
    sample_write(folder, "bright.tflite", bytes, size);
    free(bytes);
    hf_graph_free(graph);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    process_stop(&child, 5000);
    return hf_remove_tree(folder, NULL);
}

/* @param words terminated by NULL @return exit status; the output is in child.output */
static int evaluate(const char *const *words)
{
    static char program[512];
    const char *argv[16] = {program, "evaluate"};
    snprintf(program, sizeof program, "%s/hilfarm", getenv("HILFARM_BIN_DIR"));
    for (int i = 2; *words && i < 15; i++)
        argv[i] = *words++;
    child = (process){0};
    assert_true(process_start(&child, argv));
    return process_wait_exit(&child, DEADLINE_MS);
}

#define EVALUATE(...) evaluate((const char *const[]){__VA_ARGS__, NULL})

static void assert_says(const char *text)
{
    if (!strstr(child.output, text))
        fail_msg("expected '%s' in:\n%s", text, child.output);
}

static void text_output(void **state)
{
    (void)state;
    assert_int_equal(EVALUATE(model, "--data", data), 0);
    assert_says("bright on ");
    assert_says("10 of 10 samples, 2 classes");
    assert_says("top-1        100.00 %");
    assert_says("AUC          1.0000   (no confidence interval");
    assert_int_equal(EVALUATE("mobilenetv1_0.25_32_c3_o2", "--data", data, "--limit", "4"), 0);
    assert_says("4 of 10 samples");
    assert_says("the accuracy is meaningless");
}

static void mistakes_exit_with_2(void **state)
{
    (void)state;
    assert_int_equal(EVALUATE(model), 2);
    assert_says("--data is missing");
    assert_int_equal(EVALUATE(model, "--data", "/nowhere"), 2);
    assert_says("/nowhere: No such file");
    assert_int_equal(EVALUATE("no_such_model", "--data", data), 2);
    assert_int_equal(EVALUATE(model, "--data", data, "--limit", "0"), 2);
    assert_says("--limit '0': expected a number from 1");
    assert_int_equal(EVALUATE(model, "--data", data, "--pixels", "1..2"), 2);
    assert_int_equal(EVALUATE(model, "--data", data, "--on-board", "1", "--board", "no-such"), 2);
    assert_says("no board of the default farm has the tag 'no-such', expected one of: stm32l4r5zi");
    assert_int_equal(EVALUATE("mobilenetv1_0.25_32_c3_o5", "--data", data), 2);
    assert_says("has 5 outputs, but the data set has 2 classes");
    sample_write_text(data, "a_dark/broken.png", "not an image");
    assert_int_equal(EVALUATE(model, "--data", data), 2); /* scored, but not every sample */
    assert_says("broken.png: not an image");
    assert_says("10 of 11 samples");
    assert_says("1 sample could not be read and is excluded");
}

static void board_outputs_match(void **state)
{
    (void)state;
    char out[96];
    snprintf(out, sizeof out, "%s/out.json", folder);
    assert_int_equal(EVALUATE(model, "--data", data, "--on-board", "4", "--json", "-o", out), 0);
    json_t *root = json_load_file(out, 0, NULL);
    assert_non_null(root);
    json_t *board = json_object_get(root, "on_board");
    assert_int_equal(json_integer_value(json_object_get(board, "asked")), 4);
    assert_int_equal(json_integer_value(json_object_get(board, "equal")), 4);
    assert_true(json_is_true(json_object_get(board, "modelled")));
    assert_true(json_integer_value(json_object_get(board, "latency_mean_ns")) > 1000);
    json_decref(root);
}

static void board_cannot_start(void **state)
{
    (void)state;
    assert_int_equal(EVALUATE(model, "--data", data, "--on-board", "1", "--openocd", "/nowhere/openocd"), 3);
    assert_says("openocd");
}

/* Flash a different image, with a valid checksum, than the one the host evaluates: the
 * outputs must differ. */
static void different_board_output_is_detected(void **state)
{
    (void)state;
    hf_evaluated_model ours = {0}, theirs = {0};
    hf_dataset dataset = {0};
    hf_error err = {0};
    hf_graph *other = sample_bright_model();
    other->nodes[1].bias[1] += 2000;
    assert_int_equal(hf_evaluated_model_from_graph("ours", sample_bright_model(), &ours, &err), HF_OK);
    assert_int_equal(hf_evaluated_model_from_graph("theirs", other, &theirs, &err), HF_OK);
    assert_int_equal(hf_dataset_open(data, &dataset, &err), HF_OK);
    const hf_image mine = ours.image;
    ours.image = theirs.image; /* flash the other image; engine and reference stay ours */
    static char vboard[512];
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", getenv("HILFARM_BIN_DIR"));
    const hf_board_config config = {.id = "bench", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600};
    const hf_board_options options = {.vboard_path = vboard,
                                      .firmware_dir = getenv("HILFARM_FIRMWARE_DIR"),
                                      .work_dir = folder,
                                      .cpu = -1,
                                      .cancel_fd = -1};
    hf_worker_backend backend;
    assert_int_equal(hf_local_board_new(&config, &options, &backend, &err), HF_OK);
    const uint32_t samples[] = {0, 9};
    const hf_on_board_request request = {.model = &ours,
                                         .dataset = &dataset,
                                         .reading = {.pixels = {.factor = {1.0 / 255, 1.0 / 255, 1.0 / 255}}},
                                         .samples = samples,
                                         .sample_count = 2,
                                         .wanted = 5,
                                         .board = config.id,
                                         .chip = config.chip,
                                         .modelled = true,
                                         .backend = &backend,
                                         .patience = {.cancel_fd = -1}};
    hf_on_board_result result = {0};
    hf_status status = hf_on_board(&request, &result, &err);
    backend.free(backend.board);
    if (status != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(result.asked, 2);
    assert_int_equal(result.equal, 0);
    assert_int_equal(result.different, 2);
    if (!strstr(result.message, "a_dark/0.pgm: ") ||
        !strstr(result.message, "the output differs from the reference"))
        fail_msg("%s", result.message);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    ours.image = mine;
    hf_evaluated_model_free(&ours);
    hf_evaluated_model_free(&theirs);
    hf_dataset_free(&dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_output),
        TEST(mistakes_exit_with_2),
        TEST(board_outputs_match),
        TEST(board_cannot_start),
        TEST(different_board_output_is_detected),
    };
    return cmocka_run_group_tests_name("evaluate_command", tests, NULL, NULL);
}
