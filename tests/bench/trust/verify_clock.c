/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "board_internal.h"
#include "farm/prepare.h"

/*
 * At what core clock an STM32L4R5 is programmed and verified: an attempt as a run makes it, on a virtual
 * board; when its flash phase is over, the flasher reads the chip's clock registers. After a reset they say 4
 * MHz; only the reset-init event of OpenOCD's own target script raises that. Prints a
 * `metric,value,unit,goal,better` row.
 */

#define MODEL "mobilenetv1_0.2_48_c3_o2_l5"

enum { RCC_CR = 0x40021000, RCC_CFGR = 0x40021008 };

typedef struct look {
    hf_board *board;
    double core_mhz; /* 0 until the flash phase has ended */
} look;

static bool read_register(hf_board *board, uint32_t address, uint32_t *value)
{
    hf_error err = {0};
    if (hf_flasher_read_words(board->flasher, address, value, 1, hf_deadline_in_ms(5000), &err) == HF_OK)
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

/* RM0432, RCC_CR and RCC_CFGR: the core's clock while its source is the MSI without a prescaler. */
static double core_mhz(uint32_t cr, uint32_t cfgr)
{
    static const double range_mhz[] = {0.1, 0.2, 0.4, 0.8, 1, 2, 4, 8, 16, 24, 32, 48, 0, 0, 0, 0};
    bool from_msi = (cfgr & 0xC) == 0, undivided = (cfgr & 0xF0) == 0, range_of_cr = cr & 8;
    if (!from_msi || !undivided)
        return 0;
    return range_of_cr ? range_mhz[cr >> 4 & 15] : 4; /* else RCC_CSR's range, 4 MHz after a reset */
}

/* Called at the start of each phase: the start of RESET ends programming and verifying. */
static void see_phase(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    (void)done;
    (void)of;
    look *self = user;
    uint32_t cr, cfgr;
    if (phase == HF_PHASE_RESET && read_register(self->board, RCC_CR, &cr) &&
        read_register(self->board, RCC_CFGR, &cfgr))
        self->core_mhz = core_mhz(cr, cfgr);
}

static bool attempt(look *self, hf_error *err)
{
    hf_prepared model = {0};
    hf_prepare_request prepare = {.input_seed = 1};
    if (hf_source_parse(MODEL, &prepare.source, err) != HF_OK || hf_prepare(&prepare, &model, err) != HF_OK)
        return false;
    hf_attempt_request request = {
        .name = MODEL,
        .image = model.image.bytes,
        .image_bytes = model.image.size,
        .layer_count = model.image.op_count,
        .input_bytes = model.input_bytes,
        .input_seed = 1,
        .input_crc32 = model.input_crc32,
        .output_crc32 = model.output_crc32,
        .runs = 1,
        .progress = see_phase,
        .progress_user = self,
    };
    hf_attempt_result result = {0};
    hf_status status = hf_board_attempt(self->board, &request, &result, err);
    if (status != HF_OK)
        fprintf(stderr, "%s\n", hf_board_transcript(self->board));
    hf_attempt_result_free(&result);
    hf_prepared_free(&model);
    return status == HF_OK;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s FIRMWARE_DIR VBOARD\n", argv[0]);
        return 2;
    }
    char work_dir[] = "/tmp/hilfarm-XXXXXX";
    if (!mkdtemp(work_dir))
        return 3;
    hf_board_config config = {.id = "bench", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600};
    hf_board_options options = {
        .firmware_dir = argv[1], .vboard_path = argv[2], .work_dir = work_dir, .cpu = 0, .cancel_fd = -1};
    hf_error err = {0};
    look self = {0};
    bool good = hf_board_open(&config, &options, &self.board, &err) == HF_OK && attempt(&self, &err);
    if (good)
        printf("verify_core_mhz,%g,MHz,24,higher\n", self.core_mhz);
    else
        fprintf(stderr, "%s\n", err.message);
    hf_board_close(self.board);
    (void)hf_remove_tree(work_dir, NULL); /* a leftover folder in /tmp is harmless */
    return good ? 0 : 1;
}
