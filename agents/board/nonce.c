/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "board_internal.h"

/* firmware/bench/INFO.md, "Nonce block" */
#define BLOCK_WORDS 4u
#define BLOCK_MAGIC 0x434E4648u

static hf_status draw(uint64_t *nonce, hf_error *err)
{
    do {
        if (getrandom(nonce, sizeof *nonce, 0) != (ssize_t)sizeof *nonce)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no random number from the system: %s",
                              strerror(errno));
    } while (*nonce == 0);
    return HF_OK;
}

/* Whether OpenOCD's list of numbers is the block. */
static bool same(const char *list, const uint32_t block[BLOCK_WORDS])
{
    for (uint32_t i = 0; i < BLOCK_WORDS; i++) {
        char *end;
        errno = 0;
        unsigned long word = strtoul(list, &end, 0);
        if (end == list || errno != 0 || word != block[i])
            return false;
        list = end;
    }
    return true;
}

hf_status hf_board_leave_nonce(hf_board *board, hf_deadline deadline, uint64_t *nonce, hf_error *err)
{
    uint64_t drawn;
    hf_status status = draw(&drawn, err);
    if (status != HF_OK)
        return status;
    const uint32_t low = (uint32_t)drawn, high = (uint32_t)(drawn >> 32);
    const uint32_t block[BLOCK_WORDS] = {BLOCK_MAGIC, low, high, ~(BLOCK_MAGIC ^ low ^ high)};
    const uint32_t address = board->firmware->nonce_block;
    const char *back = "";
    status = hf_openocd_eval(board->openocd, deadline, &back, err,
                             "halt; write_memory 0x%08x 32 {0x%08x 0x%08x 0x%08x 0x%08x}; "
                             "read_memory 0x%08x 32 %u",
                             address, block[0], block[1], block[2], block[3], address, BLOCK_WORDS);
    if (status != HF_OK) {
        hf_error_context(err, HF_FAULT_NONE, "leaving the nonce in the chip's RAM");
        return status;
    }
    if (!same(back, block))
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the chip's RAM at 0x%08x does not hold what was written to it: %.80s", address,
                          back);
    *nonce = drawn;
    return HF_OK;
}
