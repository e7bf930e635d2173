/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the data set of shapes for scripts/shapes.sh. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "shapes.h"

/* @return false, with a message, unless it is a number from 0 to 2^32 - 1 */
static int read_number(const char *what, const char *text, uint32_t *out)
{
    char *end;
    errno = 0;
    const unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number > UINT32_MAX) {
        fprintf(stderr, "error: %s '%s': expected a number\n", what, text);
        return 0;
    }
    *out = (uint32_t)number;
    return 1;
}

static int write_set(const char *folder, const char *name, uint32_t count, uint32_t side, uint32_t seed)
{
    char path[PATH_MAX];
    hf_error err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (shapes_write_folders(path, count, side, seed, &err) != HF_OK) {
        fprintf(stderr, "error: %s\n", err.message);
        return 0;
    }
    printf("%s: %u images of %u x %u pixels in %d classes\n", path, (unsigned)count, (unsigned)side,
           (unsigned)side, SHAPES_CLASSES);
    return 1;
}

/* The test images have the next seed, so they are others. */
int main(int argc, char **argv)
{
    uint32_t train = 400, test = 100, side = 96, seed = 1;
    if (argc < 2 || argc > 6) {
        fprintf(stderr, "usage: make_shapes FOLDER [TRAIN-IMAGES [TEST-IMAGES [SIDE [SEED]]]]\n");
        return 2;
    }
    if ((argc > 2 && !read_number("images", argv[2], &train)) ||
        (argc > 3 && !read_number("test images", argv[3], &test)) ||
        (argc > 4 && !read_number("side", argv[4], &side)) ||
        (argc > 5 && !read_number("seed", argv[5], &seed)))
        return 2;
    return write_set(argv[1], "train", train, side, seed) && write_set(argv[1], "test", test, side, seed + 1)
               ? 0
               : 1;
}
