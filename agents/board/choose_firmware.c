/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "board_internal.h"
#include "engine/format.h"

/* Whether the image has an operator that only the full flavour can execute. The image was compiled on this host; should
 * its records be damaged, the firmware rejects it. */
static int has_rare_operator(const hf_attempt_request *request)
{
    hf_image_header header;
    if (request->image_bytes < sizeof header)
        return 0;
    memcpy(&header, request->image, sizeof header);
    size_t at = sizeof header;
    for (uint32_t i = 0; i < header.op_count && at + sizeof(hf_op_record) <= request->image_bytes; i++) {
        hf_op_record record;
        memcpy(&record, request->image + at, sizeof record);
        if (record.op >= HF_IMAGE_OP_FIRST_RARE)
            return 1;
        at += sizeof record;
    }
    return 0;
}

const hf_firmware *hf_board_choose_firmware(const hf_board *board, const hf_attempt_request *request)
{
    const hf_firmware *full = &board->flavours[HF_FIRMWARE_FULL];
    const hf_firmware *small = &board->flavours[HF_FIRMWARE_SMALL];
    const uint64_t limit = request->rom_limit_bytes;
    const int is_needed = limit > 0 && full->size + request->image_bytes > limit;
    const int fits = small->bytes && small->size + request->image_bytes <= limit;
    return is_needed && fits && !has_rare_operator(request) ? small : full;
}
