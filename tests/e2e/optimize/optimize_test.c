/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm optimize` on a small data set and virtual boards. What trains is skipped where torch is missing. */
#include "hf_test.h"

#include <jansson.h>
#include <signal.h>

#include "base/file.h"
#include "training_fixture.h"

#define DEADLINE_MS 240000

static int set_up(void **state)
{
    (void)state;
    return training_fixture_open(64, 40);
}

static int tear_down(void **state)
{
    (void)state;
    return training_fixture_close();
}

/* @param ram the limit @param optimize keys of the section */
static void write_spec_within(const char *ram, const char *optimize)
{
    char text[2048];
    snprintf(
        text, sizeof text,
        "name: shapes\nconstraints: {ram: %s, rom: 250 KB, latency: 60 ms}\n"
        "models:\n"
        "  - {family: mobilenetv1, alpha: [0.1, 0.15], resolution: 32, channels: 3, classes: 4, l: [1, 2]}\n"
        "  - mobilenetv1_0.5_32_c3_o4\n"
        "train: {data: train-images-idx4-ubyte, test: test-images-idx4-ubyte, epochs: 6, batch: 8, "
        "validation: "
        "0.25}\n"
        "optimize: {%s}\n"
        "boards: {tags: [stm32l4r5zi]}\nmeasure: {warmup: 0, runs: 1, layers: false}\n",
        ram, optimize);
    assert_int_equal(hf_file_write(in_folder("o.yaml"), text, strlen(text), NULL), HF_OK);
}

static void write_spec(const char *optimize)
{
    write_spec_within("250 KB", optimize);
}

static void start(const char *const *words)
{
    const char *argv[16] = {fixture.hilfarm,       "optimize",  in_folder("o.yaml"), "--plain", "--db",
                            in_folder("store.db"), "--no-cache"};
    for (int i = 7; *words && i < 15; i++)
        argv[i] = *words++;
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, argv));
}

#define START(...) start((const char *const[]){__VA_ARGS__, NULL})

static void ends_with(int exit_status)
{
    const int got = process_wait_exit(&fixture.child, DEADLINE_MS);
    if (got != exit_status)
        fail_msg("exit status %d, expected %d:\n%s", got, exit_status, fixture.child.output);
}

static json_t *result_of(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s/optimize.json", fixture.folder, name);
    json_t *result = json_load_file(path, 0, NULL);
    assert_non_null(result);
    return result;
}

static void digest_of(const char *file, char digest[HF_SHA256_HEX_SIZE])
{
    uint64_t size = 0;
    assert_int_equal(hf_sha256_file(in_folder(file), digest, &size, NULL), HF_OK);
}

/* Every point is trained, scored, measured and equal to the reference; its files are those of the proof. */
static void check_points(const json_t *result)
{
    const json_t *points = json_object_get(result, "result");
    char digest[HF_SHA256_HEX_SIZE];
    assert_int_equal(json_array_size(points), 1);
    const json_t *p = json_array_get(points, 0);
    assert_true(json_is_true(json_object_get(p, "bit_exact")));
    assert_true(json_is_true(json_object_get(p, "complete")));
    assert_true(json_is_true(json_object_get(p, "modelled")));
    assert_int_equal(json_integer_value(json_object_get(p, "epochs")), 6);
    assert_true(json_number_value(json_object_get(p, "latency_ns")) > 0);
    assert_true(json_number_value(json_object_get(p, "latency_ns")) <= 60e6);
    const json_t *accuracy = json_object_get(p, "accuracy");
    const double low = json_number_value(json_object_get(accuracy, "low")),
                 percent = json_number_value(json_object_get(accuracy, "percent")),
                 high = json_number_value(json_object_get(accuracy, "high"));
    assert_true(low <= percent && percent <= high && low < high);
    digest_of("out/best.tflite", digest);
    assert_string_equal(digest, json_string_value(json_object_get(p, "tflite_sha256")));
    digest_of("out/best.img", digest);
    assert_string_equal(digest, json_string_value(json_object_get(p, "image_sha256")));
}

/* What must be the same after an interruption: all but times and keys of runs. */
static char *comparable(json_t *result)
{
    size_t i;
    json_t *p;
    json_object_del(result, "seconds");
    json_array_foreach(json_object_get(result, "result"), i, p)
    {
        json_object_del(p, "run");
        json_object_del(p, "board");
        json_object_del(p, "tflite");
    }
    char *text = json_dumps(result, JSON_SORT_KEYS);
    assert_non_null(text);
    return text;
}

/* From nothing to a proved variation; killed and stopped in the middle of each step, the same result. */
static void searched_and_resumed(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    write_spec("folder: out");
    START("--quiet");
    ends_with(0);
    json_t *whole = result_of("out");
    check_points(whole);
    assert_true(json_array_size(json_object_get(whole, "decisions")) >= 5);
    uint8_t *page = NULL;
    size_t page_bytes = 0;
    assert_int_equal(hf_file_read(in_folder("out/optimize.html"), 1 << 20, &page, &page_bytes, NULL), HF_OK);
    assert_non_null(strstr((const char *)page, "<h2>Decisions</h2>"));
    assert_non_null(strstr((const char *)page, "ROM: model and firmware take"));
    assert_null(strstr((const char *)page, "<script"));
    free(page);

    const char *const export[] = {fixture.hilfarm,       "export", "json", "latest", "--db",
                                  in_folder("store.db"), NULL};
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, export));
    ends_with(0);
    assert_says("# hilfarm optimize, decision: analyse | mobilenetv1_0.5_32_c3_o4 | dropped | ROM: model and "
                "firmware");
    assert_says("# hilfarm optimize, decision: finish | ");

    START("--quiet");
    ends_with(0);
    START("--dry-run");
    ends_with(0);
    assert_says("nothing is left to do");

    /* A damaged model is trained again, with the same result. */
    char damaged[HF_SHA256_HEX_SIZE], path[128];
    digest_of("out/best.tflite", damaged);
    snprintf(path, sizeof path, "out/models/%s.tflite",
             json_string_value(json_object_get(json_array_get(json_object_get(whole, "result"), 0), "name")));
    assert_int_equal(hf_file_write(in_folder(path), "damaged", 7, NULL), HF_OK);
    START(NULL);
    ends_with(0);
    assert_says("is not the file that was trained: it is trained again");
    check_points(whole);
    char again_trained[HF_SHA256_HEX_SIZE];
    digest_of(path, again_trained);
    assert_string_equal(again_trained, damaged);

    write_spec("folder: again");
    START("--dry-run");
    ends_with(0);
    assert_says("search space: 5 variations, 4 can meet the limits by analysis");
    assert_says("dry run: no board was used, nothing was trained");
    assert_int_equal(access(in_folder("again"), F_OK), -1);
    START("--jobs", "2");
    assert_true(process_wait_output(&fixture.child, "== measuring 4 variations", DEADLINE_MS));
    assert_int_equal(kill(fixture.child.pid, SIGKILL), 0);
    (void)process_wait_exit(&fixture.child, DEADLINE_MS);
    START("--jobs", "2");
    assert_true(process_wait_output(&fixture.child, "== training", DEADLINE_MS));
    assert_int_equal(kill(fixture.child.pid, SIGINT), 0);
    ends_with(4);
    START("--jobs", "2");
    assert_true(process_wait_output(&fixture.child, "epoch 2 of 6", DEADLINE_MS));
    assert_int_equal(kill(fixture.child.pid, SIGKILL), 0);
    (void)process_wait_exit(&fixture.child, DEADLINE_MS);
    START("--jobs", "1");
    assert_true(process_wait_output(&fixture.child, "to the end, epoch 6", DEADLINE_MS));
    assert_int_equal(kill(fixture.child.pid, SIGINT), 0);
    ends_with(4);
    assert_says("the same command goes on where it was");
    assert_null(strstr(fixture.child.output, "== measuring 4"));
    START("--jobs", "2");
    ends_with(0);
    json_t *again = result_of("again");
    char *one = comparable(whole), *other = comparable(again);
    assert_string_equal(one, other);
    free(one);
    free(other);
    json_decref(whole);
    json_decref(again);

    /* Other rungs use the same trainings; with another memory limit it is another search. */
    write_spec("folder: again, first_rung: 4");
    START("--dry-run");
    ends_with(0);
    write_spec_within("240 KB", "folder: again");
    START("--dry-run");
    ends_with(2);
    assert_says("belongs to a search with other trainings");
}

/* The time is over before the first step: nothing is trained, and that is said. */
static void out_of_time(void **state)
{
    (void)state;
    if (!has_trainer())
        skip();
    write_spec("folder: short, budget: 1 s");
    START(NULL);
    const int exit_status = process_wait_exit(&fixture.child, DEADLINE_MS);
    if (exit_status != 0 && exit_status != 1) /* whether an epoch ended in time */
        fail_msg("exit status %d:\n%s", exit_status, fixture.child.output);
    assert_says("the time is over");
}

/* Without a trainer, what boards measured is kept. */
static void without_trainer(void **state)
{
    (void)state;
    write_spec("folder: none");
    START("--trainer", "/nowhere/hilfarm-train");
    ends_with(2);
    assert_says("hilfarm-train is not there");
    START("--dry-run");
    ends_with(0);
    assert_says("4 done");
    static const char no_section[] = "models: [mobilenetv1_0.1_32_c3_o4]\n";
    assert_int_equal(hf_file_write(in_folder("o.yaml"), no_section, strlen(no_section), NULL), HF_OK);
    START(NULL);
    ends_with(2);
    assert_says("has no \"optimize\" section");
}

/* The stack is known by measuring only: a variation that fits by analysis can still miss the limit. */
static void measured_limits_count(void **state)
{
    (void)state;
    write_spec_within("7 KB", "folder: tight");
    START("--trainer", "/nowhere/hilfarm-train");
    ends_with(1);
    assert_says("mobilenetv1_0.1_32_c3_o4_l1 is out: RAM: it misses the limit of 7.0 KB");
    assert_says("no candidate that was measured meets the limits");
}

/* What would stop a search after all measurements is found before the first. */
static void unfit_data(void **state)
{
    (void)state;
    static const char text[] =
        "models:\n  - {family: mobilenetv1, alpha: [0.1, 0.15], resolution: 32, channels: 3, classes: 5}\n"
        "train: {data: train-images-idx4-ubyte, epochs: 6, from: missing.tflite}\n"
        "optimize: {}\nboards: {tags: [stm32l4r5zi]}\n";
    assert_int_equal(hf_file_write(in_folder("o.yaml"), text, strlen(text), NULL), HF_OK);
    START(NULL);
    ends_with(2);
    assert_says("o.yaml:2:5: train: data: ");
    assert_says(": mobilenetv1_0.1_32_c3_o5 has 5 outputs, but the data set has ");
    assert_says("o.yaml:3:1: train: from: cannot read ");
    assert_says("2 mistakes, nothing was searched");
    assert_int_equal(access(in_folder("optimized"), F_OK), -1);
    const char *const validate[] = {fixture.hilfarm, "validate", in_folder("o.yaml"), NULL};
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, validate));
    ends_with(2);
    assert_says("has 5 outputs, but the data set ");
}

/* Two searches in one folder would write into one journal. */
static void one_search_in_a_folder(void **state)
{
    (void)state;
    assert_int_equal(hf_make_dirs(in_folder("below"), NULL), HF_OK);
    write_spec("folder: below/../shared");
    START(NULL);
    assert_true(process_wait_output(&fixture.child, "== measuring", DEADLINE_MS));
    static process first;
    first = fixture.child;
    START(NULL);
    ends_with(3);
    assert_says("shared/journal: another hilfarm optimize uses this folder");
    assert_null(strstr(fixture.child.output, "below")); /* the path is given without detours */
    process_stop(&first, DEADLINE_MS);
}

/* The table of the paper, in its order: every row is on the path, with its reason. Then more is allowed by our own sizes. */
static void path_of_the_paper(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "mobilenetv1_0.25_96_c3_o2: width multiplier 0.25: ROM fails",
        "mobilenetv1_0.25_96_c3_o2_l3: ROM fails: ",
        "mobilenetv1_0.3_96_c3_o2_l5ll32pl256: raise the width multiplier",
        "mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3: ROM fails: ",
        "mobilenetv1_0.8_96_c3_o2_l5ll32pl64b0.3: beyond the paper",
        "mobilenetv3smallNSQ_0.3_96_c3_o2_l32pl128: ROM fails: ",
        "shufflenetv1_0.25_96_c3_o2_g1: width multiplier 0.25: all limits are met",
        "mobilenetv2_0.25_96_c3_o2_t5l256: ROM fails: ",
        "shufflenetv2_0.1_96_c3_o2_l128: ROM fails: "};
    const char *const argv[] = {
        fixture.hilfarm,       "optimize", "configs/optimize_paper.yaml", "--dry-run", "--db",
        in_folder("store.db"), NULL};
    fixture.child = (process){0};
    assert_true(process_start(&fixture.child, argv));
    ends_with(0);
    const char *at = fixture.child.output;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = strstr(at, rows[i]);
        if (!found) {
            fail_msg("expected '%s' after '%.60s' in:\n%s", rows[i], at, fixture.child.output);
            return;
        }
        at = found;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(searched_and_resumed),   TEST(out_of_time), TEST(without_trainer),  TEST(measured_limits_count),
        TEST(one_search_in_a_folder), TEST(unfit_data),  TEST(path_of_the_paper)};
    return cmocka_run_group_tests_name("optimize_command", tests, NULL, NULL);
}
