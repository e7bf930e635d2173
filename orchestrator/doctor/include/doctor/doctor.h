/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DOCTOR_DOCTOR_H
#define HF_DOCTOR_DOCTOR_H

#include "discovery/discovery.h"
#include "spec/farm_file.h"

/**
 * @file doctor.h
 * Checks of everything on this host that a run needs, without touching a board.
 */

typedef enum hf_verdict {
    HF_VERDICT_OK,
    HF_VERDICT_WARN, /**< runs work, but something deserves attention */
    HF_VERDICT_FAIL, /**< runs cannot work, or not on this board */
} hf_verdict;

typedef struct hf_doctor_options {
    const hf_farm *farm;
    const hf_discovery *found; /**< probes and ports of this host */
    const char *openocd_path;  /**< NULL = "openocd" from PATH */
    const char *firmware_dir;
    const char *store_path; /**< need not exist */
    /** Receives each result. @param remedy how to fix it; NULL = nothing to fix */
    void (*report)(void *user, hf_verdict verdict, const char *subject, const char *text, const char *remedy);
    void *user;
} hf_doctor_options;

/** Makes all checks. Ports of boards are opened and closed; nothing is sent to them. */
void hf_doctor_examine(const hf_doctor_options *options);

#endif
