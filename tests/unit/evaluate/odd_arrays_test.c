/* SPDX-License-Identifier: Apache-2.0 */
/* IDX and NumPy files. */
#include "odd_inputs.h"

#include <zlib.h>

#include "base/file.h"
#include "sample.h"

typedef struct npy_case {
    const char *type, *order, *shape;
    size_t bytes;     /* of values, all 1 */
    const char *says; /* NULL: accepted */
} npy_case;

static void write_npy(const char *name, const npy_case *one)
{
    uint8_t file[512] = "\x93NUMPY\x01";
    const int length = snprintf((char *)file + 10, 200, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
                                one->type, one->order, one->shape);
    file[8] = (uint8_t)length;
    memset(file + 10 + length, 1, one->bytes);
    sample_write(odd_folder, name, file, 10 + (size_t)length + one->bytes);
}

static void numpy_arrays(void **state)
{
    (void)state;
    static const npy_case labels = {"|u1", "False", "(2,)", 2, NULL};
    static const npy_case images = {"|u1", "False", "(2, 2, 3)", 12, NULL};
    static const npy_case image_cases[] = {
        {"|u1", "False", "(2, 2, 3)", 12, NULL},
        {"|u1", "False", "(2, 2, 3, 1)", 12, NULL},
        {"<f4", "False", "(2, 1, 1, 7)", 56, NULL},
        {"|u1", "True", "(2, 2, 3)", 12, "ortran"},
        {"|i1", "False", "(2, 2, 3)", 12, "expected images as unsigned bytes or float32"},
        {"<u2", "False", "(2, 2, 3)", 24, "expected images as unsigned bytes or float32"},
        {"<f8", "False", "(2, 2, 3)", 96, "'<f8'"},
        {">f4", "False", "(2, 2, 3)", 48, "'>f4'"},
        {"|b1", "False", "(2, 2, 3)", 12, "'|b1'"},
        {"|O", "False", "(2, 2, 3)", 12, "'|O'"},
        {"|u1", "False", "(12,)", 12, "3 or 4 dimensions"},
        {"|u1", "False", "()", 1, "has 0 dimensions, expected 1 to 4"},
        {"|u1", "False", "(2, 1, 2, 1, 3)", 12, "has 5 dimensions, expected 1 to 4"},
        {"|u1", "False", "(0, 2, 3)", 0, "dimension 0 is 0"},
        {"|u1", "False", "(2, 2, 3, 2)", 24, "with 2 channels, expected"},
        {"|u1", "False", "(1, 16385, 1)", 16, "it ends too early"},
        {"|u1", "False", "(2, 2, 3)", 11, "it ends too early"},
        {"|u1", "False", "(2, 2, 3)", 13, "more bytes than its shape needs"},
        {"|u1", "False", "(99999, 99999, 99999)", 12, "more than 4294967296 bytes"},
        {"|u1", "False", "(2, -2, 3)", 12, ""},
        {"|u1", "maybe", "(2, 2, 3)", 12, ""},
    };
    static const npy_case label_cases[] = {
        {"<i8", "False", "(2,)", 16, "label 0 is not a number from 0 to 9999"}, /* 0x0101010101010101 */
        {"|u1", "False", "(3,)", 3, "3 labels for 2 samples"},
        {"|u1", "False", "(2, 10)", 20, "20 labels for 2 samples"},
        {"<f4", "False", "(2,)", 8, "label 0 is not a number"}, /* 2.4e-38 */
        {"<U1", "False", "(2,)", 8, "'<U1'"},
    };
    write_npy("y.npy", &labels);
    for (size_t i = 0; i < sizeof image_cases / sizeof *image_cases; i++) {
        hf_dataset dataset = {0};
        write_npy("x.npy", &image_cases[i]);
        if (image_cases[i].says)
            odd_refuse("x.npy", "x.npy", image_cases[i].says);
        else
            odd_accept("x.npy", 2, 2, &dataset);
        hf_dataset_free(&dataset);
    }
    write_npy("x.npy", &images);
    for (size_t i = 0; i < sizeof label_cases / sizeof *label_cases; i++) {
        write_npy("y.npy", &label_cases[i]);
        odd_refuse("x.npy", "y.npy", label_cases[i].says);
    }
    assert_int_equal(unlink(odd_path("y.npy")), 0);
    odd_refuse("x.npy", "y.npy", "No such file or directory");
}

static const uint8_t idx_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4};
static const uint8_t idx_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 1};

/* @param at byte of the images that gets a value @param bytes of the file */
static void refuse_idx(size_t at, uint8_t value, size_t bytes, const char *says)
{
    uint8_t file[sizeof idx_images];
    memcpy(file, idx_images, sizeof file);
    file[at] = value;
    sample_write(odd_folder, "images-idx3-ubyte", file, bytes);
    odd_refuse("images-idx3-ubyte", "images-idx3-ubyte", says);
}

static void idx_arrays(void **state)
{
    (void)state;
    const size_t whole = sizeof idx_images;
    hf_dataset dataset = {0};
    sample_write(odd_folder, "labels-idx1-ubyte", idx_labels, sizeof idx_labels);
    sample_write(odd_folder, "images-idx3-ubyte", idx_images, whole);
    odd_accept("images-idx3-ubyte", 2, 2, &dataset);
    hf_dataset_free(&dataset);
    refuse_idx(0, 1, whole, "neither an IDX nor a NumPy file");
    refuse_idx(1, 1, whole, "neither an IDX nor a NumPy file");
    refuse_idx(2, 9, whole, "IDX type 0x09 with 3 dimensions, expected unsigned bytes");
    refuse_idx(3, 0, whole, "with 0 dimensions");
    refuse_idx(3, 5, whole, "with 5 dimensions");
    refuse_idx(3, 1, whole, "more bytes than its shape needs");
    refuse_idx(7, 3, whole, "it ends too early");
    refuse_idx(7, 0, whole, "dimension 0 is 0");
    refuse_idx(4, 0x80, whole, "more than 4294967296 bytes");
    refuse_idx(15, 1, whole, "more bytes than its shape needs");
    refuse_idx(0, 0, 3, "it ends too early");
    refuse_idx(0, 0, 15, "it ends too early");
    refuse_idx(0, 0, 0, "it ends too early");
    sample_write(odd_folder, "images-idx3-ubyte", idx_images, whole);
    sample_write(odd_folder, "labels-idx1-ubyte", idx_images, whole); /* the images twice */
    odd_refuse("images-idx3-ubyte", "labels-idx1-ubyte", "4 labels for 2 samples");
    sample_write_text(odd_folder, "labels-idx1-ubyte", "1\n2\n");
    odd_refuse("images-idx3-ubyte", "labels-idx1-ubyte", "neither an IDX nor a NumPy file");
}

/* Compressed: cut in the values and in the checksum behind them; a wrong checksum. */
static void damaged_gzip(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *name = "images-idx3-ubyte.gz";
    gzFile file = gzopen(odd_path(name), "wb");
    assert_int_equal(gzwrite(file, idx_images, sizeof idx_images), sizeof idx_images);
    gzclose(file);
    sample_write(odd_folder, "labels-idx1-ubyte.gz", idx_labels,
                 sizeof idx_labels); /* need not be compressed */
    hf_dataset dataset = {0};
    odd_accept(name, 2, 2, &dataset);
    hf_dataset_free(&dataset);
    assert_int_equal(hf_file_read(odd_path(name), 4096, &bytes, &size, NULL), HF_OK);
    for (size_t cut = 1; cut < size; cut++) {
        sample_write(odd_folder, name, bytes, size - cut);
        odd_refuse(name, name, cut <= 8 ? "unexpected end of file" : "");
    }
    bytes[size - 8] ^= 1;
    sample_write(odd_folder, name, bytes, size);
    odd_refuse(name, name, "incorrect data check");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ODD_TEST(numpy_arrays), ODD_TEST(idx_arrays), ODD_TEST(damaged_gzip)};
    return cmocka_run_group_tests_name("evaluate_odd_arrays", tests, NULL, NULL);
}
