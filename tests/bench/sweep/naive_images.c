/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "chips/chips.h"
#include "farm/prepare.h"

/*
 * Writes, for each named variation, the single image that a naive loop would flash: bench firmware, padding
 * and model image. usage: naive_images FIRMWARE.bin FOLDER NAME...
 */

static hf_status write_image(const char *firmware_path, const char *folder, const char *name, hf_error *err)
{
    const hf_chip *chip = hf_chip_find("stm32l4r5zi");
    hf_prepared prepared = {0};
    hf_prepare_request request = {.input_seed = 1};
    uint8_t *firmware = NULL, *image = NULL;
    size_t firmware_bytes = 0;
    hf_status status = hf_source_parse(name, &request.source, err);
    if (status == HF_OK)
        status = hf_prepare(&request, &prepared, err);
    if (status == HF_OK)
        status = hf_file_read(firmware_path, chip->firmware_bytes, &firmware, &firmware_bytes, err);
    if (status == HF_OK) {
        size_t bytes = chip->firmware_bytes + prepared.image.size;
        image = malloc(bytes);
        char path[512];
        snprintf(path, sizeof path, "%s/%s.bin", folder, name);
        if (image) {
            memset(image, 0xff, bytes);
            memcpy(image, firmware, firmware_bytes);
            memcpy(image + chip->firmware_bytes, prepared.image.bytes, prepared.image.size);
            status = hf_file_write(path, image, bytes, err);
        } else {
            status = HF_FAIL(err, HF_ENOMEM, "no memory for the image of %s", name);
        }
    }
    free(image);
    free(firmware);
    hf_prepared_free(&prepared);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s FIRMWARE.bin FOLDER NAME...\n", argv[0]);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        hf_error err = {0};
        if (write_image(argv[1], argv[2], argv[i], &err) != HF_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    return 0;
}
