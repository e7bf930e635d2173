/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DOCTOR_CHECKS_H
#define HF_DOCTOR_CHECKS_H

#include "doctor/doctor.h"

/**
 * @file checks.h
 * The groups of checks, and how they report.
 */

/** Reports a result. @param remedy NULL = nothing to fix */
void hf_doctor_report(const hf_doctor_options *options, hf_doctor_verdict verdict, const char *subject,
                      const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** @return the next chip of the farm, each once. @param next the board to continue at, from 0 */
const hf_chip *hf_doctor_next_chip(const hf_farm *farm, uint32_t *next);

/** Shortens a path to its nearest part that exists, at least one level up. @return in `path` or static storage */
const char *hf_doctor_existing_folder(char *path);

void hf_check_openocd(const hf_doctor_options *options);
void hf_check_boards(const hf_doctor_options *options);
void hf_check_host(const hf_doctor_options *options);
void hf_check_files(const hf_doctor_options *options);
void hf_check_daemon(const hf_doctor_options *options);
void hf_check_broker(const hf_doctor_options *options);

/** Reports a limit. @param what "open files" @param allowed UINT64_MAX = unlimited @param remedy if it is too low */
void hf_check_limit(const hf_doctor_options *options, const char *what, uint64_t needed, uint64_t allowed,
                    const char *remedy);

/** Reports the free space of a file system. @param free_bytes for ordinary users */
void hf_check_free_space(const hf_doctor_options *options, const char *folder, uint64_t free_bytes);

#endif
