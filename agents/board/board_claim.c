/* SPDX-License-Identifier: Apache-2.0 */
#include "board/board_claim.h"

#include <stdlib.h>

#include "board_internal.h"

struct hf_board_claim {
    hf_board board; /* holds locks only: it is never started */
};

hf_status hf_board_claim_try(const hf_board_config *config, hf_deadline deadline, const char *lock_dir,
                             hf_board_claim **out, hf_error *err)
{
    hf_board_claim *claim = calloc(1, sizeof *claim);
    if (!claim)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    claim->board.config = config;
    claim->board.hooks.lock_dir = lock_dir;
    hf_status status = hf_board_lock(&claim->board, err);
    hf_serial_address address;
    if (status == HF_OK && hf_serial_find(config, deadline, NULL, &address, NULL) == HF_OK)
        status = hf_board_lock_port(&claim->board, &address, err);
    if (status == HF_OK)
        *out = claim;
    else
        hf_board_claim_release(claim);
    return status;
}

void hf_board_claim_release(hf_board_claim *claim)
{
    if (claim)
        hf_board_unlock(&claim->board);
    free(claim);
}
