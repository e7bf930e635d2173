/* SPDX-License-Identifier: Apache-2.0 */
#include "flasher/flasher.h"

#include <stdlib.h>

#include "program_changed.h"

#define WORDS_MAX 1024u

struct hf_flasher {
    const hf_flasher_ops *ops;
    void *state;
    hf_contents *contents;
};

hf_status hf_flasher_new(const hf_flasher_ops *ops, void *state, const hf_chip *chip, hf_flasher **out,
                         hf_error *err)
{
    hf_flasher *flasher = malloc(sizeof *flasher);
    hf_contents *contents = hf_contents_new(chip);
    if (!flasher || !contents) {
        free(flasher);
        hf_contents_free(contents);
        ops->close(state);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    }
    *flasher = (hf_flasher){.ops = ops, .state = state, .contents = contents};
    *out = flasher;
    return HF_OK;
}

void hf_flasher_close(hf_flasher *flasher)
{
    if (!flasher)
        return;
    flasher->ops->close(flasher->state);
    hf_contents_free(flasher->contents);
    free(flasher);
}

hf_status hf_flasher_reset_halt(hf_flasher *flasher, hf_deadline deadline, hf_error *err)
{
    return flasher->ops->reset_halt(flasher->state, deadline, err);
}

hf_status hf_flasher_reset_run(hf_flasher *flasher, hf_deadline deadline, hf_error *err)
{
    return flasher->ops->reset_run(flasher->state, deadline, err);
}

hf_status hf_flasher_halt(hf_flasher *flasher, hf_deadline deadline, hf_error *err)
{
    return flasher->ops->halt(flasher->state, deadline, err);
}

hf_status hf_flasher_program(hf_flasher *flasher, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, uint32_t *bytes_written, hf_error *err)
{
    return hf_contents_program(flasher->contents, flasher->ops, flasher->state, address, bytes, size_bytes,
                               deadline, bytes_written, err);
}

void hf_flasher_forget(hf_flasher *flasher)
{
    hf_contents_forget(flasher->contents);
}

static hf_status check_words(uint32_t address, uint32_t count, hf_error *err)
{
    if (address % 4 == 0 && count > 0 && count <= WORDS_MAX)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%u words at 0x%08x requested, expected 1 .. %u at a multiple of 4",
                   (unsigned)count, (unsigned)address, WORDS_MAX);
}

hf_status hf_flasher_read_words(hf_flasher *flasher, uint32_t address, uint32_t *words, uint32_t count,
                                hf_deadline deadline, hf_error *err)
{
    hf_status status = check_words(address, count, err);
    if (status == HF_OK)
        status = flasher->ops->read_words(flasher->state, address, words, count, deadline, err);
    return status;
}

hf_status hf_flasher_write_words(hf_flasher *flasher, uint32_t address, const uint32_t *words, uint32_t count,
                                 hf_deadline deadline, hf_error *err)
{
    hf_status status = check_words(address, count, err);
    if (status == HF_OK)
        status = flasher->ops->write_words(flasher->state, address, words, count, deadline, err);
    return status;
}

hf_status hf_flasher_ended(hf_flasher *flasher, uint32_t wait_ms, hf_error *err)
{
    return flasher->ops->ended(flasher->state, wait_ms, err);
}

const char *hf_flasher_version(const hf_flasher *flasher)
{
    return flasher->ops->version(flasher->state);
}

const char *hf_flasher_last_error(const hf_flasher *flasher)
{
    return flasher->ops->last_error(flasher->state);
}
