/* SPDX-License-Identifier: Apache-2.0 */
#include "program_changed.h"

#include <sha256.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ERASED 0xff

/* What an erase unit holds. A digest and not the bytes: hundreds of boards with megabytes of flash each would fill the
 * host's memory. Two contents with one digest would go unnoticed here, but not by verify(). */
typedef struct held {
    bool known;
    uint32_t used;                        /* bytes of the image in it; the rest is erased */
    uint8_t digest[SHA256_DIGEST_LENGTH]; /* of them */
} held;

struct hf_contents {
    const hf_chip *chip;
    held *units;          /* one per erase unit */
    held *after;          /* while a range is programmed: what its units hold afterwards; NULL otherwise */
    uint32_t after_first; /* index of the range's first unit */
};

typedef struct unit {
    uint32_t index;  /* counted over all spans */
    uint32_t offset; /* from the flash's base */
    uint32_t bytes;
} unit;

/* The range to program, as offsets from the start of the flash, and how. */
typedef struct wanted {
    uint32_t offset;
    uint32_t end; /* of the image, exclusive */
    const uint8_t *bytes;
    const hf_flasher_ops *ops;
    void *state;
    hf_deadline deadline;
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

hf_contents *hf_contents_new(const hf_chip *chip)
{
    hf_contents *contents = calloc(1, sizeof *contents);
    if (!contents)
        return NULL;
    contents->chip = chip;
    contents->units = calloc(unit_total(chip), sizeof *contents->units);
    if (contents->units)
        return contents;
    hf_contents_free(contents);
    return NULL;
}

void hf_contents_free(hf_contents *contents)
{
    if (!contents)
        return;
    free(contents->units);
    free(contents);
}

void hf_contents_forget(hf_contents *contents)
{
    memset(contents->units, 0, unit_total(contents->chip) * sizeof *contents->units);
}

/* What the unit holds once the image is programmed. Trailing erased bytes do not count: an image may end with some. */
static held describe(const wanted *want, unit u)
{
    const uint8_t *bytes = want->bytes + (u.offset - want->offset);
    const uint32_t left = want->end - u.offset;
    held after = {.known = true, .used = left < u.bytes ? left : u.bytes};
    while (after.used && bytes[after.used - 1] == ERASED)
        after.used--;
    SHA256_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, bytes, after.used);
    SHA256Final(after.digest, &context);
    return after;
}

/* Describes every unit of the range. */
static hf_status describe_all(hf_contents *contents, const wanted *want, hf_error *err)
{
    const uint32_t first = unit_at(contents->chip, want->offset).index;
    const uint32_t last = unit_at(contents->chip, want->end - 1).index;
    held *after = calloc(last - first + 1, sizeof *after);
    if (!after)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to program %u erase units",
                          last - first + 1);
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(contents->chip, at);
        after[u.index - first] = describe(want, u);
        at = u.offset + u.bytes;
    }
    contents->after = after;
    contents->after_first = first;
    return HF_OK;
}

static held *held_after(const hf_contents *contents, unit u)
{
    return &contents->after[u.index - contents->after_first];
}

static bool unit_matches(const hf_contents *contents, unit u)
{
    const held *before = &contents->units[u.index];
    if (!before->known)
        return false;
    const held *after = held_after(contents, u);
    return before->used == after->used && memcmp(before->digest, after->digest, sizeof after->digest) == 0;
}

static void set_known(hf_contents *contents, const wanted *want, bool known)
{
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(contents->chip, at);
        contents->units[u.index] = known ? *held_after(contents, u) : (held){0};
        at = u.offset + u.bytes;
    }
}

/* Writes whole units from..to; `to` may end at the image instead. */
static hf_status write_run(const hf_contents *contents, const wanted *want, uint32_t from, uint32_t to,
                           hf_error *err)
{
    if (to > want->end)
        to = want->end;
    hf_status status =
        want->ops->write_flash(want->state, contents->chip->flash_base + from,
                               want->bytes + (from - want->offset), to - from, want->deadline, err);
    if (status != HF_OK)
        hf_error_context(err, status == HF_ECANCELLED ? HF_FAULT_NONE : HF_FAULT_BOARD,
                         "programming 0x%08x..0x%08x", contents->chip->flash_base + from,
                         contents->chip->flash_base + to);
    return status;
}

/* Writes every unit that differs from what is known, adjacent ones in one command. */
static hf_status write_changes(hf_contents *contents, const wanted *want, uint32_t *bytes_written,
                               hf_error *err)
{
    uint32_t run_start = 0, run_end = 0; /* empty while equal */
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(contents->chip, at);
        at = u.offset + u.bytes;
        if (unit_matches(contents, u))
            continue;
        *bytes_written += u.bytes;
        contents->units[u.index].known = false; /* until verified */
        if (run_end == u.offset && run_end != run_start) {
            run_end = at;
            continue;
        }
        if (run_end != run_start) {
            hf_status status = write_run(contents, want, run_start, run_end, err);
            if (status != HF_OK)
                return status;
        }
        run_start = u.offset;
        run_end = at;
    }
    if (run_end == run_start)
        return HF_OK;
    return write_run(contents, want, run_start, run_end, err);
}

/* @return HF_OK; HF_EMISMATCH, not recorded in *err; or why the flash could not be verified */
static hf_status verify(hf_contents *contents, const wanted *want, hf_error *err)
{
    hf_error cause = {0};
    hf_status status = want->ops->verify_flash(want->state, contents->chip->flash_base + want->offset,
                                               want->bytes, want->end - want->offset, want->deadline, &cause);
    set_known(contents, want, status == HF_OK);
    if (status == HF_OK || (status == HF_EMISMATCH && cause.status == HF_OK))
        return status;
    if (status != HF_ECANCELLED)
        hf_error_context(&cause, HF_FAULT_BOARD, "verifying 0x%08x..0x%08x",
                         contents->chip->flash_base + want->offset, contents->chip->flash_base + want->end);
    return hf_error_pass(err, &cause);
}

static bool all_known_to_match(const hf_contents *contents, const wanted *want, bool *none_known)
{
    bool match = true;
    *none_known = true;
    for (uint32_t at = want->offset; at < want->end;) {
        unit u = unit_at(contents->chip, at);
        match = match && unit_matches(contents, u);
        *none_known = *none_known && !contents->units[u.index].known;
        at = u.offset + u.bytes;
    }
    return match;
}

static hf_status check_range(const hf_chip *chip, uint32_t address, size_t size_bytes, hf_error *err)
{
    uint32_t offset = address - chip->flash_base;
    if (size_bytes == 0 || offset >= chip->flash_bytes || size_bytes > chip->flash_bytes - offset ||
        unit_at(chip, offset).offset != offset)
        return HF_FAIL(
            err, HF_EINVALID,
            "%zu bytes at 0x%08x: expected the start of an erase unit and a range inside the flash of %s",
            size_bytes, address, chip->name);
    return HF_OK;
}

/* As hf_contents_program(), of a range that is valid and described. */
static hf_status program(hf_contents *contents, const wanted *want, uint32_t *bytes_written, hf_error *err)
{
    uint32_t written = 0;
    bool none_known;
    hf_status status;
    if (all_known_to_match(contents, want, &none_known) || none_known) {
        status = verify(contents, want, err);
    } else {
        status = write_changes(contents, want, &written, err);
        if (status == HF_OK)
            status = verify(contents, want, err);
    }
    if (status == HF_EMISMATCH) { /* no unit is known any more: write them all */
        status = write_changes(contents, want, &written, err);
        if (status == HF_OK)
            status = verify(contents, want, err);
        if (status == HF_EMISMATCH)
            status =
                HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                           "the flash at 0x%08x..0x%08x does not hold what was just written to it",
                           contents->chip->flash_base + want->offset, contents->chip->flash_base + want->end);
    }
    if (status != HF_OK) {
        set_known(contents, want, false);
        return status;
    }
    *bytes_written = written;
    return HF_OK;
}

hf_status hf_contents_program(hf_contents *contents, const hf_flasher_ops *ops, void *state, uint32_t address,
                              const uint8_t *bytes, size_t size_bytes, hf_deadline deadline,
                              uint32_t *bytes_written, hf_error *err)
{
    hf_status status = check_range(contents->chip, address, size_bytes, err);
    if (status != HF_OK)
        return status;
    uint32_t offset = address - contents->chip->flash_base;
    const wanted want = {.offset = offset,
                         .end = offset + (uint32_t)size_bytes,
                         .bytes = bytes,
                         .ops = ops,
                         .state = state,
                         .deadline = deadline};
    status = describe_all(contents, &want, err);
    if (status == HF_OK)
        status = program(contents, &want, bytes_written, err);
    free(contents->after);
    contents->after = NULL;
    return status;
}
