/* SPDX-License-Identifier: Apache-2.0 */
#include "board_internal.h"

hf_status hf_board_check_outputs(const hf_attempt_request *request, uint32_t step,
                                 const hf_session_measured *measured, hf_error *err)
{
    const bool layers = step == 0 && request->layers && request->layer_crc32;
    const uint32_t expected = step ? request->further[step - 1].output_crc32 : request->output_crc32;
    for (uint32_t i = 0; layers && i < request->layer_count; i++)
        if (measured->layers[i].crc32 != request->layer_crc32[i])
            return HF_FAIL_AS(
                err, HF_FAULT_JOB, HF_EMISMATCH,
                "layer %u (%s) is the first whose output differs from the reference: CRC-32 %08x on "
                "the board, %08x expected",
                (unsigned)i, measured->layers[i].op, (unsigned)measured->layers[i].crc32,
                (unsigned)request->layer_crc32[i]);
    if (measured->output_crc32 != expected)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EMISMATCH,
                          "the output differs from the reference: CRC-32 %08x on the board, %08x expected%s",
                          (unsigned)measured->output_crc32, (unsigned)expected,
                          layers ? ", although all layers agree" : "");
    return HF_OK;
}
