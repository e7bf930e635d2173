/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/openocd_flasher.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checksum/crc.h"
#include "flash_loader.h"
#include "openocd/tcl_rpc.h"
#include "parse_words.h"
#include "write_file.h"

typedef struct back_end {
    hf_openocd *openocd;
    hf_flash_loader *loader;
    bool loader_wrote; /* since the last reset or successful verification */
    char *file_path;
} back_end;

/* Not `reset halt`: the reset-init event of the target script raises the clocks of core and probe, which are
 * slow after a reset (4 MHz and 500 kHz on the STM32L4) and limit programming and verification. */
static hf_status reset_halt(void *state, hf_deadline deadline, hf_error *err)
{
    back_end *self = state;
    hf_flash_loader_forget(self->loader);
    self->loader_wrote = false;
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "reset init");
}

static hf_status reset_run(void *state, hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    hf_flash_loader_forget(self->loader);
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "reset run");
}

static hf_status halt(void *state, hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "halt");
}

/* ---- Flash ---- */

/* Writes the bytes to the file and runs `command FILE ADDRESS bin`. */
static hf_status eval_on_file(const back_end *self, const char *command, uint32_t address,
                              const uint8_t *bytes, size_t size_bytes, hf_deadline deadline, hf_error *err)
{
    hf_status status = hf_openocd_write_file(self->file_path, bytes, size_bytes, err);
    if (status != HF_OK)
        return status;
    hf_buffer path = HF_BUFFER_INIT;
    hf_tcl_quote(&path, self->file_path);
    status = hf_openocd_eval(self->openocd, deadline, NULL, err, "%s %s 0x%08x bin", command,
                             hf_buffer_text(&path), address);
    hf_buffer_free(&path);
    return status;
}

/* Both flash operations run our loader. If it fails, OpenOCD's own means take over, with a chip just reset. */
static hf_status after_loader(back_end *self, hf_status status, hf_deadline deadline, hf_error *cause,
                              hf_error *err)
{
    if (status == HF_OK)
        return HF_OK;
    if (status != HF_ETARGET)
        return hf_error_pass(err, cause);
    hf_flash_loader_give_up(self->loader, cause->message);
    /* A debug port that just lost scans may also lose one that OpenOCD's reset does not repeat. */
    hf_error ignored = {0};
    status = reset_halt(self, deadline, &ignored);
    return status == HF_ETARGET ? reset_halt(self, deadline, err) : hf_error_pass(err, &ignored);
}

static hf_status load_flash(back_end *self, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                            hf_deadline deadline, hf_error *err)
{
    hf_error cause = {0};
    hf_status status = hf_openocd_eval(self->openocd, deadline, NULL, &cause,
                                       "flash erase_address pad 0x%08x %zu", address, size_bytes);
    if (status != HF_OK)
        return hf_error_pass(err, &cause);
    self->loader_wrote = true;
    status = hf_flash_loader_program(self->loader, address, bytes, size_bytes, deadline, &cause);
    return after_loader(self, status, deadline, &cause, err);
}

static hf_status write_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, hf_error *err)
{
    back_end *self = state;
    if (hf_flash_loader_usable(self->loader, deadline)) {
        hf_status status = load_flash(self, address, bytes, size_bytes, deadline, err);
        if (status != HF_OK || hf_flash_loader_usable(self->loader, deadline))
            return status;
    }
    return eval_on_file(self, "flash write_image erase", address, bytes, size_bytes, deadline, err);
}

/* Not verify_image, which after a mismatch reads everything back and takes seconds. */
static hf_status verify_by_openocd(const back_end *self, uint32_t address, const uint8_t *bytes,
                                   size_t size_bytes, hf_deadline deadline, hf_error *err)
{
    hf_error cause = {0};
    hf_status status =
        eval_on_file(self, "verify_image_checksum", address, bytes, size_bytes, deadline, &cause);
    if (status == HF_ETARGET && strstr(hf_openocd_last_error(self->openocd), "checksum mismatch"))
        return HF_EMISMATCH;
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

static hf_status verify_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                              hf_deadline deadline, hf_error *err)
{
    back_end *self = state;
    if (!hf_flash_loader_usable(self->loader, deadline))
        return verify_by_openocd(self, address, bytes, size_bytes, deadline, err);
    hf_error cause = {0};
    uint32_t crc32 = 0;
    hf_status status = hf_flash_loader_checksum(self->loader, address, size_bytes, deadline, &crc32, &cause);
    if (status != HF_OK) {
        status = after_loader(self, status, deadline, &cause, err);
        return status == HF_OK ? verify_by_openocd(self, address, bytes, size_bytes, deadline, err) : status;
    }
    if (crc32 == hf_crc32(0, bytes, size_bytes)) {
        self->loader_wrote = false;
        return HF_OK;
    }
    if (self->loader_wrote)
        hf_flash_loader_give_up(self->loader, "the flash does not hold what the loader was given");
    return HF_EMISMATCH;
}

/* ---- Memory ---- */

static hf_status read_words(void *state, uint32_t address, uint32_t *words, uint32_t count,
                            hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    const char *list = "";
    hf_status status = hf_openocd_eval(self->openocd, deadline, &list, err, "read_memory 0x%08x 32 %u",
                                       (unsigned)address, (unsigned)count);
    return status == HF_OK ? hf_openocd_parse_words(list, words, count, err) : status;
}

static hf_status write_words(void *state, uint32_t address, const uint32_t *words, uint32_t count,
                             hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    hf_buffer list = HF_BUFFER_INIT;
    for (uint32_t i = 0; i < count; i++)
        hf_buffer_printf(&list, " 0x%08x", (unsigned)words[i]);
    hf_status status =
        list.failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory")
                    : hf_openocd_eval(self->openocd, deadline, NULL, err, "write_memory 0x%08x 32 {%s}",
                                      (unsigned)address, hf_buffer_text(&list));
    hf_buffer_free(&list);
    return status;
}

/* ---- The process ---- */

static hf_status ended(void *state, uint32_t wait_ms, hf_error *err)
{
    const back_end *self = state;
    return hf_openocd_ended(self->openocd, wait_ms, err);
}

static const char *version(const void *state)
{
    const back_end *self = state;
    return hf_openocd_version(self->openocd);
}

static const char *last_error(const void *state)
{
    const back_end *self = state;
    return hf_openocd_last_error(self->openocd);
}

static void close_back_end(void *state)
{
    back_end *self = state;
    hf_openocd_stop(self->openocd);
    hf_flash_loader_free(self->loader);
    unlink(self->file_path);
    free(self->file_path);
    free(self);
}

static const hf_flasher_ops ops = {
    .reset_halt = reset_halt,
    .reset_run = reset_run,
    .halt = halt,
    .write_flash = write_flash,
    .verify_flash = verify_flash,
    .read_words = read_words,
    .write_words = write_words,
    .ended = ended,
    .version = version,
    .last_error = last_error,
    .close = close_back_end,
};

hf_status hf_openocd_flasher_open(const hf_openocd_options *options, const char *file_path,
                                  hf_deadline deadline, hf_flasher **out, hf_error *err)
{
    back_end *self = calloc(1, sizeof *self);
    char *path = strdup(file_path);
    if (!self || !path) {
        free(self);
        free(path);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    self->file_path = path;
    hf_status status = hf_openocd_start(options, deadline, &self->openocd, err);
    if (status != HF_OK) {
        close_back_end(self);
        return status;
    }
    self->loader = hf_flash_loader_new(self->openocd, options->chip, self->file_path, options->transcript);
    if (!self->loader) {
        close_back_end(self);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    return hf_flasher_new(&ops, self, options->chip, out, err);
}
