/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets in arrays and in .csv files of images; what pixels stand for. */
#include "hf_test.h"

#include <math.h>
#include <zlib.h>

#include "base/file.h"
#include "datasets/dataset.h"
#include "sample.h"

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    sample_folder(folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return hf_remove_tree(folder, NULL);
}

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void must_open(const char *name, hf_dataset *dataset)
{
    hf_error err = {0};
    if (hf_dataset_open(in_folder(name), dataset, &err) != HF_OK)
        fail_msg("%s", err.message);
}

static void must_refuse(const char *name, const char *says)
{
    hf_dataset dataset = {0};
    hf_error err = {0};
    assert_int_not_equal(hf_dataset_open(in_folder(name), &dataset, &err), HF_OK);
    if (!strstr(err.message, says))
        fail_msg("expected '%s' in '%s'", says, err.message);
}

static void write_gzip(const char *name, const void *bytes, unsigned size)
{
    gzFile file = gzopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, size), (int)size);
    gzclose(file);
}

/* Writes a .npy file, version 1. */
static void write_npy(const char *name, const char *type, const char *shape, const void *values, size_t size)
{
    uint8_t file[1024] = "\x93NUMPY\x01";
    char header[128];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    const size_t length = strlen(header);
    file[8] = (uint8_t)length;
    for (size_t i = 0; i < length; i++)
        file[10 + i] = (uint8_t)header[i];
    memcpy(file + 10 + length, values, size);
    sample_write(folder, name, file, 10 + length + size);
}

/* Two images of 2 x 3. */
static const uint8_t idx_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0,   0,   0,   2,   0,   0,
                                     0, 3, 0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255};
static const uint8_t idx_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 3, 1};

/* Reads a sample as a tensor of its own size, where values are the pixels less 128. */
static void expect_sample(const hf_dataset *dataset, uint32_t index, int32_t height, int32_t width,
                          const uint8_t *pixels)
{
    const hf_tensor tensor = {.height = height, .width = width, .channels = 1, .quant = {1.0f / 255, -128}};
    const hf_sample_reading how = {.input = &tensor, .pixels = hf_pixels_default()};
    hf_sample_inputs inputs = {0};
    hf_error err = {0};
    if (hf_dataset_read(dataset, &dataset->samples[index], &how, &inputs, &err) != HF_OK)
        fail_msg("%s", err.message);
    for (int32_t i = 0; i < height * width; i++)
        assert_int_equal(inputs.values[i], pixels[i] - 128);
    free(inputs.values);
}

static void idx_files(void **state)
{
    (void)state;
    write_gzip("train-images-idx3-ubyte.gz", idx_images, sizeof idx_images);
    write_gzip("train-labels-idx1-ubyte.gz", idx_labels, sizeof idx_labels);
    hf_dataset dataset = {0};
    must_open("train-images-idx3-ubyte.gz", &dataset);
    assert_int_equal(dataset.kind, HF_DATASET_ARRAY);
    assert_int_equal(dataset.class_count, 4); /* the largest label is 3 */
    assert_string_equal(dataset.classes[3], "3");
    assert_int_equal(dataset.sample_count, 2);
    assert_int_equal(dataset.samples[0].label, 3);
    assert_int_equal(dataset.samples[1].label, 1);
    expect_sample(&dataset, 1, 2, 3, idx_images + 16 + 6);
    char name[256];
    assert_string_equal(hf_dataset_sample_name(&dataset, 1, name, sizeof name) + strlen(folder),
                        "/train-images-idx3-ubyte.gz#1");
    hf_dataset_free(&dataset);

    /* Names of the classes; uncompressed files. */
    sample_write_text(folder, "labels.txt", "shirt\nankle boot\nbag\nT-shirt/top\n");
    sample_write(folder, "images-idx3-ubyte", idx_images, sizeof idx_images);
    sample_write(folder, "labels-idx1-ubyte", idx_labels, sizeof idx_labels);
    must_open("images-idx3-ubyte", &dataset);
    assert_string_equal(dataset.classes[dataset.samples[1].label], "ankle boot");
    hf_dataset_free(&dataset);
    sample_write_text(folder, "labels.txt", "shirt\nboot\n");
    must_refuse("images-idx3-ubyte", "class 3, but labels.txt names only 2");
}

static void idx_mistakes(void **state)
{
    (void)state;
    uint8_t bytes[sizeof idx_images + 1];
    memcpy(bytes, idx_images, sizeof idx_images);
    sample_write(folder, "labels-idx1-ubyte", idx_labels, sizeof idx_labels);
    sample_write(folder, "images-idx3-ubyte", bytes, sizeof idx_images - 1);
    must_refuse("images-idx3-ubyte", "it ends too early");
    sample_write(folder, "images-idx3-ubyte", bytes, sizeof bytes);
    must_refuse("images-idx3-ubyte", "more bytes than its shape needs");
    bytes[2] = 0x0d;
    sample_write(folder, "images-idx3-ubyte", bytes, sizeof idx_images);
    must_refuse("images-idx3-ubyte", "IDX type 0x0d with 3 dimensions");
    memcpy(bytes, idx_images, sizeof idx_images);
    bytes[7] = 0;
    sample_write(folder, "images-idx3-ubyte", bytes, sizeof idx_images);
    must_refuse("images-idx3-ubyte", "dimension 0 is 0");
    memset(bytes + 4, 0xff, 12); /* 2^96 bytes */
    sample_write(folder, "images-idx3-ubyte", bytes, sizeof idx_images);
    must_refuse("images-idx3-ubyte", "more than 4294967296 bytes");
    sample_write(folder, "images-idx3-ubyte", "Hello there", 11);
    must_refuse("images-idx3-ubyte", "neither an IDX nor a NumPy file");
    uint8_t three[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 0, 0};
    sample_write(folder, "images-idx3-ubyte", idx_images, sizeof idx_images);
    sample_write(folder, "labels-idx1-ubyte", three, sizeof three);
    must_refuse("images-idx3-ubyte", "3 labels for 2 samples");
    sample_write(folder, "pictures-idx3-ubyte", idx_images, sizeof idx_images);
    must_refuse("pictures-idx3-ubyte", "expected a name with \"images\"");
}

static void numpy_files(void **state)
{
    (void)state;
    const int16_t labels[] = {1, 0};
    write_npy("y_test.npy", "<i2", "(2,)", labels, sizeof labels);
    write_npy("x_test.npy", "|u1", "(2, 2, 3)", idx_images + 16, 12);
    hf_dataset dataset = {0};
    must_open("x_test.npy", &dataset);
    assert_int_equal(dataset.class_count, 2);
    assert_int_equal(dataset.samples[0].label, 1);
    expect_sample(&dataset, 0, 2, 3, idx_images + 16);
    hf_dataset_free(&dataset);

    /* Real numbers, in the model's shape: no pixel range applies. */
    const float reals[] = {0.0f, 1.0f, 0.25f, 100.0f};
    write_npy("x_test.npy", "<f4", "(2, 1, 2, 1)", reals, sizeof reals);
    must_open("x_test.npy", &dataset);
    assert_true(dataset.array.is_float);
    const uint8_t expected[] = {64, 255}; /* 0.25 is 63.75 steps */
    expect_sample(&dataset, 1, 1, 2, expected);
    const hf_tensor other = {.height = 1, .width = 3, .channels = 1, .quant = {1.0f / 255, -128}};
    const hf_sample_reading how = {.input = &other, .pixels = hf_pixels_default()};
    hf_sample_inputs inputs = {0};
    assert_int_equal(hf_dataset_read(&dataset, &dataset.samples[0], &how, &inputs, NULL), HF_EFORMAT);
    hf_dataset_free(&dataset);

    write_npy("x_test.npy", "<f8", "(2, 2, 3)", reals, 12);
    must_refuse("x_test.npy", "values of type '<f8'");
    write_npy("x_test.npy", "|u1", "(2, 6)", idx_images + 16, 12);
    must_refuse("x_test.npy", "with 3 or 4 dimensions");
    write_npy("x_test.npy", "|u1", "(1, 2, 3, 2)", idx_images + 16, 12);
    must_refuse("x_test.npy", "with 2 channels");
    write_npy("x_test.npy", "|u1", "(2, 2, 3)", idx_images + 16, 12);
    const int16_t negative[] = {-1, 0};
    write_npy("y_test.npy", "<i2", "(2,)", negative, sizeof negative);
    must_refuse("x_test.npy", "label 0 is not a number");
}

static void images_in_a_csv(void **state)
{
    (void)state;
    sample_write_gray(folder, "a/1.pgm", 10);
    sample_write_gray(folder, "2.pgm", 20);
    sample_write_text(folder, "train.csv", "image,label\na/1.pgm, zebra\r\n\n2.pgm,ant\na/1.pgm,zebra\n");
    hf_dataset dataset = {0};
    must_open("train.csv", &dataset);
    assert_int_equal(dataset.kind, HF_DATASET_IMAGES);
    assert_int_equal(dataset.sample_count, 3);
    assert_int_equal(dataset.class_count, 2);
    assert_string_equal(dataset.classes[0], "ant");
    assert_int_equal(dataset.samples[0].label, 1);
    assert_int_equal(dataset.samples[1].label, 0);
    const uint8_t gray[] = {20, 20};
    expect_sample(&dataset, 1, 1, 2, gray);
    hf_dataset_free(&dataset);

    sample_write_text(folder, "train.csv", "a/1.pgm,0\n2.pgm,2\n");
    must_open("train.csv", &dataset);
    assert_int_equal(dataset.class_count, 3);
    assert_int_equal(dataset.samples[1].label, 2);
    hf_dataset_free(&dataset);

    sample_write_text(folder, "labels.txt", "zebra\nant\n");
    must_refuse("train.csv", "class 2, but labels.txt names only 2");
    sample_write_text(folder, "train.csv", "a/1.pgm,ant\n2.pgm,bee\n");
    must_refuse("train.csv", "labels.txt has no line for the label 'bee'");
    sample_write_text(folder, "train.csv", "a/1.pgm,ant\n2.pgm\n");
    must_refuse("train.csv", ":2: expected image,label");
    sample_write_text(folder, "train.csv", "a/1.pgm,ant\n../2.pgm,ant\n");
    must_refuse("train.csv", ":2: '../2.pgm': expected the name of an image in or below");
    sample_write_text(folder, "train.csv", "image,label\n");
    must_refuse("train.csv", "lists no samples");
}

static void expect_pixels(const char *text, int channel, double black, double white)
{
    hf_pixel_range pixels = {{0}, {0}};
    hf_error err = {0};
    if (hf_pixels_parse(text, &pixels, &err) != HF_OK)
        fail_msg("%s: %s", text, err.message);
    assert_true(fabs(pixels.offset[channel] - black) < 1e-9);
    assert_true(fabs(255 * pixels.factor[channel] + pixels.offset[channel] - white) < 1e-9);
}

static void pixels_as_real_numbers(void **state)
{
    (void)state;
    expect_pixels("0..1", 0, 0, 1);
    expect_pixels("-1..1", 2, -1, 1);
    expect_pixels("0..255", 1, 0, 255);
    expect_pixels("mean 0.5 deviation 0.25", 2, -2, 2);
    expect_pixels("mean 0.5,0.25,0 deviation 0.5,0.25,1", 0, -1, 1);
    expect_pixels("mean 0.5,0.25,0 deviation 0.5,0.25,1", 1, -1, 3);
    expect_pixels("mean 0.5,0.25,0 deviation 0.5,0.25,1", 2, 0, 1);
    static const char *const wrong[] = {"",
                                        "0..2",
                                        "mean 0.5",
                                        "mean 0.5,0.5 deviation 1",
                                        "mean 0.5 deviation 0",
                                        "mean 0.5 deviation 1 x",
                                        "mean nan deviation 1",
                                        "mean 1,2,3,4 deviation 1"};
    hf_pixel_range pixels;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(hf_pixels_parse(wrong[i], &pixels, NULL), HF_EINVALID);

    /* All pixels fit, and black and white are exact. */
    assert_int_equal(hf_pixels_parse("mean 0.5,0.25,0 deviation 0.5,0.25,1", &pixels, NULL), HF_OK);
    const hf_quant quant = hf_pixels_quant(&pixels, 3);
    assert_int_equal(hf_quantise(-1, quant), -128);
    assert_int_equal(hf_quantise(3, quant), 127);
    const hf_quant unit = hf_pixels_quant(&(hf_pixel_range){.factor = {1.0 / 255}}, 1);
    assert_true(unit.scale == 1.0f / 255 && unit.zero_point == -128);

    /* Each channel of a picture has its own. */
    const uint8_t white[] = {255, 255, 255};
    const hf_picture picture = {.pixels = (uint8_t *)white, .width = 1, .height = 1, .channels = 3};
    const hf_tensor tensor = {.height = 1, .width = 1, .channels = 3, .quant = {1.0f / 32, 0}};
    int8_t out[3];
    assert_int_equal(hf_picture_to_tensor(&picture, &tensor, &pixels, out, NULL), HF_OK);
    assert_int_equal(out[0], 32);
    assert_int_equal(out[1], 96);
    assert_int_equal(out[2], 32);
}

static void digests_follow_the_content(void **state)
{
    (void)state;
    char first[HF_SHA256_HEX_SIZE], second[HF_SHA256_HEX_SIZE];
    sample_write(folder, "images-idx3-ubyte", idx_images, sizeof idx_images);
    sample_write(folder, "labels-idx1-ubyte", idx_labels, sizeof idx_labels);
    assert_int_equal(hf_dataset_digest(in_folder("images-idx3-ubyte"), first, NULL), HF_OK);
    const uint8_t other[] = {0, 0, 8, 1, 0, 0, 0, 2, 3, 2};
    sample_write(folder, "labels-idx1-ubyte", other, sizeof other);
    assert_int_equal(hf_dataset_digest(in_folder("images-idx3-ubyte"), second, NULL), HF_OK);
    assert_string_not_equal(first, second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(idx_files),       TEST(idx_mistakes),           TEST(numpy_files),
        TEST(images_in_a_csv), TEST(pixels_as_real_numbers), TEST(digests_follow_the_content),
    };
    return cmocka_run_group_tests_name("evaluate_array", tests, NULL, NULL);
}
