/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the board that answers is the one just flashed, with its firmware and image. */
#include <string.h>

#include "board_internal.h"
#include "engine/format.h"

/* From the image's header; 0 for an image that is too short to have one. */
static uint32_t image_crc32(const hf_attempt_request *request)
{
    hf_image_header header = {0};
    size_t bytes = request->image_bytes < sizeof header ? request->image_bytes : sizeof header;
    memcpy(&header, request->image, bytes);
    return bytes >= HF_IMAGE_CRC_START ? header.crc32 : 0;
}

hf_status hf_board_check_identity(const hf_board *board, const hf_attempt_request *request,
                                  const hf_session_id *id, const hf_session_model *model, hf_error *err)
{
    if (strcmp(id->chip, board->chip->name) != 0)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the board reports chip '%s', the farm file has '%s'", id->chip, board->chip->name);
    if (strcmp(id->firmware, board->firmware->id) != 0)
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                          "the board runs firmware %s, but %s was just verified in its flash", id->firmware,
                          board->firmware->id);
    if (strcmp(model->state, "ok") != 0)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_ETARGET, "the board rejects the model image: %s (%s)",
                          model->state, model->reason);
    const uint32_t crc32 = image_crc32(request);
    if (model->crc32 != crc32 || model->image_bytes != request->image_bytes)
        return HF_FAIL_AS(
            err, HF_FAULT_BOARD, HF_EMISMATCH,
            "the board sees a model image of %u bytes with CRC-32 %08x, but %zu bytes with %08x were "
            "just verified in its flash",
            (unsigned)model->image_bytes, (unsigned)model->crc32, request->image_bytes, (unsigned)crc32);
    if (model->layers != request->layer_count)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH,
                          "the image has %u layers on the board, expected %u", (unsigned)model->layers,
                          (unsigned)request->layer_count);
    return HF_OK;
}
