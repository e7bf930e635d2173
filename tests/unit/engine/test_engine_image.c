/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "checksum/crc.h"
#include "engine/format.h"
#include "engine_case.h"
#include "proto/frame.h"
#include "random_graph.h"

/* Images: the engine reads what the compiler writes, and survives any other bytes. */

typedef struct fixture {
    hf_graph *graph;
    engine_case c;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    random_source r = {5};
    f->graph = random_network(&r, 10);
    engine_case_open(&f->c, f->graph);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    engine_case_close(&f->c);
    hf_graph_free(f->graph);
    free(f);
    return 0;
}

static void sign(uint8_t *bytes, size_t size)
{
    hf_image_header *h = (hf_image_header *)(void *)bytes;
    if (size >= sizeof *h && h->total_bytes >= sizeof *h && h->total_bytes <= size)
        h->crc32 = hf_crc32(0, bytes + HF_IMAGE_CRC_START, h->total_bytes - HF_IMAGE_CRC_START);
}

/* Opens a copy of the fixture's image of exactly its size, so that a sanitiser detects a read past its end. */
static hf_engine_status open_changed(const fixture *f, void (*change)(uint8_t *bytes), bool resign)
{
    uint8_t *bytes = malloc(f->c.image.size);
    assert_non_null(bytes);
    memcpy(bytes, f->c.image.bytes, f->c.image.size);
    change(bytes);
    if (resign)
        sign(bytes, f->c.image.size);
    hf_model model;
    memset(&model, 0x77, sizeof model);
    const hf_model untouched = model;
    hf_engine_status status = hf_model_open(&model, bytes, (uint32_t)f->c.image.size);
    if (status != HF_ENGINE_OK)
        assert_memory_equal(&model, &untouched, sizeof model);
    free(bytes);
    return status;
}

static hf_image_header *header(uint8_t *bytes)
{
    return (hf_image_header *)(void *)bytes;
}

static hf_op_record *records(uint8_t *bytes)
{
    return (hf_op_record *)(void *)(bytes + sizeof(hf_image_header));
}

/* The first operator with weights. */
static hf_op_record *weighted(uint8_t *bytes)
{
    hf_op_record *r = records(bytes);
    while (r->op > HF_IMAGE_OP_DENSE)
        r++;
    return r;
}

static void header_says_what_the_compiler_reports(void **state)
{
    const fixture *f = *state;
    const hf_image *image = &f->c.image;
    const hf_image_header *h = header(image->bytes);
    assert_int_equal(h->magic, HF_IMAGE_MAGIC);
    assert_int_equal(h->total_bytes, image->size);
    assert_int_equal(h->crc32, image->crc32);
    assert_int_equal(h->crc32,
                     hf_crc32(0, image->bytes + HF_IMAGE_CRC_START, image->size - HF_IMAGE_CRC_START));
    assert_int_equal(f->c.model.crc32, image->crc32);
    assert_int_equal(f->c.model.image_bytes, image->size);
    assert_int_equal(f->c.model.op_count, image->op_count);
    assert_int_equal(f->c.model.arena_bytes, image->arena_bytes);
    assert_int_equal(f->c.model.input_bytes, hf_tensor_bytes(&f->graph->tensors[f->graph->input]));
    assert_int_equal(f->c.model.output_bytes, hf_tensor_bytes(&f->graph->tensors[f->graph->output]));
}

static void compiling_twice_gives_the_same_bytes(void **state)
{
    const fixture *f = *state;
    hf_image again;
    assert_int_equal(hf_compile(f->graph, &again, NULL), HF_OK);
    assert_int_equal(again.size, f->c.image.size);
    assert_memory_equal(again.bytes, f->c.image.bytes, again.size);
    hf_image_free(&again);
}

static void break_magic(uint8_t *b)
{
    header(b)->magic ^= 1;
}
static void break_version(uint8_t *b)
{
    header(b)->version++;
}
static void lengthen(uint8_t *b)
{
    header(b)->total_bytes += 4;
}
static void shorten_to_nothing(uint8_t *b)
{
    header(b)->total_bytes = 8;
}
static void flip_last_bit(uint8_t *b)
{
    b[header(b)->total_bytes - 1] ^= 1;
}
static void too_many_ops(uint8_t *b)
{
    header(b)->op_count = UINT32_MAX;
}
static void no_input(uint8_t *b)
{
    header(b)->input_bytes = 0;
}
static void input_outside(uint8_t *b)
{
    header(b)->input_offset = header(b)->arena_bytes;
}
static void output_outside(uint8_t *b)
{
    header(b)->output_offset = UINT32_MAX;
}
static void small_arena(uint8_t *b)
{
    header(b)->arena_bytes /= 2;
}
static void unknown_op(uint8_t *b)
{
    records(b)->op = HF_IMAGE_OP_COUNT;
}
static void unknown_params(uint8_t *b)
{
    records(b)->params = 2;
}
static void op_input_outside(uint8_t *b)
{
    records(b)->input_offset = header(b)->arena_bytes;
}
static void op_output_outside(uint8_t *b)
{
    records(b)->output_offset = UINT32_MAX - 3;
}
static void scratch_outside(uint8_t *b)
{
    weighted(b)->extra_offset = (header(b)->arena_bytes + 3) & ~3U;
}
static void scratch_misaligned(uint8_t *b)
{
    weighted(b)->extra_offset++;
}
static void chain_without_end(uint8_t *b)
{
    records(b)[header(b)->op_count - 1].ring_rows = 1;
}
static void ring_larger_than_tensor(uint8_t *b)
{
    records(b)->ring_rows = (uint8_t)(records(b)->out_height + 1);
}
static void data_outside(uint8_t *b)
{
    weighted(b)->data_offset = header(b)->total_bytes & ~3U;
}
static void data_misaligned(uint8_t *b)
{
    weighted(b)->data_offset += 2;
}
static void zero_height(uint8_t *b)
{
    records(b)->in_height = 0;
}
static void zero_stride(uint8_t *b)
{
    weighted(b)->stride_width = 0;
}
static void wide_padding(uint8_t *b)
{
    weighted(b)->pad_left = weighted(b)->kernel_width;
}
static void output_past_input(uint8_t *b)
{
    weighted(b)->stride_height = UINT8_MAX;
}
static void inverted_activation(uint8_t *b)
{
    records(b)->activation_min = 5;
    records(b)->activation_max = 4;
}
static void shift_too_large(uint8_t *b)
{
    hf_op_record *r = weighted(b);
    ((hf_channel_compact *)(void *)(b + r->data_offset))->bias_shift |= 0xFF;
}
static void negative_multiplier(uint8_t *b)
{
    hf_op_record *r = weighted(b);
    ((hf_channel_compact *)(void *)(b + r->data_offset))->multiplier = -1;
}

static void each_error_is_told_apart(void **state)
{
    static const struct {
        const char *what;
        void (*change)(uint8_t *bytes);
        hf_engine_status expected;
        bool resign;
    } cases[] = {
#define BROKEN(change, status, resign) {#change, change, HF_ENGINE_##status, resign}
        BROKEN(break_magic, NO_IMAGE, true),
        BROKEN(break_version, VERSION, true),
        BROKEN(lengthen, TRUNCATED, true),
        BROKEN(shorten_to_nothing, STRUCTURE, true),
        BROKEN(flip_last_bit, CHECKSUM, false),
        BROKEN(too_many_ops, STRUCTURE, true),
        BROKEN(no_input, STRUCTURE, true),
        BROKEN(input_outside, STRUCTURE, true),
        BROKEN(output_outside, STRUCTURE, true),
        BROKEN(small_arena, STRUCTURE, true),
        BROKEN(unknown_op, OPERATOR, true),
        BROKEN(unknown_params, OPERATOR, true),
        BROKEN(op_input_outside, STRUCTURE, true),
        BROKEN(op_output_outside, STRUCTURE, true),
        BROKEN(scratch_outside, STRUCTURE, true),
        BROKEN(scratch_misaligned, STRUCTURE, true),
        BROKEN(chain_without_end, STRUCTURE, true),
        BROKEN(ring_larger_than_tensor, STRUCTURE, true),
        BROKEN(data_outside, STRUCTURE, true),
        BROKEN(data_misaligned, STRUCTURE, true),
        BROKEN(zero_height, STRUCTURE, true),
        BROKEN(zero_stride, STRUCTURE, true),
        BROKEN(wide_padding, STRUCTURE, true),
        BROKEN(output_past_input, STRUCTURE, true),
        BROKEN(inverted_activation, STRUCTURE, true),
        BROKEN(shift_too_large, STRUCTURE, true),
        BROKEN(negative_multiplier, STRUCTURE, true),
#undef BROKEN
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_engine_status status = open_changed(*state, cases[i].change, cases[i].resign);
        if (status != cases[i].expected)
            fail_msg("%s: %s, expected %s", cases[i].what, hf_engine_status_text(status),
                     hf_engine_status_text(cases[i].expected));
    }
}

static void room_and_alignment_are_checked(void **state)
{
    const fixture *f = *state;
    const hf_image *image = &f->c.image;
    hf_model model;
    assert_int_equal(hf_model_open(&model, NULL, 100), HF_ENGINE_NO_IMAGE);
    assert_int_equal(hf_model_open(&model, image->bytes, 10), HF_ENGINE_NO_IMAGE);
    assert_int_equal(hf_model_open(&model, image->bytes + 2, (uint32_t)image->size - 2), HF_ENGINE_NO_IMAGE);
    assert_int_equal(hf_model_open(&model, image->bytes, (uint32_t)image->size - 1), HF_ENGINE_TRUNCATED);
    const hf_model *good = &f->c.model;
    assert_int_equal(hf_model_run(good, f->c.arena, good->arena_bytes - 1, NULL), HF_ENGINE_ARENA);
    assert_int_equal(hf_model_run(good, f->c.arena + 8, good->arena_bytes, NULL), HF_ENGINE_ARENA);
}

/* Runs an image that the engine accepts, with guards behind the arena. @return whether it was accepted */
static bool run_if_valid(const uint8_t *bytes, size_t size)
{
    hf_model model;
    if (hf_model_open(&model, bytes, (uint32_t)size) != HF_ENGINE_OK || model.arena_bytes > 1 << 20)
        return false;
    const size_t storage_bytes = ((size_t)model.arena_bytes + 31) / 16 * 16;
    uint8_t *storage = aligned_alloc(16, storage_bytes);
    assert_non_null(storage);
    memset(storage, 0x5A, storage_bytes);
    assert_int_equal(hf_model_run(&model, storage, model.arena_bytes, NULL), HF_ENGINE_OK);
    for (size_t g = model.arena_bytes; g < storage_bytes; g++)
        assert_int_equal(storage[g], 0x5A);
    free(storage);
    return true;
}

/* Changes bytes anywhere and corrects the CRC: the image is either refused or executed without leaving image or
 * arena. @return how many ran */
static uint32_t mutate(random_source *r, const hf_image *image, int times)
{
    const size_t size = image->size;
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    const size_t table = sizeof(hf_image_header) + image->op_count * sizeof(hf_op_record);
    uint32_t ran = 0;
    for (int i = 0; i < times; i++) {
        memcpy(bytes, image->bytes, size);
        for (int32_t changes = random_between(r, 1, 3); changes > 0; changes--) {
            size_t range = random_next(r) % 8 ? table : size;
            size_t at = HF_IMAGE_CRC_START + random_next(r) % (range - HF_IMAGE_CRC_START);
            bytes[at] = random_next(r) % 2 ? (uint8_t)random_next(r)
                                           : (uint8_t)(bytes[at] ^ 1U << random_next(r) % 8);
        }
        sign(bytes, size);
        ran += run_if_valid(bytes, size);
    }
    free(bytes);
    return ran;
}

static void mutated_images_stay_within_bounds(void **state)
{
    const fixture *f = *state;
    random_source r = {31};
    uint32_t ran = mutate(&r, &f->c.image, 10000);
    printf("%u of 10000 mutated images of a network were valid and ran\n", ran);
    assert_true(ran > 100);
}

static void mutated_images_of_each_operator_stay_within_bounds(void **state)
{
    (void)state;
    random_source r = {32};
    for (hf_op op = HF_OP_CONV2D; op < HF_OP_COUNT; op++) {
        uint32_t ran = 0;
        for (int i = 0; i < 10 && op != HF_OP_RESHAPE; i++) {
            hf_graph *graph = op == HF_OP_CONV2D && i % 2 ? random_grouped(&r, RANDOM_USUAL)
                                                          : random_single(&r, op, RANDOM_USUAL);
            engine_case c;
            engine_case_open(&c, graph);
            ran += mutate(&r, &c.image, 150);
            engine_case_close(&c);
            hf_graph_free(graph);
        }
        assert_true(op == HF_OP_RESHAPE || ran > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(header_says_what_the_compiler_reports, set_up, tear_down),
        cmocka_unit_test_setup_teardown(compiling_twice_gives_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_error_is_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(room_and_alignment_are_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mutated_images_stay_within_bounds, set_up, tear_down),
        cmocka_unit_test(mutated_images_of_each_operator_stay_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
