/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DOCTOR_DOCTOR_H
#define HF_DOCTOR_DOCTOR_H

#include "base/buffer.h"
#include "discovery/discovery.h"
#include "spec/farm_file.h"

/**
 * @file doctor.h
 * Checks of everything on this host that a run needs, without touching a board.
 */

typedef enum hf_doctor_verdict {
    HF_DOCTOR_OK,
    HF_DOCTOR_WARN, /**< runs work, but something deserves attention */
    HF_DOCTOR_FAIL, /**< runs cannot work, or not on this board */
} hf_doctor_verdict;

typedef struct hf_doctor_options {
    const hf_farm *farm;
    const hf_discovery *found; /**< probes and ports of this host */
    const char *openocd_path;  /**< NULL = "openocd" from PATH */
    const char *vboard_path;   /**< NULL = hilfarm's own */
    const char *firmware_dir;
    const char *store_path; /**< need not exist */
    const char *lock_dir;   /**< of the locks of boards; NULL = where all users of this host meet */
    /** Receives each result. @param remedy how to fix it; NULL = nothing to fix */
    void (*report)(void *user, hf_doctor_verdict verdict, const char *subject, const char *text,
                   const char *remedy);
    void *user;
} hf_doctor_options;

/**
 * Makes all checks. The port of a real board is opened and closed; nothing is sent. Before that the board is locked as in
 * a run, so that one in use is left alone. The store is not changed.
 */
void hf_doctor_examine(const hf_doctor_options *options);

/** The results as JSON: collect them with hf_doctor_json_add(). */
typedef struct hf_doctor_json hf_doctor_json;

/** @return NULL when out of memory */
hf_doctor_json *hf_doctor_json_new(void);
/** To be passed as hf_doctor_options.report, with `user` an hf_doctor_json. */
void hf_doctor_json_add(void *user, hf_doctor_verdict verdict, const char *subject, const char *text,
                        const char *remedy);
/** @param out receives one object and a line feed; check `failed` */
void hf_doctor_json_render(const hf_doctor_json *json, hf_buffer *out);
void hf_doctor_json_free(hf_doctor_json *json);

/** "ok", "warn", "fail" */
const char *hf_doctor_verdict_name(hf_doctor_verdict verdict);

#endif
