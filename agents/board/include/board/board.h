/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_BOARD_H
#define HF_BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "board/phase.h"
#include "chips/chips.h"
#include "config/board_config.h"
#include "figures/figures.h"

/**
 * @file board.h
 * One board of the farm, real or virtual, and attempts to measure a model image on it: flash what changed,
 * verify, reset, identify, send the input, warm up, measure. Calls block, with deadlines. Each board has its
 * own thread, which must live until hf_board_close(): when it ends, the kernel kills the children it started.
 */

/** Inferences in an attempt. */
#define HF_ATTEMPT_MAX_STEPS 1000

typedef struct hf_board_options {
    const char *openocd_path; /**< NULL = "openocd" from PATH */
    const char *vboard_path;  /**< NULL = "hilfarm-vboard" in the program's folder, then PATH */
    const char *firmware_dir; /**< holds hilfarm-<chip>.bin and optionally small/hilfarm-<chip>.bin */
    const char *work_dir; /**< for sockets, locks and temporary files; must exist, path under 60 characters */
    int cpu;              /**< CPU for OpenOCD and the virtual board; -1 = any */
    int cancel_fd;        /**< readable = fail with HF_ECANCELLED; -1 = none */
    hf_board_deadlines deadlines; /**< for opening, and for attempts that have none of their own */
    /** NULL = not needed; if hf_board_open() fails, set to the transcript so far, which the caller must
     * free(), or unchanged if there is none */
    char **open_transcript;
    /** Told what the board says on its serial line, on the board's thread; must not wait. NULL = nobody listens.
     * @param bytes NULL: as many of them were lost on the way from another host */
    void (*heard)(void *user, const void *bytes, size_t size);
    /** Whether anybody listens now, so that another host need not send it. NULL = always. Any thread; must not wait */
    bool (*is_heard)(void *user);
    void *heard_user;
    const char *script_dir; /**< additional folder of OpenOCD scripts, that of the farm file; NULL = none */
} hf_board_options;

/** A further inference of an attempt: what the board is given, and what it must answer. */
typedef struct hf_attempt_step {
    const uint8_t *input;  /**< input tensor bytes, or NULL to use input_seed; borrowed */
    uint32_t input_seed;   /**< as in hf_attempt_request */
    uint32_t input_crc32;  /**< expected of the staged input, states included */
    uint32_t output_crc32; /**< expected output tensor */
    bool
        continues; /**< a sequence: takes the states that the inference before it left, and only the model's inputs
                       from `input`. Otherwise `input` has initial states, if there are any */
} hf_attempt_step;

/** A state of a model: bytes of its output tensor that belong to the next inference's input tensor. */
typedef struct hf_attempt_state {
    uint32_t from;  /**< offset in the output tensor */
    uint32_t to;    /**< offset in the input tensor */
    uint32_t bytes; /**< at least 1 */
} hf_attempt_state;

/** An attempt consists of one or more inferences, each of which is warmed up, timed and compared on its own. The members
 * `input` to `layer_crc32` are those of the first one. */
typedef struct hf_attempt_request {
    const char *name;     /**< of the variation, for messages */
    const uint8_t *image; /**< model image from hf_compile(); borrowed during the call */
    size_t image_bytes;
    const char *image_sha256; /**< of the image, in hexadecimal; NULL = not known; borrowed */
    bool image_mapped;        /**< the image is a mapping of a file: its pages need not stay in memory */
    /** for firmware and image together: the small firmware flavour is used if only that fits; 0 = no limit */
    uint64_t rom_limit_bytes;
    uint32_t layer_count;  /**< operators in the image */
    const uint8_t *input;  /**< input tensor bytes, or NULL to use input_seed; borrowed */
    size_t input_bytes;    /**< size of the input tensor, in both cases */
    uint32_t input_seed;   /**< for the generator in firmware/proto/SPEC.md */
    uint32_t input_crc32;  /**< expected of the staged input */
    uint32_t output_crc32; /**< expected output, from the host's reference; a mismatch is class job */
    /** expected outputs of the layers, layer_count of them, or NULL; borrowed */
    const uint32_t *layer_crc32;
    const hf_attempt_step *further; /**< the inferences after the first, in order; borrowed */
    uint32_t further_count;         /**< less than HF_ATTEMPT_MAX_STEPS */
    const hf_attempt_state *states; /**< borrowed; not needed if no step continues */
    uint32_t state_count;
    uint32_t
        inputs_bytes;  /**< the part of the input tensor before the states; not needed if no step continues */
    uint32_t warmup;   /**< inferences before the timed ones, 0 .. 1000; each starts from the same states */
    uint32_t runs;     /**< timed inferences, 1 .. 10000; each starts from the same states */
    bool layers;       /**< the first inference once more, timed per layer */
    bool keep_outputs; /**< read the output tensors from the board */
    size_t output_bytes; /**< size of the output tensor; not needed without keep_outputs */
    /** of this attempt; 0 = the default; NULL = those of hf_board_options; copied */
    const hf_board_deadlines *deadlines;
    void (*progress)(void *user, hf_phase phase, uint32_t done, uint32_t of); /**< NULL = none; any thread */
    void *progress_user;
} hf_attempt_request;

typedef struct hf_attempt_result {
    hf_sample *samples;    /**< owned, sample_count: `runs` of the first inference, of the second, ... */
    uint32_t sample_count; /**< runs * step_count */
    uint32_t step_count;   /**< inferences that were compared */
    uint8_t *outputs; /**< owned: the output tensors, step_count * output_bytes; NULL without keep_outputs */
    size_t output_bytes; /**< of one of them */
    hf_layer *layers;    /**< owned, layer_count; NULL without per-layer timing */
    uint32_t layer_count;
    uint32_t clock_hz;     /**< core clock, as reported by the firmware */
    char clock_source[12]; /**< its source: see firmware/proto/SPEC.md */
    double clock_ratio;    /**< core clock measured by the host / clock_hz; 0 = modelled, or unknown */
    HF_RESULT_FIGURES(HF_MEMORY_MEMBER) /* as reported by the firmware */
    uint32_t output_crc32;              /**< of the first inference */
    uint32_t firmware_bytes;            /**< flash used by the firmware */
    char firmware_id[44];      /**< build identifier reported by the board, equal to that of the file */
    char firmware_version[32]; /**< as reported by the board */
    bool modelled;             /**< from a virtual board: timing is a model, not a measurement */
    uint64_t phase_ns[HF_PHASE_COUNT];
    uint64_t total_ns;
    uint32_t bytes_written;  /**< flash bytes programmed; 0 = the flash was up to date */
    uint32_t serial_retries; /**< requests repeated because a frame was lost or garbled */
} hf_attempt_result;

void hf_attempt_result_free(hf_attempt_result *result);

/** Replaces each deadline that is 0 by its default. */
void hf_board_deadlines_complete(hf_board_deadlines *deadlines);

typedef struct hf_board hf_board;

/**
 * Locks the board for exclusive use on this host, starts its processes and attaches to it.
 * @param config, options borrowed until hf_board_close()
 * @return failures are class board, probe, serial or farm. HF_EBUSY: another process uses the board; the
 *         message names it: "in use by process 12 of user ann (hilfarm run x.yaml)"
 */
hf_status hf_board_open(const hf_board_config *config, const hf_board_options *options, hf_board **out,
                        hf_error *err);

/** Stops the child processes (SIGTERM, then SIGKILL) and releases the locks. NULL allowed. */
void hf_board_close(hf_board *board);

/**
 * Makes one attempt. After a failure of class probe, serial or board the state of the board is unknown: the
 * next attempt restarts the flasher, and a virtual board.
 * @param result zeroed by the call; filled on HF_OK only; free with hf_attempt_result_free()
 */
hf_status hf_board_attempt(hf_board *board, const hf_attempt_request *request, hf_attempt_result *result,
                           hf_error *err);

/** The transcript of flasher and serial line since the start of the last attempt. Valid until the next
 * call. */
const char *hf_board_transcript(hf_board *board);

/** The flasher's version line ("Open On-Chip Debugger 0.12.0"); "" before it is attached. Valid until
 * close. */
const char *hf_board_flasher_version(const hf_board *board);

/** Open files that a process needs for boards that are all open at once, and for itself. */
uint64_t hf_boards_open_files(uint32_t board_count);
/** Raises this process's limit on open files to that. @return HF_ELIMIT (class farm, permanent) if it is not allowed */
hf_status hf_boards_allow_open_files(uint32_t board_count, hf_error *err);

/** The default of hf_board_options.vboard_path: beside this program if it is there. @return freed by the caller; NULL when
 * out of memory */
char *hf_board_default_vboard(void);

#define HF_FIRMWARE_ID_SIZE 44
/**
 * Reads the build identifier of a chip's firmware from <dir>/hilfarm-<chip>.bin. If `like` is the identifier
 * of the small flavour, <dir>/small/hilfarm-<chip>.bin, returns that one instead.
 * @param like NULL = none
 */
hf_status hf_firmware_id(const char *dir, const hf_chip *chip, const char *like, char id[HF_FIRMWARE_ID_SIZE],
                         hf_error *err);

/**
 * Reads the memory footprint of a chip's firmware from <dir>/hilfarm-<chip>.bin (firmware/bench/INFO.md). The
 * flash is that of the small flavour, if there is one: the least that any image has to share the flash with.
 * Failures: class farm, as when opening a board.
 */
hf_status hf_firmware_measure(const char *dir, const hf_chip *chip, hf_firmware_footprint *out,
                              hf_error *err);

#endif
