/* SPDX-License-Identifier: Apache-2.0 */
/* Reads damaged copies of files that hf_tflite_write() made, with every operator. */
#include "hf_test.h"

#include "../engine/random_graph.h"
#include "../engine/random_stateful.h"
#include "graph/analysis.h"
#include "round_trip.h"
#include "tflite/tflite.h"

/* Reads from an allocation of exact size, so that a sanitizer reports any access outside.
 * @return whether the file was accepted */
static bool read_exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    hf_status status = hf_tflite_read("mutant", copy, size, &graph, &err);
    free(copy);
    if (status) {
        assert_null(graph);
        assert_int_equal(err.status, status);
        assert_true(err.message[0] != '\0');
        return false;
    }
    hf_analysis analysis;
    assert_int_equal(hf_analyze(graph, &analysis, NULL), HF_OK);
    hf_analysis_free(&analysis);
    hf_graph_free(graph);
    return true;
}

static void mutate(random_source *r, uint8_t *bytes, size_t size)
{
    static const uint8_t extremes[] = {0x00, 0xff, 0x7f, 0x80, 0x01};
    for (int32_t count = random_between(r, 1, 6); count > 0; count--) {
        const size_t at = random_next(r) % size;
        switch (random_between(r, 0, 3)) {
        case 0:
            bytes[at] = (uint8_t)random_next(r);
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << random_between(r, 0, 7));
            break;
        case 2: /* a copied word: often an offset, an index or a vtable */
            if (at + 4 <= size)
                memmove(bytes + at, bytes + random_next(r) % (size - 3), 4);
            break;
        default:
            bytes[at] = extremes[random_next(r) % sizeof extremes];
        }
    }
}

/* A file with one operator, so small that most of it is structure, not weights. */
static uint8_t *small_file(random_source *r, hf_op op, size_t *size)
{
    for (int tries = 0; tries < 1000; tries++) {
        hf_graph *graph = random_model(r, op);
        uint8_t *bytes = NULL;
        if (hf_tflite_write(graph, &bytes, size, NULL) == HF_OK && *size > 6000) {
            free(bytes);
            bytes = NULL;
        }
        hf_graph_free(graph);
        if (bytes)
            return bytes;
    }
    fail_msg("no small graph of operator %d", op);
    return NULL;
}

static void tflite_mutate_every_operator(void **state)
{
    (void)state;
    random_source r = {31};
    for (int op = 0; op <= HF_OP_COUNT; op++) {
        size_t size;
        uint8_t *original = small_file(&r, (hf_op)op, &size);
        uint8_t *bytes = malloc(size);
        assert_non_null(bytes);
        assert_true(read_exact(original, size));
        int accepted = 0;
        for (int round = 0; round < 1500; round++) {
            memcpy(bytes, original, size);
            mutate(&r, bytes, size);
            accepted += read_exact(bytes, size);
        }
        assert_in_range(accepted, 1, 1499);
        for (size_t cut = 0; cut < size; cut += 7)
            read_exact(original, cut);
        free(bytes);
        free(original);
    }
}

static void tflite_mutate_networks(void **state)
{
    (void)state;
    random_source r = {32};
    for (int network = 0; network < 40; network++) {
        hf_graph *graph = random_network(&r, random_between(&r, 3, 8));
        uint8_t *bytes = NULL;
        size_t size;
        if (hf_tflite_write(graph, &bytes, &size, NULL) == HF_OK)
            for (int round = 0; round < 100; round++) {
                mutate(&r, bytes, size); /* damage accumulates */
                read_exact(bytes, size);
            }
        free(bytes);
        hf_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tflite_mutate_every_operator),
        cmocka_unit_test(tflite_mutate_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
