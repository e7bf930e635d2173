/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "checksum/crc.h"
#include "farm/prepare.h"
#include "fixture.h"
#include "prepare_entry.h"
#include "tflite/tflite.h"

#define MODEL "mobilenetv1_0.1_32_c3_o2_l1ll16pl16"

typedef struct fixture {
    void *folder; /* of the store's fixture */
    hf_prepare_cache *cache;
    hf_prepare_request request;
} fixture;

static void open_cache(fixture *f)
{
    hf_error err = {0};
    assert_ok(hf_prepare_cache_open(fixture_path(&f->folder, "cache"), 0, &f->cache, &err), &err);
    f->request.cache = f->cache;
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    hf_error err = {0};
    assert_non_null(f);
    assert_int_equal(fixture_folder_make(&f->folder), 0);
    f->request = (hf_prepare_request){.input_seed = 1};
    assert_ok(hf_source_parse(MODEL, &f->request.source, &err), &err);
    open_cache(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    hf_prepare_cache_close(f->cache);
    assert_int_equal(fixture_folder_remove(&f->folder), 0);
    free(f);
    return 0;
}

static hf_prepared prepare(const hf_prepare_request *request)
{
    hf_prepared made;
    hf_error err = {0};
    assert_ok(hf_prepare(request, &made, &err), &err);
    return made;
}

static void assert_same(const hf_prepared *a, const hf_prepared *b)
{
    assert_int_equal(a->pruned, b->pruned);
    assert_int_equal(a->arena_bytes, b->arena_bytes);
    assert_int_equal(a->image_bytes, b->image_bytes);
    assert_int_equal(a->image_bytes_min, b->image_bytes_min);
    assert_int_equal(a->image.size, b->image.size);
    assert_int_equal(!a->image.bytes, !b->image.bytes);
    if (a->image.bytes)
        assert_memory_equal(a->image.bytes, b->image.bytes, a->image.size);
    assert_int_equal(a->image.crc32, b->image.crc32);
    assert_int_equal(a->image.arena_bytes, b->image.arena_bytes);
    assert_int_equal(a->image.input_bytes, b->image.input_bytes);
    assert_int_equal(a->image.output_bytes, b->image.output_bytes);
    assert_int_equal(a->image.op_count, b->image.op_count);
    for (uint32_t i = 0; i < a->image.op_count; i++)
        assert_memory_equal(&a->image.ops[i], &b->image.ops[i], sizeof a->image.ops[i]);
    assert_string_equal(a->image_sha256, b->image_sha256);
    assert_int_equal(a->input_bytes, b->input_bytes);
    assert_int_equal(a->input_from_seed, b->input_from_seed);
    assert_int_equal(a->input_crc32, b->input_crc32);
    if (a->input_bytes)
        assert_memory_equal(a->input, b->input, a->input_bytes);
    assert_int_equal(a->output_crc32, b->output_crc32);
    assert_int_equal(a->further_count, b->further_count);
    for (uint32_t i = 0; i < a->further_count; i++) {
        assert_int_equal(a->further[i].input_seed, b->further[i].input_seed);
        assert_int_equal(a->further[i].input_crc32, b->further[i].input_crc32);
        assert_int_equal(a->further[i].output_crc32, b->further[i].output_crc32);
    }
    if (a->image.bytes) {
        const hf_quant *x = &a->graph->tensors[a->graph->output].quant;
        const hf_quant *y = &b->graph->tensors[b->graph->output].quant;
        assert_true(x->scale == y->scale && x->zero_point == y->zero_point && x->scale > 0);
    }
    assert_int_equal(!a->layer_crc32, !b->layer_crc32);
    if (a->layer_crc32)
        assert_memory_equal(a->layer_crc32, b->layer_crc32, a->image.op_count * sizeof *a->layer_crc32);
    assert_int_equal(a->has_accuracy, b->has_accuracy);
    assert_true(a->accuracy_percent == b->accuracy_percent);
    assert_true(a->accuracy_low_percent == b->accuracy_low_percent);
    assert_true(a->accuracy_high_percent == b->accuracy_high_percent);
    if (a->has_accuracy)
        assert_string_equal(a->accuracy_of, b->accuracy_of);
    assert_int_equal(a->analysis.macs, b->analysis.macs);
    assert_int_equal(a->analysis.params, b->analysis.params);
    assert_int_equal(a->analysis.layer_count, b->analysis.layer_count);
    assert_memory_equal(a->analysis.layers, b->analysis.layers,
                        (size_t)a->analysis.layer_count * sizeof *a->analysis.layers);
}

/* Prepares twice with the cache and once without: all the same, and the second one is found. */
static void check_twice(const hf_prepare_request *request)
{
    hf_prepare_request plain = *request;
    plain.cache = NULL;
    hf_prepared without = prepare(&plain), first = prepare(request), second = prepare(request);
    assert_false(without.from_cache);
    assert_false(first.from_cache);
    assert_true(second.from_cache);
    assert_same(&first, &without);
    assert_same(&second, &without);
    hf_prepared_free(&without);
    hf_prepared_free(&first);
    hf_prepared_free(&second);
}

static bool is_found(const hf_prepare_request *request)
{
    const bool cached = hf_prepare_is_cached(request);
    hf_prepared made = prepare(request);
    const bool found = made.from_cache;
    assert_true(cached || !found);
    hf_prepared_free(&made);
    return found;
}

static void a_second_run_prepares_nothing(void **state)
{
    fixture *f = *state;
    check_twice(&f->request);
    hf_prepare_cache_counts counts = hf_prepare_cache_count(f->cache);
    assert_int_equal(counts.hits, 1);
    assert_int_equal(counts.misses, 1);
    assert_int_equal(counts.unwritten, 0);
    hf_prepare_cache_close(f->cache); /* and neither does another process */
    open_cache(f);
    assert_true(is_found(&f->request));
    assert_int_equal(hf_prepare_cache_count(f->cache).misses, 0);
    assert_int_equal(hf_prepare_cache_count(NULL).hits, 0);
    char digest[65], plain_digest[65];
    hf_prepare_request plain = f->request;
    plain.cache = NULL;
    assert_int_equal(hf_prepare_digest(&f->request, digest, NULL), HF_OK);
    assert_int_equal(hf_prepare_digest(&plain, plain_digest, NULL), HF_OK);
    assert_string_equal(digest, plain_digest);
}

/* Everything that the result depends on is part of the key. */
static void what_matters_is_in_the_key(void **state)
{
    fixture *f = *state;
    assert_false(is_found(&f->request));
    hf_prepare_request other = f->request;
    other.input_seed = 2;
    assert_false(is_found(&other));
    other = f->request;
    other.source.weights_seed++;
    assert_false(is_found(&other));
    other = f->request;
    other.objective = HF_OBJECTIVE_RAM;
    assert_false(is_found(&other));
    other = f->request;
    other.limits.ram_bytes = 100000; /* limits the arena */
    assert_false(is_found(&other));
    other = f->request;
    assert_int_equal(hf_source_parse("mobilenetv1_0.1_32_c3_o2_l1ll16pl32", &other.source, NULL), HF_OK);
    assert_false(is_found(&other));
    assert_int_equal(hf_source_parse("mobilenetv1_0.1_32_c3_o2_l1ll16pl16.GAP", &other.source, NULL), HF_OK);
    assert_false(is_found(&other));
    other = f->request; /* these do not change the image */
    other.limits.macs = 1000000000;
    other.limits.rom_bytes = 1000000000;
    assert_true(is_found(&other));
    assert_true(is_found(&f->request));
}

static void limits_are_applied_anew(void **state)
{
    fixture *f = *state;
    /* Its image is larger than its lower bound. */
    assert_int_equal(hf_source_parse("shufflenetv1_0.25_32_c3_o2_g3", &f->request.source, NULL), HF_OK);
    hf_prepare_request tight = f->request, plain;
    tight.limits.rom_bytes = 1000; /* below the forecast: no image */
    check_twice(&tight);
    assert_true(hf_prepare_is_cached(&tight));
    hf_prepared made = prepare(&tight);
    assert_true(made.pruned && !made.image.bytes);
    hf_prepared_free(&made);
    assert_false(is_found(&f->request)); /* the entry has no image */
    made = prepare(&f->request);
    assert_true(made.from_cache && !made.pruned && made.image.bytes && made.layer_crc32);
    const uint64_t least = made.image_bytes_min, size = made.image_bytes;
    hf_prepared_free(&made);
    assert_true(least < size - 1);
    const uint64_t limits[] = {least - 1, least, size - 1, size};
    for (size_t i = 0; i < 4; i++) {
        tight.limits.rom_bytes = (int64_t)limits[i];
        plain = tight;
        plain.cache = NULL;
        hf_prepared found = prepare(&tight), anew = prepare(&plain);
        assert_true(found.from_cache);
        assert_same(&found, &anew);
        assert_int_equal(found.pruned, i < 3);
        assert_int_equal(found.image.bytes != NULL, i > 0);
        hf_prepared_free(&found);
        hf_prepared_free(&anew);
    }
}

/* Every inference counts: another seed, or one more, is another entry. */
static void several_inputs_are_kept(void **state)
{
    const fixture *f = *state;
    const uint32_t seeds[] = {4, 5, 6};
    hf_prepare_request request = f->request;
    request.seeds = seeds;
    request.seed_count = 3;
    check_twice(&request);
    hf_prepared made = prepare(&request);
    assert_int_equal(made.further_count, 2);
    assert_int_not_equal(made.further[0].output_crc32, 0);
    assert_int_not_equal(made.further[0].input_crc32, made.further[1].input_crc32);
    hf_prepared_free(&made);
    request.seed_count = 2;
    assert_false(is_found(&request));
    request.seeds = seeds + 1;
    assert_false(is_found(&request));
    request.seeds = seeds;
    assert_true(is_found(&request));
}

static void write_text(const char *path, const void *bytes, size_t size)
{
    hf_error err = {0};
    assert_ok(hf_file_write(path, bytes, size, &err), &err);
}

static void files_count_by_content(void **state)
{
    fixture *f = *state;
    char path[256];
    uint8_t input[32 * 32 * 3] = {1};
    snprintf(path, sizeof path, "%s", fixture_path(&f->folder, "input.bin"));
    write_text(path, input, sizeof input);
    hf_prepare_request request = f->request;
    request.inputs = &(const hf_spec_input){.paths = (const char *const[]){path}, .path_count = 1};
    request.input_count = 1;
    check_twice(&request);
    input[7] = 9;
    write_text(path, input, sizeof input);
    assert_false(is_found(&request));
    input[7] = 0;
    write_text(path, input, sizeof input);
    assert_true(is_found(&request));
    char elsewhere[256];
    snprintf(elsewhere, sizeof elsewhere, "%s", fixture_path(&f->folder, "other.bin"));
    write_text(elsewhere, input, sizeof input);
    request.inputs = &(const hf_spec_input){.paths = (const char *const[]){elsewhere}, .path_count = 1};
    assert_true(is_found(&request));
    assert_int_equal(unlink(elsewhere), 0); /* a missing file fails as without a cache */
    hf_prepared made;
    hf_error err = {0};
    assert_int_not_equal(hf_prepare(&request, &made, &err), HF_OK);
    assert_non_null(strstr(err.message, "other.bin"));
    assert_false(hf_prepare_is_cached(&request));
    hf_prepared_free(&made);
}

/* Writes the fixture's model as a file. */
static void write_model(fixture *f, const char *name, const char *path)
{
    hf_source source;
    hf_graph *graph = NULL;
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    (void)f;
    assert_ok(hf_source_parse(name, &source, &err), &err);
    assert_ok(hf_source_load(&source, &graph, &err), &err);
    assert_ok(hf_tflite_write(graph, &bytes, &size, &err), &err);
    write_text(path, bytes, size);
    free(bytes);
    hf_graph_free(graph);
}

static void models_count_by_content(void **state)
{
    fixture *f = *state;
    char path[256];
    snprintf(path, sizeof path, "%s", fixture_path(&f->folder, "model.tflite"));
    write_model(f, MODEL, path);
    hf_prepare_request request = f->request;
    assert_int_equal(hf_source_parse(path, &request.source, NULL), HF_OK);
    check_twice(&request);
    write_model(f, "mobilenetv1_0.2_32_c3_o2_l1ll16pl16", path);
    assert_false(is_found(&request));
    write_model(f, MODEL, path);
    assert_true(is_found(&request));
}

/* A data set of two classes of tensors. */
static void write_data(fixture *f, uint8_t value)
{
    char folder[256], path[512];
    uint8_t tensor[32 * 32 * 3];
    snprintf(folder, sizeof folder, "%s", fixture_path(&f->folder, "data"));
    assert_int_equal(hf_make_dirs(folder, NULL), HF_OK);
    for (int i = 0; i < 4; i++) {
        memset(tensor, value + 60 * i, sizeof tensor);
        snprintf(path, sizeof path, "%s/%d.bin", folder, i);
        write_text(path, tensor, sizeof tensor);
    }
    static const char labels[] = "0.bin, 2, 0\n1.bin, 2, 1\n2.bin, 2, 0\n3.bin, 2, 1\n";
    snprintf(path, sizeof path, "%s/y_labels.csv", folder);
    write_text(path, labels, sizeof labels - 1);
}

static void data_sets_count_by_content(void **state)
{
    fixture *f = *state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", fixture_path(&f->folder, "data"));
    write_data(f, 1);
    hf_prepare_request request = f->request;
    request.data_path = folder;
    check_twice(&request);
    hf_prepared made = prepare(&request);
    assert_true(made.from_cache && made.has_accuracy);
    hf_prepared_free(&made);
    write_data(f, 2);
    assert_false(is_found(&request));
    write_data(f, 1);
    assert_true(is_found(&request));
    assert_false(is_found(&f->request)); /* without the data set */
}

/* Every entry is damaged: they are made again. */
static void damaged_entries_are_made_again(void **state)
{
    fixture *f = *state;
    char command[512];
    assert_false(is_found(&f->request));
    snprintf(command, sizeof command, "for file in %s/*; do printf x >>$file; done",
             fixture_path(&f->folder, "cache"));
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a fixed command */
    hf_prepared made = prepare(&f->request);
    assert_false(made.from_cache);
    hf_prepared_free(&made);
    assert_true(is_found(&f->request));
}

static void failures_are_not_kept(void **state)
{
    fixture *f = *state;
    hf_prepare_request request = f->request;
    request.inputs =
        &(const hf_spec_input){.paths = (const char *const[]){"/nonexistent/input.bin"}, .path_count = 1};
    request.input_count = 1;
    for (int i = 0; i < 2; i++) {
        hf_prepared made;
        hf_error err = {0};
        assert_int_not_equal(hf_prepare(&request, &made, &err), HF_OK);
        assert_int_equal(err.fault, HF_FAULT_JOB);
        hf_prepared_free(&made);
    }
    assert_int_equal(hf_prepare_cache_count(f->cache).hits, 0);
}

/* Entries cut off anywhere, and with any byte changed: rejected, or read without leaving the buffer. */
static void any_bytes_can_be_decoded(void **state)
{
    fixture *f = *state;
    hf_prepared made = prepare(&f->request);
    made.has_accuracy = true;
    made.accuracy_of = "AUC";
    made.accuracy_percent = 81.5;
    hf_buffer entry = HF_BUFFER_INIT;
    hf_prepare_entry_encode(&made, &entry);
    assert_false(entry.failed);
    hf_prepared read = {.graph = made.graph};
    assert_true(hf_prepare_entry_decode((const uint8_t *)entry.data, entry.size, &read));
    assert_string_equal(read.accuracy_of, "AUC");
    assert_true(read.accuracy_percent == 81.5);
    read.graph = NULL;
    hf_prepared_free(&read);
    uint32_t random = 1, accepted = 0;
    for (int i = 0; i < 6000; i++) {
        const size_t size = i % 3 == 0 ? (size_t)i / 3 % entry.size : entry.size;
        uint8_t *copy = malloc(size + 1); /* of this size, for the sanitizer */
        assert_non_null(copy);
        memcpy(copy, entry.data, size);
        for (int k = 0; k < i % 3; k++) { /* at the beginning and at the end, where the numbers are */
            random = random * 1664525U + 1013904223U;
            const size_t at = (random >> 8) % 1200 < size ? (random >> 8) % 1200 : 0;
            if (size)
                copy[random & 1 ? at : size - 1 - at] = (uint8_t)(random >> 24);
        }
        hf_prepared damaged = {.graph = made.graph};
        if (hf_prepare_entry_decode(copy, size, &damaged)) {
            accepted++;
            for (uint32_t k = 0; k < damaged.image.op_count; k++)
                assert_in_range(damaged.image.ops[k].node, 0, made.graph->node_count - 1);
        }
        damaged.graph = NULL;
        hf_prepared_free(&damaged);
        free(copy);
    }
    printf("%u of 6000 damaged entries can be read\n", accepted);
    hf_buffer_free(&entry);
    hf_prepared_free(&made);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_second_run_prepares_nothing), CASE(what_matters_is_in_the_key),
        CASE(limits_are_applied_anew),       CASE(several_inputs_are_kept),
        CASE(files_count_by_content),        CASE(models_count_by_content),
        CASE(data_sets_count_by_content),    CASE(damaged_entries_are_made_again),
        CASE(failures_are_not_kept),         CASE(any_bytes_can_be_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
