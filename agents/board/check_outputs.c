/* SPDX-License-Identifier: Apache-2.0 */
#include "board_internal.h"

hf_status hf_board_check_outputs(const hf_attempt_request *request, const hf_session_measured *measured,
                                 hf_error *err)
{
    for (uint32_t i = 0; request->layers && request->layer_crc32 && i < request->layer_count; i++)
        if (measured->layers[i].crc32 != request->layer_crc32[i])
            return HF_FAIL_AS(
                err, HF_FAULT_JOB, HF_EMISMATCH,
                "layer %u (%s) is the first whose output differs from the reference: CRC-32 %08x on "
                "the board, %08x expected",
                (unsigned)i, measured->layers[i].op, (unsigned)measured->layers[i].crc32,
                (unsigned)request->layer_crc32[i]);
    if (measured->output_crc32 != request->output_crc32)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH,
                          "the output differs from the reference: CRC-32 %08x on the board, %08x expected%s",
                          (unsigned)measured->output_crc32, (unsigned)request->output_crc32,
                          request->layers && request->layer_crc32 ? ", although all layers agree" : "");
    return HF_OK;
}
