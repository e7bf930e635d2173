/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "board_internal.h"

/* firmware/bench/INFO.md, "Nonce block" */
#define BLOCK_WORDS 4u
#define BLOCK_MAGIC 0x434E4648u

static hf_status draw_nonce(uint64_t *nonce, hf_error *err)
{
    do {
        if (getrandom(nonce, sizeof *nonce, 0) != (ssize_t)sizeof *nonce)
            return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot get a random number: %s", strerror(errno));
    } while (*nonce == 0);
    return HF_OK;
}

static hf_status write_and_read_back(hf_flasher *flasher, uint32_t address, const uint32_t block[BLOCK_WORDS],
                                     uint32_t back[BLOCK_WORDS], hf_deadline deadline, hf_error *err)
{
    hf_status status = hf_flasher_halt(flasher, deadline, err);
    if (status == HF_OK)
        status = hf_flasher_write_words(flasher, address, block, BLOCK_WORDS, deadline, err);
    if (status == HF_OK)
        status = hf_flasher_read_words(flasher, address, back, BLOCK_WORDS, deadline, err);
    return status;
}

hf_status hf_board_write_nonce(hf_board *board, hf_deadline deadline, uint64_t *nonce, hf_error *err)
{
    uint64_t drawn;
    hf_status status = draw_nonce(&drawn, err);
    if (status != HF_OK)
        return status;
    const uint32_t low = (uint32_t)drawn, high = (uint32_t)(drawn >> 32);
    const uint32_t block[BLOCK_WORDS] = {BLOCK_MAGIC, low, high, ~(BLOCK_MAGIC ^ low ^ high)};
    const uint32_t address = board->firmware->nonce_block;
    uint32_t back[BLOCK_WORDS];
    status = write_and_read_back(board->flasher, address, block, back, deadline, err);
    if (status != HF_OK) {
        hf_error_context(err, HF_FAULT_NONE, "writing the nonce to the chip's RAM");
        return status;
    }
    if (memcmp(back, block, sizeof block) != 0)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the chip's RAM at 0x%08x does not hold what was written to it: "
                          "0x%08x 0x%08x 0x%08x 0x%08x",
                          (unsigned)address, (unsigned)back[0], (unsigned)back[1], (unsigned)back[2],
                          (unsigned)back[3]);
    *nonce = drawn;
    return HF_OK;
}
