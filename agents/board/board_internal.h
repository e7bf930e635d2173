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
/* After a failure, how long to look whether a child process has ended: its sockets close a little before it
 * does. */
#define END_WAIT_MS 500u

/* <dir>/hilfarm-<chip>.bin and <dir>/small/hilfarm-<chip>.bin, which lacks kernels that few models need. */
enum { HF_FIRMWARE_FULL, HF_FIRMWARE_SMALL, HF_FIRMWARE_FLAVOURS };

/* The bench firmware as it is to be in flash (firmware/bench/INFO.md). */
typedef struct hf_firmware {
    uint8_t *bytes;
    size_t size;
    char id[HF_FIRMWARE_ID_SIZE]; /* build identifier, hexadecimal */
    char version[20];
    uint32_t nonce_block; /* address in the chip's RAM */
    hf_firmware_footprint footprint;
} hf_firmware;

/* The core's clock as the host found it: once, unless its source changes. */
typedef struct hf_board_clock {
    bool compared;
    char source[12];
    double ratio; /* 0 = modelled, or could not be told */
} hf_board_clock;

struct hf_board {
    const hf_board_config *config;
    hf_board_options options; /* with defaults filled in */
    hf_board_hooks hooks;
    char *vboard_path; /* owns what the options point to */
    const hf_chip *chip;
    hf_lock *lock; /* of a real board's probe, or of a virtual board in its work folder */
    hf_lock *port_locks[HF_SERIAL_MAX_ADDRESSES];
    char port_keys[HF_SERIAL_MAX_ADDRESSES][HF_SERIAL_KEY_SIZE]; /* what they lock; "" = nothing */
    char file_stem[FILE_PATH_BYTES];                             /* of the board's files in the work folder */
    hf_firmware flavours[HF_FIRMWARE_FLAVOURS];                  /* no bytes: there is none */
    const hf_firmware *firmware;                                 /* the one that is to be in flash */
    hf_transcript *transcript;
    hf_watch watch;
    hf_child *vboard;
    hf_flasher *flasher;
    struct hf_serial *serial;
    bool up;        /* everything above is running and trusted */
    bool keep_slow; /* the faster speed did not work out: measure at HF_SESSION_RESET_BAUD */
    hf_board_clock clock;
    char flasher_version[80];
};

/* Reads and checks <dir>/hilfarm-<chip>.bin. Failures: class farm. */
hf_status hf_firmware_read(const char *dir, const hf_chip *chip, hf_firmware *out, hf_error *err);
/* The same of both flavours; a folder may have no small/. */
hf_status hf_firmware_read_all(const char *dir, const hf_chip *chip, hf_firmware out[HF_FIRMWARE_FLAVOURS],
                               hf_error *err);
void hf_firmware_free(hf_firmware *firmware);
/* The small flavour if the other would leave no room for the image, and the small one does. */
const hf_firmware *hf_board_choose_firmware(const hf_board *board, const hf_attempt_request *request);

/* Locks what is known of the board before anything is started: a real board's probe, or a virtual board's
 * place in its work folder. Failures as hf_lock_take(). */
hf_status hf_board_lock(hf_board *board, hf_error *err);
/* Locks the port that was found, by each of its keys, letting go of one that was locked before. */
hf_status hf_board_lock_port(hf_board *board, const hf_serial_address *address, hf_error *err);
void hf_board_unlock(hf_board *board);

/* Settles the names of the board's files in the work folder. */
hf_status hf_board_name_files(hf_board *board, hf_error *err);
/* Path of one of the board's files in the work folder. */
void hf_board_file(const hf_board *board, const char *suffix, char path[FILE_PATH_BYTES + 8]);

/* Starts hilfarm-vboard if need be and the flasher, and opens the serial line; on failure all is stopped
 * again. */
hf_status hf_board_start(hf_board *board, hf_error *err);
void hf_board_stop(hf_board *board);

/* Starts hilfarm-vboard and waits until it is ready; watches it from then on. */
hf_status hf_board_start_vboard(hf_board *board, hf_deadline deadline, hf_error *err);

/* Opens the flasher that the farm file describes: the one place that knows what tools there are. */
hf_status hf_board_open_flasher(hf_board *board, hf_deadline deadline, hf_error *err);

/* Asks the chip, which the flasher is attached to, whether it is a virtual board's and the farm file does not
 * say so: HF_EMISMATCH, class board. What a model says must never pass as measured on silicon. */
hf_status hf_board_check_silicon(hf_board *board, hf_deadline deadline, hf_error *err);

/*
 * Leaves a fresh nonce in the chip's RAM, halting it if it runs: the firmware that comes up after the next
 * reset carries it in all its frames (firmware/bench/INFO.md). Failures: class probe or board; board when the
 * RAM does not hold what was written.
 */
hf_status hf_board_leave_nonce(hf_board *board, hf_deadline deadline, uint64_t *nonce, hf_error *err);

/* Every phase of an attempt but START, on a board that is up. */
hf_status hf_board_measure(hf_board *board, const hf_attempt_request *request, hf_deadline deadline,
                           hf_attempt_result *result, hf_phase *phase, hf_error *err);

/* Compares the core's clock with the host's, with a run between the two calls; waits if that took too little
 * time. Nothing happens once it is known. @param ratio out: to clock_hz; 0 = modelled, or could not be told
 */
hf_status hf_board_clock_begin(hf_board *board, hf_session *session, const hf_session_id *id,
                               hf_clock_reading *first, hf_error *err);
hf_status hf_board_clock_end(hf_board *board, hf_session *session, const hf_session_id *id,
                             const hf_clock_reading *first, double *ratio, hf_error *err);

/* Is it the chip of the farm file, running the firmware and seeing the image that were just verified in
 * flash? */
hf_status hf_board_check_identity(const hf_board *board, const hf_attempt_request *request,
                                  const hf_session_id *id, const hf_session_model *model, hf_error *err);
/* Do the output and every layer equal the reference? The first that does not is named. Class job. */
hf_status hf_board_check_outputs(const hf_attempt_request *request, const hf_session_measured *measured,
                                 hf_error *err);

#endif
