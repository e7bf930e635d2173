/* SPDX-License-Identifier: Apache-2.0 */
#include "shapes.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define IMAGES_HEADER_BYTES 20 /* of IDX: magic and four dimensions */
#define LABELS_HEADER_BYTES 8

static const char *const class_names[SHAPES_CLASSES] = {"disc", "square", "triangle", "ring"};

/* 0 .. limit - 1, from the generator of firmware/proto/SPEC.md. */
static uint32_t below(uint32_t *state, uint32_t limit)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return (*state >> 8) % limit;
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

static void draw(uint32_t shape, uint32_t side, uint32_t *state, uint8_t *pixels)
{
    const double radius = side * (0.25 + below(state, 100) / 700.0);
    const double x0 = side * (0.4 + below(state, 100) / 500.0), y0 = side * (0.4 + below(state, 100) / 500.0);
    uint8_t colour[3];
    for (int c = 0; c < 3; c++)
        colour[c] = (uint8_t)(120 + below(state, 136));
    for (uint32_t y = 0; y < side; y++)
        for (uint32_t x = 0; x < side; x++)
            for (int c = 0; c < 3; c++) {
                const int inside = is_inside(shape, (x - x0) / radius, (y - y0) / radius);
                *pixels++ = (uint8_t)((inside ? colour[c] : 0) * 3 / 4 + (int)below(state, 60));
            }
}

static void put_number(uint8_t *to, uint32_t number)
{
    for (int byte = 0; byte < 4; byte++)
        to[byte] = (uint8_t)(number >> (24 - 8 * byte));
}

static hf_status write_file(const char *folder, const char *name, const void *bytes, size_t size,
                            hf_error *err)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return HF_FAIL(err, HF_EINVALID, "%s/%s: the path is too long", folder, name);
    return hf_file_write(path, bytes, size, err);
}

static hf_status check(uint32_t count, uint32_t side, hf_error *err)
{
    if (count < 1 || count > SHAPES_MAX)
        return HF_FAIL(err, HF_EINVALID, "%u images: expected 1 to %d", (unsigned)count, SHAPES_MAX);
    if (side < SHAPES_MIN_SIDE || side > SHAPES_MAX_SIDE)
        return HF_FAIL(err, HF_EINVALID, "images of %u pixels a side: expected %d to %d", (unsigned)side,
                       SHAPES_MIN_SIDE, SHAPES_MAX_SIDE);
    return HF_OK;
}

static hf_status write_names(const char *folder, hf_error *err)
{
    char names[128];
    size_t length = 0;
    for (int i = 0; i < SHAPES_CLASSES; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s\n", class_names[i]);
    return write_file(folder, "labels.txt", names, length, err);
}

/* The headers of both files as IDX defines them: unsigned bytes, four dimensions and one. */
static void put_headers(uint32_t count, uint32_t side, uint8_t *images, uint8_t *labels)
{
    images[2] = labels[2] = 8;
    images[3] = 4;
    labels[3] = 1;
    put_number(images + 4, count);
    put_number(images + 8, side);
    put_number(images + 12, side);
    put_number(images + 16, 3);
    put_number(labels + 4, count);
}

hf_status shapes_write(const char *folder, const char *name, uint32_t count, uint32_t side, uint32_t seed,
                       hf_error *err)
{
    hf_status status = check(count, side, err);
    if (status != HF_OK)
        return status;
    const size_t image_bytes = (size_t)side * side * 3, size = IMAGES_HEADER_BYTES + count * image_bytes;
    uint8_t *images = calloc(1, size), *labels = calloc(1, LABELS_HEADER_BYTES + (size_t)count);
    char images_name[NAME_MAX], labels_name[NAME_MAX];
    snprintf(images_name, sizeof images_name, "%s-images-idx4-ubyte", name);
    snprintf(labels_name, sizeof labels_name, "%s-labels-idx1-ubyte", name);
    if (images && labels) {
        put_headers(count, side, images, labels);
        for (uint32_t i = 0; i < count; i++) {
            labels[LABELS_HEADER_BYTES + i] = (uint8_t)(i % SHAPES_CLASSES);
            draw(i % SHAPES_CLASSES, side, &seed, images + IMAGES_HEADER_BYTES + i * image_bytes);
        }
        status = write_file(folder, images_name, images, size, err);
        if (status == HF_OK)
            status = write_file(folder, labels_name, labels, LABELS_HEADER_BYTES + (size_t)count, err);
        if (status == HF_OK)
            status = write_names(folder, err);
    } else {
        status = HF_FAIL(err, HF_ENOMEM, "no memory for %u images", (unsigned)count);
    }
    free(images);
    free(labels);
    return status;
}

static hf_status make_folders(const char *folder, hf_error *err)
{
    hf_status status = HF_OK;
    for (int i = 0; status == HF_OK && i < SHAPES_CLASSES; i++) {
        char path[PATH_MAX];
        if (snprintf(path, sizeof path, "%s/%s", folder, class_names[i]) >= (int)sizeof path)
            status = HF_FAIL(err, HF_EINVALID, "%s: the path is too long", folder);
        else
            status = hf_make_dirs(path, err);
    }
    return status;
}

static hf_status write_images(const char *folder, uint32_t count, uint32_t side, uint32_t seed, hf_error *err)
{
    char header[32], name[64];
    const size_t start =
        (size_t)snprintf(header, sizeof header, "P6\n%u %u\n255\n", (unsigned)side, (unsigned)side);
    const size_t size = start + (size_t)side * side * 3;
    uint8_t *file = malloc(size);
    if (!file)
        return HF_FAIL(err, HF_ENOMEM, "no memory for an image");
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < count; i++) {
        memcpy(file, header, start);
        draw(i % SHAPES_CLASSES, side, &seed, file + start);
        snprintf(name, sizeof name, "%s/%05u.ppm", class_names[i % SHAPES_CLASSES], (unsigned)i);
        status = write_file(folder, name, file, size, err);
    }
    free(file);
    return status;
}

hf_status shapes_write_folders(const char *folder, uint32_t count, uint32_t side, uint32_t seed,
                               hf_error *err)
{
    hf_status status = check(count, side, err);
    if (status == HF_OK)
        status = make_folders(folder, err);
    if (status == HF_OK)
        status = write_names(folder, err);
    return status == HF_OK ? write_images(folder, count, side, seed, err) : status;
}
