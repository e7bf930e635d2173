/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_BOARD_CLAIM_H
#define HF_BOARD_BOARD_CLAIM_H

#include "base/clock.h"
#include "base/error.h"
#include "config/board_config.h"

/**
 * @file board_claim.h
 * Exclusive use of a real board without starting anything, for programs that only look at it.
 */

typedef struct hf_board_claim hf_board_claim;

/**
 * Takes the locks that hf_board_open() takes, without waiting: that of the probe, and those of the port if there is
 * one to be found.
 * @param config   of a real board; borrowed until hf_board_claim_release()
 * @param deadline for resolving the name of a terminal server
 * @param lock_dir folder of the locks; NULL = where all users of this host meet
 * @param out      written on HF_OK
 * @return as hf_board_open() while another process uses the board: HF_EBUSY, and the message names that process
 */
hf_status hf_board_claim_try(const hf_board_config *config, hf_deadline deadline, const char *lock_dir,
                             hf_board_claim **out, hf_error *err);

/** NULL allowed. */
void hf_board_claim_release(hf_board_claim *claim);

#endif
