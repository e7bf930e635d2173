/* SPDX-License-Identifier: Apache-2.0 */
#include "board_internal.h"

const hf_firmware *hf_board_choose_firmware(const hf_board *board, const hf_attempt_request *request)
{
    const hf_firmware *full = &board->flavours[HF_FIRMWARE_FULL];
    const hf_firmware *small = &board->flavours[HF_FIRMWARE_SMALL];
    const uint64_t limit = request->rom_limit_bytes;
    const int is_needed = limit > 0 && full->size + request->image_bytes > limit;
    return is_needed && small->bytes && small->size + request->image_bytes <= limit ? small : full;
}
