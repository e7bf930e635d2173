/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_INTERNAL_H
#define HF_BOARD_INTERNAL_H

#include "board/board.h"
#include "board_hooks.h"
#include "chips/chips.h"
#include "flasher/flasher.h"
#include "lock.h"
#include "process/child.h"
#include "serial/address.h"
#include "session/session.h"

#define FILE_PATH_BYTES 128u
#define FILE_NAME_BYTES 48u /* hf_file_name() makes 41 characters at most */
/* After a failure, how long to wait for a child process to end: its sockets close shortly before it exits. */
#define END_WAIT_MS 500u

/* <dir>/hilfarm-<chip>.bin, and <dir>/small/hilfarm-<chip>.bin without kernels that few models need. */
enum { HF_FIRMWARE_FULL, HF_FIRMWARE_SMALL, HF_FIRMWARE_FLAVOURS };

/* The bench firmware (firmware/bench/INFO.md). */
typedef struct hf_firmware {
    const uint8_t *bytes; /* shared by all boards with the same firmware */
    size_t size;
    char id[HF_FIRMWARE_ID_SIZE]; /* build identifier, hexadecimal */
    char version[20];
    uint32_t nonce_block; /* address in the chip's RAM */
    hf_firmware_footprint footprint;
} hf_firmware;

/* The core's clock measured by the host; once, unless its source changes. */
typedef struct hf_board_clock {
    bool compared;
    char source[12];
    double ratio; /* 0 = modelled, or unknown */
} hf_board_clock;

struct hf_board {
    const hf_board_config *config;
    hf_board_options options; /* with defaults filled in */
    hf_board_hooks hooks;
    char *vboard_path; /* owns the string in the options */
    const hf_chip *chip;
    hf_lock *lock; /* of a real board's probe, or of a virtual board's files */
    hf_lock *port_locks[HF_SERIAL_MAX_ADDRESSES];
    char port_keys[HF_SERIAL_MAX_ADDRESSES][HF_SERIAL_KEY_SIZE]; /* what they lock; "" = none */
    char file_stem[FILE_PATH_BYTES];            /* path prefix of the board's files in the work folder */
    hf_firmware flavours[HF_FIRMWARE_FLAVOURS]; /* without bytes: not available */
    const hf_firmware *firmware;                /* the one to have in flash */
    hf_transcript *transcript;
    hf_watch watch;
    hf_child *vboard;
    hf_flasher *flasher;
    struct hf_serial *serial;
    bool up;                /* everything above is running and in a known state */
    bool needs_power_cycle; /* before the next start */
    bool keep_slow;         /* the faster speed failed: measure at HF_SESSION_RESET_BAUD */
    hf_board_clock clock;
    char flasher_version[80];
};

/* Reads and checks <dir>/hilfarm-<chip>.bin. Failures: class farm. */
hf_status hf_firmware_read(const char *dir, const hf_chip *chip, hf_firmware *out, hf_error *err);
/* Reads both flavours; small/ is optional. */
hf_status hf_firmware_read_all(const char *dir, const hf_chip *chip, hf_firmware out[HF_FIRMWARE_FLAVOURS],
                               hf_error *err);
void hf_firmware_free(hf_firmware *firmware);
/* Returns the small flavour if the image fits beside that one only and has no operator that it lacks, else the full
 * one. */
const hf_firmware *hf_board_choose_firmware(const hf_board *board, const hf_attempt_request *request);

/* Locks a real board's probe, or a virtual board's files in the work folder, before anything is started.
 * Failures as hf_lock_acquire(). */
hf_status hf_board_lock(hf_board *board, hf_error *err);
/* Locks the port by each of its keys, and releases a port locked before. */
hf_status hf_board_lock_port(hf_board *board, const hf_serial_address *address, hf_error *err);
void hf_board_unlock(hf_board *board);

/* Chooses the names of the board's files in the work folder. */
hf_status hf_board_name_files(hf_board *board, hf_error *err);
/* The path of one of the board's files in the work folder. */
void hf_board_file(const hf_board *board, const char *suffix, char path[FILE_PATH_BYTES + 8]);

/* Checks options and configuration, reads the firmware and takes the first lock. */
hf_status hf_board_prepare(hf_board *board, const hf_board_options *options, hf_error *err);

/* Starts the flasher, for a virtual board first hilfarm-vboard, and opens the serial line. On failure
 * everything is stopped again. */
hf_status hf_board_start(hf_board *board, hf_error *err);
/* The same without a flasher unless it is wanted, and with another speed. */
hf_status hf_board_start_line(hf_board *board, bool with_flasher, uint32_t baud, hf_error *err);
/* As hf_board_start(), but power-cycles a board that failed, or fails to start, if the farm file says how. */
hf_status hf_board_start_powered(hf_board *board, hf_error *err);
/* Whether a power cycle may cure the failure, and the farm file says how to do it. */
bool hf_board_power_can_help(const hf_board *board, const hf_error *cause);
/* Run the farm's hooks around an attempt, if there are any. The first fails the attempt (class board); the
 * second is told the outcome in `cause`, and its own failure is noted in the transcript only. */
hf_status hf_board_before_attempt(hf_board *board, const hf_attempt_request *request, hf_error *err);
void hf_board_after_attempt(hf_board *board, const hf_attempt_request *request, const hf_error *cause);
void hf_board_stop(hf_board *board);
/* Stops it, releases its locks and frees what it owns, but not the structure itself. */
void hf_board_release(hf_board *board);

/* Starts hilfarm-vboard and waits until it is ready; watches it from then on. */
hf_status hf_board_start_vboard(hf_board *board, hf_deadline deadline, hf_error *err);

/* Opens the flasher that the farm file describes. The only place that knows the available tools. */
hf_status hf_board_open_flasher(hf_board *board, hf_deadline deadline, hf_error *err);

/* Checks that a board that the farm file calls real is not a virtual one: HF_EMISMATCH, class board. Modelled
 * figures must never pass as measured on silicon. */
hf_status hf_board_check_silicon(hf_board *board, hf_deadline deadline, hf_error *err);

/*
 * Halts the chip and writes a new nonce to its RAM: after the next reset the firmware sends it in all its
 * frames (firmware/bench/INFO.md). Failures: class probe or board; board if the RAM does not hold what was
 * written.
 */
hf_status hf_board_write_nonce(hf_board *board, hf_deadline deadline, uint64_t *nonce, hf_error *err);

/* An attempt in progress. */
typedef struct hf_attempt {
    hf_board *board;
    const hf_attempt_request *request;
    hf_attempt_result *result;
    hf_deadline deadline;
    hf_session *session;
    hf_session_id id;
    hf_phase *phase;
    uint64_t phase_start_ns;
    uint32_t inferred,
        to_infer; /* timed inferences of all inputs; to_infer 0 = there is one input: phases count their own steps */
} hf_attempt;

/* Begins a phase; what has passed counts for the one before. A phase may be entered several times. */
void hf_attempt_enter(hf_attempt *attempt, hf_phase phase);
/* Tells the caller of the attempt how far the phase has come. */
void hf_attempt_report(const hf_attempt *attempt, uint32_t done, uint32_t of);
/* The phases INPUT, RUN and CHECK, for each inference of the request; on success moves what was measured to the result. */
hf_status hf_attempt_run_steps(hf_attempt *attempt, hf_error *err);

/* All phases of an attempt except START, on a board that is up. */
hf_status hf_board_measure(hf_board *board, const hf_attempt_request *request, hf_deadline deadline,
                           hf_attempt_result *result, hf_phase *phase, hf_error *err);

/* Compare the core's clock with the host's over a run between the two calls; the second one waits if the run
 * was too short. They do nothing once the ratio is known. @param ratio out: measured / clock_hz; 0 =
 * modelled, or unknown */
hf_status hf_board_clock_begin(hf_board *board, hf_session *session, const hf_session_id *id,
                               hf_clock_reading *first, hf_error *err);
hf_status hf_board_clock_end(hf_board *board, hf_session *session, const hf_session_id *id,
                             const hf_clock_reading *first, double *ratio, hf_error *err);

/* Checks that the board is the chip of the farm file, and runs the firmware and sees the image just verified
 * in its flash. */
hf_status hf_board_check_identity(const hf_board *board, const hf_attempt_request *request,
                                  const hf_session_id *id, const hf_session_model *model, hf_error *err);
/* Checks that the output of an inference of the request equals the reference, and of the first one also every layer; names
 * the first that differs. @param step 0 = the first. Class job. */
hf_status hf_board_check_outputs(const hf_attempt_request *request, uint32_t step,
                                 const hf_session_measured *measured, hf_error *err);

#endif
