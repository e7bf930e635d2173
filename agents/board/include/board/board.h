/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_BOARD_H
#define HF_BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "chips/chips.h"
#include "config/board_config.h"
#include "figures/figures.h"

/**
 * @file board.h
 * One board of the farm, real or virtual, and one attempt to measure a model image on it: flash what changed,
 * verify, reset, identify, send the input, warm up, measure. Blocking calls with deadlines; one thread per
 * board, and it must live until hf_board_close(): when it ends, the kernel kills the children it started.
 */

/** Where time went in an attempt; also what progress callbacks name. */
#define HF_PHASE_MAP(X)                                                                                      \
    X(START, "start")       /* OpenOCD and, for a virtual board, hilfarm-vboard; zero when already up */     \
    X(FLASH, "flash")       /* erase, program and verify, firmware included when it had to be written */     \
    X(RESET, "reset")       /* reset until the firmware answers */                                           \
    X(IDENTIFY, "identify") /* hello, speed change, checks of firmware and image */                          \
    X(INPUT, "input")       /* staging the input */                                                          \
    X(RUN, "run")           /* warm-up, timed runs, per-layer run, with their records */                     \
    X(CHECK, "check")       /* comparing, bookkeeping */

typedef enum hf_phase {
#define HF_PHASE_ENUM(name, text) HF_PHASE_##name,
    HF_PHASE_MAP(HF_PHASE_ENUM)
#undef HF_PHASE_ENUM
        HF_PHASE_COUNT
} hf_phase;

const char *hf_phase_name(hf_phase phase);

typedef struct hf_board_options {
    const char *openocd_path; /**< NULL = "openocd" from PATH */
    const char *vboard_path;  /**< NULL = "hilfarm-vboard" beside the running program, then PATH */
    const char *firmware_dir; /**< holds hilfarm-<chip>.bin, and perhaps small/hilfarm-<chip>.bin */
    const char *work_dir; /**< for sockets, locks and temporary files; exists; its path under 60 characters */
    int cpu;              /**< pin OpenOCD and the virtual board to this CPU; -1 = do not */
    int cancel_fd;        /**< readable = give up soon with HF_ECANCELLED; -1 = none */
    hf_board_deadlines deadlines;
    char **
        open_transcript; /**< NULL = not wanted; when hf_board_open() fails, set to what OpenOCD and the board
                              said until then (the caller's to free()), or left as it is if nothing was */
    const char
        *script_dir; /**< where OpenOCD scripts are looked for too, the farm file's folder; NULL = nowhere */
    const char *lock_dir; /**< locks of real boards; NULL = /run/lock, or /tmp where that cannot be written */
} hf_board_options;

typedef struct hf_attempt_request {
    const char *name;     /**< of the variation, for messages */
    const uint8_t *image; /**< model image as hf_compile() made it; borrowed during the call */
    size_t image_bytes;
    uint64_t rom_limit_bytes; /**< of firmware and image: the firmware's small flavour is taken if only that
                                 keeps it; 0: none */
    uint32_t layer_count;     /**< operators in the image */
    const uint8_t *input;     /**< input tensor bytes, or NULL to use input_seed; borrowed */
    size_t input_bytes;       /**< of the input tensor, in both cases */
    uint32_t input_seed;      /**< of the generator in firmware/proto/SPEC.md */
    uint32_t input_crc32;     /**< what the staged input must have */
    uint32_t output_crc32; /**< the host reference's output; a different one on the board is a job failure */
    const uint32_t *layer_crc32; /**< the reference's layers, layer_count of them, or NULL; borrowed */
    uint32_t warmup;             /**< inferences before the timed ones, 0 .. 1000 */
    uint32_t runs;               /**< timed inferences, 1 .. 10000 */
    bool layers;                 /**< one further inference timed layer by layer */
    void (*progress)(void *user, hf_phase phase, uint32_t done, uint32_t of); /**< NULL = none; any thread */
    void *progress_user;
} hf_attempt_request;

typedef struct hf_attempt_result {
    hf_sample *samples; /**< owned, sample_count */
    uint32_t sample_count;
    hf_layer *layers; /**< owned, layer_count; NULL without per-layer measurement */
    uint32_t layer_count;
    uint32_t clock_hz;     /**< core clock the firmware reported */
    char clock_source[12]; /**< and what it comes from: firmware/proto/SPEC.md */
    double clock_ratio;    /**< core clock by the host's, to clock_hz; 0 = modelled, or could not be told */
    HF_RESULT_FIGURES(HF_MEMORY_MEMBER) /* as the firmware reported them */
    uint32_t output_crc32;
    uint32_t firmware_bytes;   /**< flash the firmware occupies */
    char firmware_id[44];      /**< build identifier the board reported, equal to the file's */
    char firmware_version[32]; /**< as the board reported it */
    bool modelled;             /**< from a virtual board: timing is a model, not a measurement */
    uint64_t phase_ns[HF_PHASE_COUNT];
    uint64_t total_ns;
    uint32_t bytes_written;  /**< flash bytes programmed, 0 = nothing had changed */
    uint32_t serial_retries; /**< requests repeated because a frame was lost or garbled */
} hf_attempt_result;

void hf_attempt_result_free(hf_attempt_result *result);

typedef struct hf_board hf_board;

/**
 * Locks the board (nobody else on this host may use it), starts what it needs and attaches.
 * @param config, options borrowed until hf_board_close()
 * Failures are classed: board, probe, serial or farm. HF_EBUSY means that somebody else uses the board, and
 * the message says who: "in use by process 12 of user ann (hilfarm run x.yaml)".
 */
hf_status hf_board_open(const hf_board_config *config, const hf_board_options *options, hf_board **out,
                        hf_error *err);

/**
 * The same, but while somebody else uses the board (HF_EBUSY) it is tried again every second.
 * @param wait_ms for how long; 0 = not at all
 * @param waiting told who has it, whenever that is somebody new; NULL = not wanted
 * @return as hf_board_open(): HF_EBUSY when the time is over
 */
hf_status hf_board_open_waiting(const hf_board_config *config, const hf_board_options *options,
                                uint64_t wait_ms, void (*waiting)(void *user, const char *who), void *user,
                                hf_board **out, hf_error *err);

/** Stops the children (terminated, then killed), frees the lock. NULL allowed. */
void hf_board_close(hf_board *board);

/**
 * One attempt. After a failure of class probe, serial or board the board is in an unknown state: the next
 * attempt starts the flasher (and a virtual board) again by itself.
 * @param result zeroed by the call; filled on HF_OK only; free with hf_attempt_result_free()
 */
hf_status hf_board_attempt(hf_board *board, const hf_attempt_request *request, hf_attempt_result *result,
                           hf_error *err);

/** What the flasher and the serial line said since the last attempt began, for people. Valid until the next
 * call.
 */
const char *hf_board_transcript(hf_board *board);

/** The flasher's version line ("Open On-Chip Debugger 0.12.0"), "" before it was attached. Valid until close.
 */
const char *hf_board_flasher_version(const hf_board *board);

#define HF_FIRMWARE_ID_SIZE 44
/**
 * Build identifier of a chip's firmware, from <dir>/hilfarm-<chip>.bin, or, if it equals `like`, that of its
 * small flavour, <dir>/small/hilfarm-<chip>.bin; what a board reports must equal it.
 * @param like NULL = none
 */
hf_status hf_firmware_id(const char *dir, const hf_chip *chip, const char *like, char id[HF_FIRMWARE_ID_SIZE],
                         hf_error *err);

/**
 * What the firmware of a chip takes, from <dir>/hilfarm-<chip>.bin (firmware/bench/INFO.md); of flash what
 * the small flavour does, if there is one: that much any image needs beside it. Errors are those of opening a
 * board with it: class farm.
 */
hf_status hf_firmware_measure(const char *dir, const hf_chip *chip, hf_firmware_footprint *out,
                              hf_error *err);

#endif
