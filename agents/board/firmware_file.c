/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "board_internal.h"
#include "firmware_shared.h"

/* firmware/bench/INFO.md */
#define INFO_OFFSET         0x200u
#define INFO_MAGIC          0x57464648u
#define INFO_VERSION        3u
#define INFO_CHIP           0x08u
#define INFO_FIRMWARE       0x18u
#define INFO_NAME_BYTES     16u
#define INFO_NONCE_BLOCK    0x28u
#define INFO_BUILD_ID       0x3Cu
#define INFO_BUILD_ID_BYTES 20u
#define INFO_STATIC         0x50u
#define INFO_STACK          0x54u
#define INFO_BYTES          (INFO_STACK + 4u)

static uint32_t u32_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static hf_status read_info(const char *path, const hf_chip *chip, hf_firmware *firmware, hf_error *err)
{
    const uint8_t *info = firmware->bytes + INFO_OFFSET;
    if (firmware->size < INFO_OFFSET + INFO_BYTES || u32_at(info) != INFO_MAGIC)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EFORMAT, "'%s' is not hilfarm firmware: no 'HFFW' at 0x%x",
                          path, INFO_OFFSET);
    if (u32_at(info + 4) != INFO_VERSION)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EUNSUPPORTED,
                          "'%s' has an information block of version %u, expected %u", path,
                          (unsigned)u32_at(info + 4), INFO_VERSION);
    char chip_name[INFO_NAME_BYTES + 1] = {0};
    memcpy(chip_name, info + INFO_CHIP, INFO_NAME_BYTES);
    if (strcmp(chip_name, chip->name) != 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EMISMATCH, "'%s' is firmware for %s, expected %s", path,
                          chip_name, chip->name);
    memcpy(firmware->version, info + INFO_FIRMWARE, INFO_NAME_BYTES);
    firmware->nonce_block = u32_at(info + INFO_NONCE_BLOCK);
    firmware->footprint = (hf_firmware_footprint){.flash_bytes = (uint32_t)firmware->size,
                                                  .static_bytes = u32_at(info + INFO_STATIC),
                                                  .stack_bytes = u32_at(info + INFO_STACK)};
    for (uint32_t i = 0; i < INFO_BUILD_ID_BYTES; i++)
        snprintf(firmware->id + (size_t)i * 2, 3, "%02x", info[INFO_BUILD_ID + i]);
    return HF_OK;
}

hf_status hf_firmware_read(const char *dir, const hf_chip *chip, hf_firmware *out, hf_error *err)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/hilfarm-%s.bin", dir, chip->name);
    if (length < 0 || (size_t)length >= sizeof path)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ELIMIT, "firmware folder name too long");
    hf_firmware firmware = {0};
    uint8_t *bytes = NULL;
    hf_status status = hf_file_read(path, chip->firmware_bytes, &bytes, &firmware.size, err);
    if (status == HF_OK && !(firmware.bytes = hf_firmware_share(bytes, firmware.size)))
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for '%s'", path);
    if (status == HF_OK)
        status = read_info(path, chip, &firmware, err);
    if (status != HF_OK) {
        hf_error_context(err, HF_FAULT_FARM, "reading the firmware for %s", chip->name);
        hf_firmware_free(&firmware);
        return status;
    }
    *out = firmware;
    return HF_OK;
}

hf_status hf_firmware_read_all(const char *dir, const hf_chip *chip, hf_firmware out[HF_FIRMWARE_FLAVOURS],
                               hf_error *err)
{
    char path[4096];
    hf_status status = hf_firmware_read(dir, chip, &out[HF_FIRMWARE_FULL], err);
    const int length = snprintf(path, sizeof path, "%s/small/hilfarm-%s.bin", dir, chip->name);
    if (status != HF_OK || length < 0 || (size_t)length >= sizeof path || access(path, F_OK) != 0)
        return status;
    snprintf(path, sizeof path, "%s/small", dir);
    return hf_firmware_read(path, chip, &out[HF_FIRMWARE_SMALL], err);
}

static void free_all(hf_firmware flavours[HF_FIRMWARE_FLAVOURS])
{
    for (int i = 0; i < HF_FIRMWARE_FLAVOURS; i++)
        hf_firmware_free(&flavours[i]);
}

hf_status hf_firmware_measure(const char *dir, const hf_chip *chip, hf_firmware_footprint *out, hf_error *err)
{
    hf_firmware flavours[HF_FIRMWARE_FLAVOURS] = {0};
    hf_status status = hf_firmware_read_all(dir, chip, flavours, err);
    if (status == HF_OK) {
        *out = flavours[HF_FIRMWARE_FULL].footprint;
        if (flavours[HF_FIRMWARE_SMALL].bytes)
            out->flash_bytes = flavours[HF_FIRMWARE_SMALL].footprint.flash_bytes;
    }
    free_all(flavours);
    return status;
}

void hf_firmware_free(hf_firmware *firmware)
{
    hf_firmware_unshare(firmware->bytes);
    *firmware = (hf_firmware){0};
}

hf_status hf_firmware_id(const char *dir, const hf_chip *chip, const char *like, char id[HF_FIRMWARE_ID_SIZE],
                         hf_error *err)
{
    hf_firmware flavours[HF_FIRMWARE_FLAVOURS] = {0};
    hf_status status = hf_firmware_read_all(dir, chip, flavours, err);
    if (status == HF_OK) {
        const int is_small = like && strcmp(flavours[HF_FIRMWARE_SMALL].id, like) == 0;
        memcpy(id, flavours[is_small ? HF_FIRMWARE_SMALL : HF_FIRMWARE_FULL].id, HF_FIRMWARE_ID_SIZE);
    }
    free_all(flavours);
    return status;
}
