/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLASH_BASE  0x08000000u
#define FLASH_BYTES 0x200000u
#define ERASED      0xFFFFFFFFu

/* How a chip's flash is programmed. */
struct flash_facts {
    const char *chip;
    uint32_t key_register, control_register;
    uint32_t program; /* control value that allows programming */
    uint32_t unit_words;
};

/* RM0432 rev 9, 3.3.7 and 3.7.2/3.7.5: keys, PG, double words. RM0410 rev 4, 3.3.7 and 3.7.2/3.7.5: keys, PG
 * with PSIZE = 32 bits. */
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu

static const struct flash_facts known_chips[] = {
    {"stm32l4r5zi", 0x40022008, 0x40022014, 0x00000001, 2},
    {"stm32f767zi", 0x40023C04, 0x40023C10, 0x00000201, 1},
};

static const struct flash_facts *find_chip(const char *chip)
{
    for (size_t i = 0; i < sizeof known_chips / sizeof known_chips[0]; i++)
        if (strcmp(known_chips[i].chip, chip) == 0)
            return &known_chips[i];
    fprintf(stderr,
            "hilfarm-vboard: --flash cannot be used with %s: the unlock keys of its flash are not known\n",
            chip);
    return NULL;
}

/* @return FLASH_BYTES bytes to free(); NULL and *missing if there is no file, NULL with
 * a message otherwise */
static uint32_t *read_image(const char *path, bool *missing)
{
    *missing = false;
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT) {
        *missing = true;
        return NULL;
    }
    struct stat status;
    if (!file || fstat(fileno(file), &status) != 0) {
        fprintf(stderr, "hilfarm-vboard: --flash %s: %s\n", path, strerror(errno));
        if (file)
            fclose(file);
        return NULL;
    }
    uint32_t *image = NULL;
    if (!S_ISREG(status.st_mode) || status.st_size != FLASH_BYTES)
        fprintf(stderr, "hilfarm-vboard: --flash %s: %lld bytes; expected a file of %u, the whole flash\n",
                path, (long long)status.st_size, FLASH_BYTES);
    else if (!(image = malloc(FLASH_BYTES)) || fread(image, 1, FLASH_BYTES, file) != FLASH_BYTES) {
        fprintf(stderr, "hilfarm-vboard: --flash %s: cannot be read\n", path);
        free(image);
        image = NULL;
    }
    fclose(file);
    return image;
}

static bool program(vb_machine *machine, const struct flash_facts *facts, const uint32_t *image)
{
    if (!vb_machine_bus_write(machine, facts->key_register, 4, KEY1) ||
        !vb_machine_bus_write(machine, facts->key_register, 4, KEY2) ||
        !vb_machine_bus_write(machine, facts->control_register, 4, facts->program))
        return false;
    for (uint32_t i = 0; i < FLASH_BYTES / 4; i += facts->unit_words) {
        bool erased = true;
        for (uint32_t k = 0; k < facts->unit_words; k++)
            erased = erased && image[i + k] == ERASED;
        for (uint32_t k = 0; k < facts->unit_words && !erased; k++)
            if (!vb_machine_bus_write(machine, FLASH_BASE + 4 * (i + k), 4, image[i + k]))
                return false;
    }
    for (uint32_t i = 0; i < FLASH_BYTES / 4; i++) {
        uint32_t value;
        if (!vb_machine_bus_read(machine, FLASH_BASE + 4 * i, 4, &value) || value != image[i])
            return false;
    }
    return true;
}

bool vb_flash_file_load(vb_machine *machine, const char *chip, const char *path)
{
    const struct flash_facts *facts = find_chip(chip);
    if (!facts)
        return false;
    bool missing;
    uint32_t *image = read_image(path, &missing);
    if (!image)
        return missing;
    bool ok = program(machine, facts, image);
    if (!ok)
        fprintf(stderr, "hilfarm-vboard: --flash %s: the flash could not be programmed\n", path);
    free(image);
    return ok;
}

static bool write_image(vb_machine *machine, FILE *file)
{
    for (uint32_t offset = 0; offset < FLASH_BYTES; offset += 4) {
        uint32_t value;
        if (!vb_machine_bus_read(machine, FLASH_BASE + offset, 4, &value)) {
            errno = EIO;
            return false;
        }
        if (fwrite(&value, sizeof value, 1, file) != 1)
            return false;
    }
    return fflush(file) == 0;
}

bool vb_flash_file_save(vb_machine *machine, const char *chip, const char *path)
{
    if (!find_chip(chip))
        return false;
    char *temporary;
    if (asprintf(&temporary, "%s.new", path) < 0) {
        fprintf(stderr, "hilfarm-vboard: out of memory\n");
        return false;
    }
    FILE *file = fopen(temporary, "wb");
    bool ok = file && write_image(machine, file);
    int why = errno;
    if (file && fclose(file) != 0) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temporary, path) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        fprintf(stderr, "hilfarm-vboard: --flash %s: cannot be written: %s\n", path, strerror(why));
        unlink(temporary);
    }
    free(temporary);
    return ok;
}
