/* SPDX-License-Identifier: Apache-2.0 */
#include "board_internal.h"

void hf_attempt_report(const hf_attempt *a, uint32_t done, uint32_t of)
{
    if (a->request->progress)
        a->request->progress(a->request->progress_user, *a->phase, done, of);
}

void hf_attempt_enter(hf_attempt *a, hf_phase phase)
{
    uint64_t now_ns = hf_now_ns();
    if (a->phase_start_ns)
        a->result->phase_ns[*a->phase] += now_ns - a->phase_start_ns;
    *a->phase = phase;
    a->phase_start_ns = now_ns;
    hf_transcript_note(a->board->transcript, "phase %s", hf_phase_name(phase));
    /* The phases of one input after the other make one progress, which does not begin again with each. */
    if (a->to_infer)
        hf_attempt_report(a, a->inferred, a->to_infer);
    else
        hf_attempt_report(a, 0, 1);
}
