/* SPDX-License-Identifier: Apache-2.0 */
#include "shapes.h"

#include "hf_test.h"

#include <math.h>

#include "base/file.h"

static uint32_t state;

/* 0 .. limit - 1, from the generator of firmware/proto/SPEC.md. */
static uint32_t below(uint32_t limit)
{
    state = state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (state >> 8) % limit;
}

/* Whether a point, in units of the shape's radius from its centre, is part of the shape. */
static int is_inside(uint32_t shape, double x, double y)
{
    const double distance = sqrt(x * x + y * y);
    switch (shape) {
    case 0:
        return distance < 1;
    case 1:
        return fabs(x) < 0.85 && fabs(y) < 0.85;
    case 2:
        return y < 0.8 && y > -1 && fabs(x) < (y + 1) / 1.8;
    default:
        return distance < 1 && distance > 0.55;
    }
}

static void draw(uint32_t shape, uint32_t side, uint8_t *pixels)
{
    const double radius = side * (0.25 + below(100) / 700.0);
    const double x0 = side * (0.4 + below(100) / 500.0), y0 = side * (0.4 + below(100) / 500.0);
    uint8_t colour[3];
    for (int c = 0; c < 3; c++)
        colour[c] = (uint8_t)(120 + below(136));
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            for (int c = 0; c < 3; c++) {
                const int inside = is_inside(shape, (x - x0) / radius, (y - y0) / radius);
                *pixels++ = (uint8_t)((inside ? colour[c] : 0) * 3 / 4 + (int)below(60));
            }
}

static void put_number(uint8_t *to, uint32_t number)
{
    for (int byte = 0; byte < 4; byte++)
        to[byte] = (uint8_t)(number >> (24 - 8 * byte));
}

static void write_file(const char *folder, const char *name, const char *kind, const uint8_t *bytes,
                       size_t size)
{
    char path[512];
    hf_error err = {0};
    snprintf(path, sizeof path, "%s/%s-%s-ubyte", folder, name, kind);
    if (hf_file_write(path, bytes, size, &err) != HF_OK)
        fail_msg("%s", err.message);
}

void shapes_write(const char *folder, const char *name, uint32_t count, uint32_t side, uint32_t seed)
{
    static const char names[] = "disc\nsquare\ntriangle\nring\n";
    const size_t image_bytes = (size_t)side * side * 3, size = 20 + count * image_bytes;
    uint8_t *images = calloc(1, size), *labels = calloc(1, 8 + (size_t)count);
    assert_true(images && labels);
    state = seed;
    images[2] = labels[2] = 8;
    images[3] = 4;
    labels[3] = 1;
    put_number(images + 4, count);
    put_number(images + 8, side);
    put_number(images + 12, side);
    put_number(images + 16, 3);
    put_number(labels + 4, count);
    for (uint32_t i = 0; i < count; i++) {
        labels[8 + i] = (uint8_t)(i % SHAPES_CLASSES);
        draw(i % SHAPES_CLASSES, side, images + 20 + i * image_bytes);
    }
    write_file(folder, name, "images-idx4", images, size);
    write_file(folder, name, "labels-idx1", labels, 8 + (size_t)count);
    char path[512];
    snprintf(path, sizeof path, "%s/labels.txt", folder);
    assert_int_equal(hf_file_write(path, names, sizeof names - 1, NULL), HF_OK);
    free(images);
    free(labels);
}
