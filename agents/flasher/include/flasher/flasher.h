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
 * A debug probe attached to one chip: it resets the chip, programs and verifies its flash, and reads and
 * writes its memory. OpenOCD is one back end of this interface (openocd/openocd_flasher.h); other tools can
 * be added. The back end sets the fault class of a failure: probe (the connection to the chip) or board (the
 * behaviour of the chip). One thread at a time.
 */

typedef struct hf_flasher hf_flasher;

/**
 * The operations of a back end, with its `state`. Every one except close() may fail with HF_ECANCELLED, or
 * with HF_ETIMEOUT once the deadline has passed.
 */
typedef struct hf_flasher_ops {
    /** Resets the chip and keeps it halted, ready for its flash to be written. */
    hf_status (*reset_halt)(void *state, hf_deadline deadline, hf_error *err);
    /** Resets the chip and lets it run. */
    hf_status (*reset_run)(void *state, hf_deadline deadline, hf_error *err);
    /** Halts the core if it runs. */
    hf_status (*halt)(void *state, hf_deadline deadline, hf_error *err);
    /** Erases every erase unit that the range touches and programs the bytes. The range starts at a unit. */
    hf_status (*write_flash)(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, hf_error *err);
    /** @return HF_EMISMATCH, not recorded in *err, if the flash holds other bytes */
    hf_status (*verify_flash)(void *state, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                              hf_deadline deadline, hf_error *err);
    /** Reads words of memory, while the core runs or is halted. @return HF_ETARGET if the chip refuses */
    hf_status (*read_words)(void *state, uint32_t address, uint32_t *words, uint32_t count,
                            hf_deadline deadline, hf_error *err);
    /** Writes words of RAM. @return HF_ETARGET if the chip refuses */
    hf_status (*write_words)(void *state, uint32_t address, const uint32_t *words, uint32_t count,
                             hf_deadline deadline, hf_error *err);
    /** Waits up to `wait_ms` for the tool to exit. @return HF_OK while it runs, else how it exited */
    hf_status (*ended)(void *state, uint32_t wait_ms, hf_error *err);
    const char *(*version)(const void *state);
    const char *(*last_error)(const void *state);
    void (*close)(void *state);
} hf_flasher_ops;

/**
 * Makes a flasher from a back end that is attached to a chip. The contents of the flash are unknown at first.
 * @param ops   borrowed for the flasher's life (static)
 * @param state owned by the flasher from now on, even if this fails
 * @param chip  borrowed for the flasher's life
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
 * Programs the erase units at `address` that do not hold `bytes` yet, and verifies the whole range. The chip
 * must have been halted by hf_flasher_reset_halt(). When the last unit is written, its rest becomes 0xff.
 *
 * The flasher remembers what it has verified. Nothing changed: only verifies. Some units changed: writes
 * those and verifies. Contents unknown or not as remembered: verifies, and if that fails writes the whole
 * range once.
 * @param address       start of an erase unit
 * @param bytes_written set on success: bytes erased and programmed, in whole units; 0 = the flash was up to
 *                      date
 * @return HF_EINVALID if the range is outside the flash; HF_EMISMATCH (class board) if the flash does not
 *         hold what was just written
 */
hf_status hf_flasher_program(hf_flasher *flasher, uint32_t address, const uint8_t *bytes, size_t size_bytes,
                             hf_deadline deadline, uint32_t *bytes_written, hf_error *err);

/** Discards the knowledge of the flash contents, as if the chip had just been attached. */
void hf_flasher_forget(hf_flasher *flasher);

/** Reads `count` words of memory, 1 .. 1024, from a multiple of 4. @return HF_ETARGET if the chip refuses */
hf_status hf_flasher_read_words(hf_flasher *flasher, uint32_t address, uint32_t *words, uint32_t count,
                                hf_deadline deadline, hf_error *err);

/** Writes `count` words of RAM, 1 .. 1024, at a multiple of 4. @return HF_ETARGET if the chip refuses */
hf_status hf_flasher_write_words(hf_flasher *flasher, uint32_t address, const uint32_t *words, uint32_t count,
                                 hf_deadline deadline, hf_error *err);

/** Waits up to `wait_ms` for the tool to exit. @return HF_OK while it runs, else HF_ECHILD (class probe) with
 * how it exited and its last error */
hf_status hf_flasher_ended(hf_flasher *flasher, uint32_t wait_ms, hf_error *err);

/** The tool's own version line ("Open On-Chip Debugger 0.12.0"). Valid until hf_flasher_close(). */
const char *hf_flasher_version(const hf_flasher *flasher);

/** The first error that the tool reported during the last operation, or "". Valid until the next
 * operation. */
const char *hf_flasher_last_error(const hf_flasher *flasher);

#endif
