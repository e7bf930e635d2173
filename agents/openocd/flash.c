/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openocd/rpc.h"

#define ERASED 0xff

struct hf_flash {
    const hf_chip *chip;
    char *file_path;
    uint8_t *contents; /* chip->flash_bytes; meaningful where `known` says so */
    bool *known;       /* one per erase unit */
};

typedef struct unit {
    uint32_t index;  /* over all spans */
    uint32_t offset; /* from the flash's base */
    uint32_t bytes;
} unit;

/* The range to be made, in the flash's own offsets. */
typedef struct wanted {
    uint32_t offset;
    uint32_t end; /* of the image, exclusive */
    const uint8_t *bytes;
} wanted;

static uint32_t unit_total(const hf_chip *chip)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < chip->span_count; i++)
        total += chip->spans[i].unit_count;
    return total;
}

/* The erase unit that holds `offset`, which is inside the flash. */
static unit unit_at(const hf_chip *chip, uint32_t offset)
{
    uint32_t index = 0;
    for (uint32_t i = 0; i < chip->span_count; i++) {
        const hf_flash_span *span = &chip->spans[i];
        uint32_t start = span->base - chip->flash_base;
        uint32_t span_bytes = span->unit_bytes * span->unit_count;
        if (offset >= start && offset - start < span_bytes) {
            uint32_t within = (offset - start) / span->unit_bytes;
            return (unit){index + within, start + within * span->unit_bytes, span->unit_bytes};
        }
        index += span->unit_count;
    }
    return (unit){0};
}

hf_status hf_flash_new(const hf_chip *chip, const char *file_path, hf_flash **out, hf_error *err)
{
    hf_flash *flash = calloc(1, sizeof *flash);
    if (flash) {
        flash->chip = chip;
        flash->file_path = strdup(file_path);
        flash->contents = malloc(chip->flash_bytes);
        flash->known = calloc(unit_total(chip), sizeof *flash->known);
    }
    if (!flash || !flash->file_path || !flash->contents || !flash->known) {
        hf_flash_free(flash);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    *out = flash;
    return HF_OK;
}

void hf_flash_free(hf_flash *flash)
{
    if (!flash)
        return;
    if (flash->file_path)
        unlink(flash->file_path);
    free(flash->file_path);
    free(flash->contents);
    free(flash->known);
    free(flash);
}

void hf_flash_forget(hf_flash *flash)
{
    memset(flash->known, 0, unit_total(flash->chip) * sizeof *flash->known);
}

/* How many of the unit's bytes the image covers; the rest is to be 0xff. */
static uint32_t image_part(const wanted *want, unit u)
{
    uint32_t left = want->end - u.offset;
    return left < u.bytes ? left : u.bytes;
}

static bool unit_matches(const hf_flash *flash, const wanted *want, unit u)
{
    if (!flash->known[u.index])
        return false;
    uint32_t part = image_part(want, u);
    const uint8_t *held = flash->contents + u.offset;
    if (memcmp(held, want->bytes + (u.offset - want->offset), part) != 0)
        return false;
    for (uint32_t i = part; i < u.bytes; i++)
        if (held[i] != ERASED)
            return false;
    return true;
}

static void set_known(hf_flash *flash, const wanted *want, bool known)
{
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(flash->chip, at);
        uint32_t part = image_part(want, u);
        flash->known[u.index] = known;
        if (known) {
            memcpy(flash->contents + u.offset, want->bytes + (u.offset - want->offset), part);
            memset(flash->contents + u.offset + part, ERASED, u.bytes - part);
        }
        at = u.offset + u.bytes;
    }
}

static hf_status write_file(const hf_flash *flash, const uint8_t *bytes, size_t size, hf_error *err)
{
    int fd = open(flash->file_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot make '%s': %s", flash->file_path,
                          strerror(errno));
    hf_status status = HF_OK;
    for (size_t done = 0; done < size && status == HF_OK;) {
        ssize_t some = write(fd, bytes + done, size - done);
        if (some > 0)
            done += (size_t)some;
        else if (some == 0 || errno != EINTR)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", flash->file_path,
                                strerror(errno));
    }
    if (close(fd) != 0 && status == HF_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", flash->file_path,
                            strerror(errno));
    return status;
}

static hf_status eval_on_file(hf_flash *flash, hf_openocd *openocd, const char *command, uint32_t offset,
                              hf_deadline deadline, hf_error *err)
{
    hf_buffer path = HF_BUFFER_INIT;
    hf_tcl_quote(&path, flash->file_path);
    hf_status status = hf_openocd_eval(openocd, deadline, NULL, err, "%s %s 0x%08x bin", command,
                                       hf_buffer_text(&path), flash->chip->flash_base + offset);
    hf_buffer_free(&path);
    return status;
}

/* Writes units from..end, end being a unit's end or the image's. */
static hf_status write_run(hf_flash *flash, hf_openocd *openocd, const wanted *want, uint32_t from,
                           uint32_t to, hf_deadline deadline, hf_error *err)
{
    if (to > want->end)
        to = want->end;
    hf_status status = write_file(flash, want->bytes + (from - want->offset), to - from, err);
    if (status == HF_OK)
        status = eval_on_file(flash, openocd, "flash write_image erase", from, deadline, err);
    if (status != HF_OK)
        hf_error_context(err, status == HF_ECANCELLED ? HF_FAULT_NONE : HF_FAULT_BOARD,
                         "programming 0x%08x..0x%08x", flash->chip->flash_base + from,
                         flash->chip->flash_base + to);
    return status;
}

/* Writes every unit that differs from what is known, neighbours together. */
static hf_status write_changes(hf_flash *flash, hf_openocd *openocd, const wanted *want, hf_deadline deadline,
                               uint32_t *bytes_written, hf_error *err)
{
    uint32_t run_start = 0, run_end = 0; /* empty while equal */
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(flash->chip, at);
        at = u.offset + u.bytes;
        if (unit_matches(flash, want, u))
            continue;
        *bytes_written += u.bytes;
        flash->known[u.index] = false; /* until verified */
        if (run_end == u.offset && run_end != run_start) {
            run_end = at;
            continue;
        }
        if (run_end != run_start) {
            hf_status status = write_run(flash, openocd, want, run_start, run_end, deadline, err);
            if (status != HF_OK)
                return status;
        }
        run_start = u.offset;
        run_end = at;
    }
    if (run_end == run_start)
        return HF_OK;
    return write_run(flash, openocd, want, run_start, run_end, deadline, err);
}

/* @return HF_OK, HF_EMISMATCH without a record in *err, or a failure to find out. */
static hf_status verify(hf_flash *flash, hf_openocd *openocd, const wanted *want, hf_deadline deadline,
                        hf_error *err)
{
    hf_error cause = {0};
    hf_status status = write_file(flash, want->bytes, want->end - want->offset, &cause);
    if (status == HF_OK)
        /* Not verify_image: after a mismatch that one reads everything back, which takes seconds. */
        status = eval_on_file(flash, openocd, "verify_image_checksum", want->offset, deadline, &cause);
    if (status == HF_OK) {
        set_known(flash, want, true);
        return HF_OK;
    }
    set_known(flash, want, false);
    if (status == HF_ETARGET && strstr(hf_openocd_last_error(openocd), "checksum mismatch"))
        return HF_EMISMATCH;
    if (status != HF_ECANCELLED)
        hf_error_context(&cause, HF_FAULT_BOARD, "verifying 0x%08x..0x%08x",
                         flash->chip->flash_base + want->offset, flash->chip->flash_base + want->end);
    return hf_error_pass(err, &cause);
}

static bool all_known_to_match(const hf_flash *flash, const wanted *want, bool *none_known)
{
    bool match = true;
    *none_known = true;
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(flash->chip, at);
        match = match && unit_matches(flash, want, u);
        *none_known = *none_known && !flash->known[u.index];
        at = u.offset + u.bytes;
    }
    return match;
}

static hf_status check_range(const hf_chip *chip, uint32_t address, size_t size_bytes, hf_error *err)
{
    uint32_t offset = address - chip->flash_base;
    if (size_bytes == 0 || offset >= chip->flash_bytes || size_bytes > chip->flash_bytes - offset ||
        unit_at(chip, offset).offset != offset)
        return HF_FAIL(err, HF_EINVALID,
                       "%zu bytes at 0x%08x do not start an erase unit and fit the flash of %s", size_bytes,
                       address, chip->name);
    return HF_OK;
}

hf_status hf_flash_program(hf_flash *flash, hf_openocd *openocd, uint32_t address, const uint8_t *bytes,
                           size_t size_bytes, hf_deadline deadline, uint32_t *bytes_written, hf_error *err)
{
    hf_status status = check_range(flash->chip, address, size_bytes, err);
    if (status != HF_OK)
        return status;
    uint32_t offset = address - flash->chip->flash_base;
    const wanted want = {offset, offset + (uint32_t)size_bytes, bytes};
    uint32_t written = 0;
    bool none_known;
    if (all_known_to_match(flash, &want, &none_known) || none_known) {
        status = verify(flash, openocd, &want, deadline, err);
    } else {
        status = write_changes(flash, openocd, &want, deadline, &written, err);
        if (status == HF_OK)
            status = verify(flash, openocd, &want, deadline, err);
    }
    if (status == HF_EMISMATCH) { /* nothing is known now: everything is written */
        status = write_changes(flash, openocd, &want, deadline, &written, err);
        if (status == HF_OK)
            status = verify(flash, openocd, &want, deadline, err);
        if (status == HF_EMISMATCH)
            status = HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                                "the flash at 0x%08x..0x%08x does not hold what was just written to it",
                                address, address + (uint32_t)size_bytes);
    }
    if (status != HF_OK) {
        set_known(flash, &want, false);
        return status;
    }
    *bytes_written = written;
    return HF_OK;
}
