/* SPDX-License-Identifier: Apache-2.0 */
#include "openocd/openocd_flasher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openocd/tcl_rpc.h"

typedef struct back_end {
    hf_openocd *openocd;
    char *file_path;
} back_end;

/* Not `reset halt`: the reset-init event of the target script raises the clocks of core and probe, which are
 * slow after a reset (4 MHz and 500 kHz on the STM32L4) and limit programming and verification. */
static hf_status reset_halt(void *state, hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "reset init");
}

static hf_status reset_run(void *state, hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "reset run");
}

static hf_status halt(void *state, hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    return hf_openocd_eval(self->openocd, deadline, NULL, err, "halt");
}

/* ---- Flash ---- */

static hf_status write_file(const char *path, const uint8_t *bytes, size_t size, hf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot create '%s': %s", path, strerror(errno));
    hf_status status = HF_OK;
    for (size_t done = 0; done < size && status == HF_OK;) {
        ssize_t some = write(fd, bytes + done, size - done);
        if (some > 0)
            done += (size_t)some;
        else if (some == 0 || errno != EINTR)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", path, strerror(errno));
    }
    if (close(fd) != 0 && status == HF_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return status;
}

/* Writes the bytes to the file and runs `command FILE ADDRESS bin`. */
static hf_status eval_on_file(const back_end *self, const char *command, uint32_t address,
                              const uint8_t *bytes, size_t size_bytes, hf_deadline deadline, hf_error *err)
{
    hf_status status = write_file(self->file_path, bytes, size_bytes, err);
    if (status != HF_OK)
        return status;
    hf_buffer path = HF_BUFFER_INIT;
    hf_tcl_quote(&path, self->file_path);
    status = hf_openocd_eval(self->openocd, deadline, NULL, err, "%s %s 0x%08x bin", command,
                             hf_buffer_text(&path), address);
    hf_buffer_free(&path);
    return status;
}

static hf_status write_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, hf_error *err)
{
    return eval_on_file(state, "flash write_image erase", address, bytes, size_bytes, deadline, err);
}

/* Not verify_image, which after a mismatch reads everything back and takes seconds. */
static hf_status verify_flash(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                              hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    hf_error cause = {0};
    hf_status status =
        eval_on_file(self, "verify_image_checksum", address, bytes, size_bytes, deadline, &cause);
    if (status == HF_ETARGET && strstr(hf_openocd_last_error(self->openocd), "checksum mismatch"))
        return HF_EMISMATCH;
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

/* ---- Memory ---- */

/* Parses the next number of a Tcl list. */
static bool next_word(const char **at, uint32_t *word)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(*at, &end, 0);
    if (end == *at || errno != 0 || number > UINT32_MAX)
        return false;
    *word = (uint32_t)number;
    *at = end;
    return true;
}

static hf_status parse_words(const char *list, uint32_t *words, uint32_t count, hf_error *err)
{
    const char *at = list;
    uint32_t word, good = 0;
    while (good < count && next_word(&at, &word))
        good++;
    if (good < count)
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_EPROTOCOL,
                          "OpenOCD: expected %u words of memory, got '%.80s'", (unsigned)count, list);
    at = list;
    for (uint32_t i = 0; i < count; i++)
        next_word(&at, &words[i]);
    return HF_OK;
}

static hf_status read_words(void *state, uint32_t address, uint32_t *words, uint32_t count,
                            hf_deadline deadline, hf_error *err)
{
    const back_end *self = state;
    const char *list = "";
    hf_status status = hf_openocd_eval(self->openocd, deadline, &list, err, "read_memory 0x%08x 32 %u",
                                       (unsigned)address, (unsigned)count);
    return status == HF_OK ? parse_words(list, words, count, err) : status;
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
    return hf_flasher_new(&ops, self, options->chip, out, err);
}
