/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <png.h>

#include "datasets/picture.h"
#include "sample.h"

static void assert_picture(const uint8_t *bytes, size_t size, uint32_t width, uint32_t height,
                           uint32_t channels, const uint8_t *pixels, int tolerance)
{
    hf_picture picture = {0};
    hf_error err = {0};
    if (hf_picture_decode(bytes, size, &picture, &err) != HF_OK)
        fail_msg("%s", err.message);
    assert_int_equal(picture.width, width);
    assert_int_equal(picture.height, height);
    assert_int_equal(picture.channels, channels);
    for (size_t i = 0; i < (size_t)width * height * channels; i++)
        if (abs(picture.pixels[i] - pixels[i]) > tolerance)
            fail_msg("value %zu is %d instead of %d", i, picture.pixels[i], pixels[i]);
    hf_picture_free(&picture);
}

static void assert_refused(const void *bytes, size_t size, const char *says)
{
    hf_picture picture = {0};
    hf_error err = {0};
    assert_int_not_equal(hf_picture_decode(bytes, size, &picture, &err), HF_OK);
    assert_null(picture.pixels);
    if (!strstr(err.message, says))
        fail_msg("expected '%s' in '%s'", says, err.message);
}

static void netpbm(void **state)
{
    (void)state;
    const uint8_t gray[] = {0, 128, 255, 7};
    assert_picture((const uint8_t *)"P5\n# a comment\n2 2\n255\n\0\x80\xff\x07", 27, 2, 2, 1, gray, 0);
    const uint8_t rgb[] = {1, 2, 3, 4, 5, 6};
    assert_picture((const uint8_t *)"P6 2 1 255 \1\2\3\4\5\6", 17, 2, 1, 3, rgb, 0);
    const char plain[] = "P2\n2 2 15\n0 5\n10 15\n";
    const uint8_t scaled[] = {0, 85, 170, 255};
    assert_picture((const uint8_t *)plain, sizeof plain - 1, 2, 2, 1, scaled, 0);
    const char colors[] = "P3 1 1 255 9 8 7";
    const uint8_t color[] = {9, 8, 7};
    assert_picture((const uint8_t *)colors, sizeof colors - 1, 1, 1, 3, color, 0);
    const uint8_t wide[] = {0, 128, 255};
    assert_picture((const uint8_t *)"P5 3 1 65535 \0\0\x80\x80\xff\xff", 19, 3, 1, 1, wide, 0);
}

static void netpbm_mistakes_are_reported(void **state)
{
    (void)state;
    assert_refused("P5 2 2 255 \1\2\3", 14, "2 x 2 pixels in 3 bytes");
    assert_refused("P5 2 0 255 \1\2\3", 14, "sides of 1 to");
    assert_refused("P5 2 2 0 \1\2\3\4", 13, "highest value");
    assert_refused("P5 2 2 70000 \1\2\3\4", 17, "highest value");
    assert_refused("P5 99999999999 2 255 ", 21, "expected width");
    assert_refused("P5 100000 100000 255 \1", 22, "pixels in 1 bytes");
    assert_refused("P2 2 1 10 5 11", 14, "sample 1 is missing or above 10");
    assert_refused("P5", 2, "expected width");
    assert_refused("P7 2 2", 6, "not an image");
    assert_refused("", 0, "not an image");
}

static void png_variants(void **state)
{
    (void)state;
    size_t size = 0;
    const uint8_t rgb[] = {1, 2, 3, 250, 128, 0, 7, 8, 9, 10, 11, 12};
    uint8_t *file = sample_png(2, 2, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, rgb, 6, &size);
    assert_picture(file, size, 2, 2, 3, rgb, 0);
    free(file);
    file = sample_png(2, 2, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, rgb, 6, &size);
    assert_picture(file, size, 2, 2, 3, rgb, 0);
    free(file);
    const uint8_t rgba[] = {1, 2, 3, 0, 4, 5, 6, 255}, without[] = {1, 2, 3, 4, 5, 6};
    file = sample_png(2, 1, PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, rgba, 8, &size);
    assert_picture(file, size, 2, 1, 3, without, 0);
    free(file);
    const uint8_t deep[] = {0, 0, 0xff, 0xff, 0x80, 0x80}, eight[] = {0, 255, 128};
    file = sample_png(3, 1, PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, deep, 6, &size);
    assert_picture(file, size, 3, 1, 1, eight, 0);
    free(file);
    const uint8_t bits[] = {0xa0}, expanded[] = {255, 0, 255};
    file = sample_png(3, 1, PNG_COLOR_TYPE_GRAY, 1, PNG_INTERLACE_NONE, bits, 1, &size);
    assert_picture(file, size, 3, 1, 1, expanded, 0);
    free(file);
    const uint8_t indices[] = {0x40}, colors[] = {10, 20, 30, 200, 100, 50};
    file = sample_png(2, 1, PNG_COLOR_TYPE_PALETTE, 1, PNG_INTERLACE_NONE, indices, 1, &size);
    assert_picture(file, size, 2, 1, 3, colors, 0);
    free(file);
}

static void jpeg_variants(void **state)
{
    (void)state;
    uint8_t rgb[16 * 16 * 3], gray[16 * 16];
    for (size_t i = 0; i < 256; i++) {
        gray[i] = (uint8_t)(i / 16 * 10 + 20);
        rgb[3 * i] = 200;
        rgb[3 * i + 1] = 100;
        rgb[3 * i + 2] = 50;
    }
    for (int progressive = 0; progressive < 2; progressive++) {
        size_t size = 0;
        uint8_t *file = sample_jpeg(16, 16, 3, progressive, rgb, &size);
        assert_picture(file, size, 16, 16, 3, rgb, 3);
        free(file);
        file = sample_jpeg(16, 16, 1, progressive, gray, &size);
        assert_picture(file, size, 16, 16, 1, gray, 3);
        assert_refused(file, size / 2, "a damaged JPEG file");
        free(file);
    }
}

/* Truncated at every length, and with thousands of changed bytes: an error or a picture, never a crash. */
static void damage(const uint8_t *file, size_t size, uint32_t seed, int rounds)
{
    if (!size) {
        fail_msg("no file to damage");
        return;
    }
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy =
            malloc(cut ? cut : 1); /* exact size, so that a sanitizer catches reads past the end */
        assert_non_null(copy);
        memcpy(copy, file, cut);
        hf_picture picture = {0};
        hf_status status = hf_picture_decode(copy, cut, &picture, NULL);
        assert_int_equal(status == HF_OK, picture.pixels != NULL);
        hf_picture_free(&picture);
        free(copy);
    }
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    for (int round = 0; round < rounds; round++) {
        memcpy(copy, file, size);
        for (int change = 0; change <= round % 3; change++) {
            seed = seed * 1664525u + 1013904223u;
            copy[(seed >> 8) % size] ^= (uint8_t)(1u << (seed >> 4 & 7));
        }
        hf_picture picture = {0};
        if (hf_picture_decode(copy, size, &picture, NULL) == HF_OK) {
            assert_true(picture.width <= HF_PICTURE_MAX_SIDE && picture.height <= HF_PICTURE_MAX_SIDE);
            assert_non_null(picture.pixels);
        } else {
            assert_null(picture.pixels);
        }
        hf_picture_free(&picture);
    }
    free(copy);
}

static void damaged_files(void **state)
{
    (void)state;
    uint8_t pixels[12 * 12 * 3];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    size_t size = 0;
    uint8_t *file = sample_png(12, 12, PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, pixels, 36, &size);
    damage(file, size, 1, 1500);
    free(file);
    for (int progressive = 0; progressive < 2; progressive++) {
        file = sample_jpeg(12, 12, 3, progressive, pixels, &size);
        damage(file, size, 2, 1500);
        free(file);
    }
    const char plain[] = "P3\n2 2 15\n0 5 1 2 3 4\n10 15 0 0 0 0\n";
    damage((const uint8_t *)plain, sizeof plain - 1, 3, 1500);
}

static void too_large(void **state)
{
    (void)state;
    uint8_t *row = calloc(1, 20000);
    assert_non_null(row);
    size_t size = 0;
    uint8_t *file = sample_png(20000, 1, PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, row, 20000, &size);
    assert_refused(file, size, "PNG");
    free(file);
    file = sample_jpeg(20000, 1, 1, 0, row, &size);
    assert_refused(file, size, "20000 x 1 pixels: expected sides of 1 to 16384");
    free(file);
    free(row);
}

static const hf_pixel_range unit = {.factor = {1.0 / 255, 1.0 / 255, 1.0 / 255}};

/* Two pixels to four: centres at -0.25, 0.25, 0.75 and 1.25 of the first to the second. */
static void scaling_by_hand(void **state)
{
    (void)state;
    uint8_t two[] = {0, 100};
    const hf_picture picture = {.pixels = two, .width = 2, .height = 1, .channels = 1};
    hf_tensor tensor = {.height = 1, .width = 4, .channels = 1, .quant = {1.0f / 255, -128}};
    int8_t out[16];
    assert_int_equal(hf_picture_to_tensor(&picture, &tensor, &unit, out, NULL), HF_OK);
    const int8_t expected[] = {-128, -103, -53, -28};
    assert_memory_equal(out, expected, 4);

    /* Four rows to two: halfway between the first two and the last two. */
    uint8_t four[] = {10, 20, 200, 100};
    const hf_picture tall = {.pixels = four, .width = 1, .height = 4, .channels = 1};
    tensor = (hf_tensor){.height = 2, .width = 1, .channels = 3, .quant = {1.0f, -128}};
    const hf_pixel_range raw = {.factor = {1, 1, 1}};
    assert_int_equal(hf_picture_to_tensor(&tall, &tensor, &raw, out, NULL), HF_OK);
    const int8_t gray_as_color[] = {-113, -113, -113, 22, 22, 22};
    assert_memory_equal(out, gray_as_color, 6);

    /* 0.299 x 100 + 0.587 x 200 + 0.114 x 50 = 153 */
    uint8_t color[] = {100, 200, 50};
    const hf_picture one = {.pixels = color, .width = 1, .height = 1, .channels = 3};
    tensor = (hf_tensor){.height = 1, .width = 1, .channels = 1, .quant = {1.0f, -128}};
    assert_int_equal(hf_picture_to_tensor(&one, &tensor, &raw, out, NULL), HF_OK);
    assert_int_equal(out[0], 153 - 128);
    tensor.channels = 2;
    assert_int_equal(hf_picture_to_tensor(&one, &tensor, &raw, out, NULL), HF_EUNSUPPORTED);
}

static void quantising(void **state)
{
    (void)state;
    const hf_quant quant = {.scale = 0.5f, .zero_point = 10};
    assert_int_equal(hf_quantise(0, quant), 10);
    assert_int_equal(hf_quantise(0.25, quant), 11); /* half a step, away from zero */
    assert_int_equal(hf_quantise(-0.25, quant), 9);
    assert_int_equal(hf_quantise(0.24, quant), 10);
    assert_int_equal(hf_quantise(1e30, quant), 127);
    assert_int_equal(hf_quantise(-1.0 / 0.0, quant), -128);
    assert_int_equal(hf_quantise(0.0 / 0.0, quant), 10);
    const hf_quant pixels = {.scale = 1.0f / 255, .zero_point = -128};
    for (int p = 0; p < 256; p++) /* if the model is built for it, image bytes and pixels are the same */
        assert_int_equal(hf_quantise(p * unit.factor[0], pixels), p - 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(netpbm),          cmocka_unit_test(netpbm_mistakes_are_reported),
        cmocka_unit_test(png_variants),    cmocka_unit_test(jpeg_variants),
        cmocka_unit_test(damaged_files),   cmocka_unit_test(too_large),
        cmocka_unit_test(scaling_by_hand), cmocka_unit_test(quantising),
    };
    return cmocka_run_group_tests_name("evaluate_picture", tests, NULL, NULL);
}
