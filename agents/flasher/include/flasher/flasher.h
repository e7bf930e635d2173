/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FLASHER_FLASHER_H
#define HF_FLASHER_FLASHER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "chips/chips.h"

/**
 * @file flasher.h
 * A debug probe attached to one chip: it resets the chip, writes and verifies its flash, and reads and writes
 * its memory. One interface; behind it OpenOCD (openocd/openocd_flasher.h), and room for other tools. A back end says
 * whose fault a failure is: the probe's (the way to the chip) or the board's (what the chip did). One thread
 * at a time.
 */

typedef struct hf_flasher hf_flasher;

/**
 * What a back end does; `state` is its own. Every call but close() may fail with HF_ECANCELLED, or with
 * HF_ETIMEOUT once the deadline has passed.
 */
typedef struct hf_flasher_ops {
    /** Resets the chip and keeps it halted, ready for its flash to be written. */
    hf_status (*reset_halt)(void *state, hf_deadline deadline, hf_error *err);
    /** Resets the chip and lets it run. */
    hf_status (*reset_run)(void *state, hf_deadline deadline, hf_error *err);
    /** Halts the core if it runs. */
    hf_status (*halt)(void *state, hf_deadline deadline, hf_error *err);
    /** Erases every erase unit that the range touches and programs the bytes. The range begins
     * with a unit. */
    hf_status (*write_flash)(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, hf_error *err);
    /** @return HF_EMISMATCH, not recorded in *err, when the flash holds other bytes */
    hf_status (*verify_flash)(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                              hf_deadline deadline, hf_error *err);
    /** Reads words of memory, whether the core runs or not. @return HF_ETARGET when the chip refuses */
    hf_status (*read_words)(void *state, uint32_t address, uint32_t *words, uint32_t count,
                            hf_deadline deadline, hf_error *err);
    /** Writes words of RAM. @return HF_ETARGET when the chip refuses */
    hf_status (*write_words)(void *state, uint32_t address, const uint32_t *words, uint32_t count,
                             hf_deadline deadline, hf_error *err);
    /** Waits up to `wait_ms` for the tool to end. @return HF_OK while it works, else how it ended */
    hf_status (*ended)(void *state, uint32_t wait_ms, hf_error *err);
    const char *(*version)(const void *state);
    const char *(*last_error)(const void *state);
    void (*close)(void *state);
} hf_flasher_ops;

/**
 * Makes a flasher of a back end that is attached to a chip. Nothing is known of the chip's flash yet.
 * @param ops   borrowed for the flasher's life (static)
 * @param state owned by the flasher from now on, also if this fails
 * @param chip  borrowed; static storage anyway
 */
hf_status hf_flasher_new(const hf_flasher_ops *ops, void *state, const hf_chip *chip, hf_flasher **out,
                         hf_error *err);

/** Detaches from the chip. NULL allowed. */
void hf_flasher_close(hf_flasher *flasher);

/** Resets the chip and keeps it halted, ready for hf_flasher_program(). */
hf_status hf_flasher_reset_halt(hf_flasher *flasher, hf_deadline deadline, hf_error *err);

/** Resets the chip and lets it run what is in its flash. */
hf_status hf_flasher_reset_run(hf_flasher *flasher, hf_deadline deadline, hf_error *err);

/** Halts the core if it runs. */
hf_status hf_flasher_halt(hf_flasher *flasher, hf_deadline deadline, hf_error *err);

/**
 * Makes the flash at `address` hold `bytes`. The chip must be halted by hf_flasher_reset_halt(). The rest of
 * the last erase unit becomes 0xff whenever that unit is written.
 *
 * What is in the flash is verified before it is relied on: nothing changed = verified only; something changed
 * = only that is written; contents unknown, or other than remembered = everything is written, once.
 * @param address       start of an erase unit
 * @param bytes_written set on success: flash bytes erased and programmed, whole units; 0 = nothing had
 * changed
 * @return HF_EINVALID for a range that is not in the flash; HF_EMISMATCH (class board) when the flash does
 * not hold what was just written
 */
hf_status hf_flasher_program(hf_flasher *flasher, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, uint32_t *bytes_written, hf_error *err);

/** Forgets what was verified, as if the chip had just been attached to. */
void hf_flasher_forget(hf_flasher *flasher);

/** Reads `count` words of memory, 1 .. 1024, from a multiple of 4. @return HF_ETARGET when
 * the chip refuses */
hf_status hf_flasher_read_words(hf_flasher *flasher, uint32_t address, uint32_t *words, uint32_t count,
                                hf_deadline deadline, hf_error *err);

/** Writes `count` words of RAM, 1 .. 1024, from a multiple of 4. @return HF_ETARGET when the chip refuses */
hf_status hf_flasher_write_words(hf_flasher *flasher, uint32_t address, const uint32_t *words, uint32_t count,
                                 hf_deadline deadline, hf_error *err);

/** Whether the tool has ended, waiting up to `wait_ms` for that. @return HF_OK while it works, else HF_ECHILD
 * (class probe) saying how it ended and what it said before */
hf_status hf_flasher_ended(hf_flasher *flasher, uint32_t wait_ms, hf_error *err);

/** The tool's own version line ("Open On-Chip Debugger 0.12.0"). Valid until hf_flasher_close(). */
const char *hf_flasher_version(const hf_flasher *flasher);

/** The first error that the tool itself reported during the last operation, or "". Valid until the next. */
const char *hf_flasher_last_error(const hf_flasher *flasher);

#endif
