/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer harness for files of data sets: images, .csv files, and arrays of IDX and NumPy, compressed or not. Every input is given to
 * each reader. What is accepted keeps to the limits and can be read as a whole; what is refused says why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array_file.h"
#include "dataset_list.h"
#include "datasets/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void must_explain(hf_status status, const hf_error *err)
{
    require(err->status == status && err->message[0] != '\0', "refused without a reason");
}

static uint32_t sum_of(const uint8_t *bytes, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += bytes[i];
    return sum;
}

static void read_picture(const uint8_t *bytes, size_t size)
{
    hf_picture picture = {0};
    hf_error err = {0};
    const hf_status status = hf_picture_decode(bytes, size, &picture, &err);
    if (status != HF_OK) {
        must_explain(status, &err);
        require(picture.pixels == NULL, "refused, but with pixels");
        return;
    }
    const hf_tensor tensor = {.height = 3, .width = 5, .channels = 3, .quant = {1.0f / 255, -128}};
    const hf_pixel_range range = hf_pixels_default();
    int8_t values[3 * 5 * 3];
    volatile uint32_t sum = 0;
    require(picture.pixels && picture.width >= 1 && picture.width <= HF_PICTURE_MAX_SIDE &&
                picture.height >= 1 && picture.height <= HF_PICTURE_MAX_SIDE &&
                (picture.channels == 1 || picture.channels == 3),
            "a picture beyond the limits");
    sum = sum_of(picture.pixels, (size_t)picture.width * picture.height * picture.channels);
    require(hf_picture_to_tensor(&picture, &tensor, &range, values, NULL) == HF_OK, "cannot be scaled");
    sum = sum + sum_of((const uint8_t *)values, sizeof values);
    hf_picture_free(&picture);
}

static void read_csv(const char *path)
{
    hf_dataset dataset = {0};
    hf_error err = {0};
    const hf_status status = hf_dataset_list_csv(path, &dataset, &err);
    if (status != HF_OK)
        must_explain(status, &err);
    else
        require(dataset.sample_count >= 1 && dataset.class_count >= 1 &&
                    dataset.class_count <= HF_DATASET_MAX_CLASSES,
                "a data set without samples or classes");
    for (uint32_t i = 0; status == HF_OK && i < dataset.sample_count; i++)
        require(dataset.samples[i].label < dataset.class_count && dataset.samples[i].path[0] != '\0',
                "a sample without a class or a file");
    for (uint32_t i = 0; status == HF_OK && i < dataset.class_count; i++)
        require(dataset.classes[i] != NULL, "a class without a name");
    hf_dataset_free(&dataset);
}

static void read_array(const char *path)
{
    hf_array array = {0};
    hf_error err = {0};
    const hf_status status = hf_array_read(path, &array, &err);
    if (status != HF_OK) {
        must_explain(status, &err);
        require(array.values == NULL, "refused, but with values");
        return;
    }
    size_t bytes = array.width;
    require(array.dimensions >= 1 && array.dimensions <= HF_ARRAY_MAX_DIMENSIONS, "dimensions");
    for (uint32_t d = 0; d < array.dimensions; d++)
        bytes *= array.shape[d];
    require(bytes == array.bytes, "values and shape differ");
    volatile int64_t sum = 0;
    for (size_t i = 0; i < bytes / array.width; i++)
        sum = sum ^ hf_array_integer(&array, i);
    free(array.values);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    read_picture(bytes, size);
    const int file = memfd_create("input", MFD_CLOEXEC);
    require(file >= 0 && write(file, bytes, size) == (ssize_t)size, "cannot write the input");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_csv(path);
    read_array(path);
    close(file);
    return 0;
}
