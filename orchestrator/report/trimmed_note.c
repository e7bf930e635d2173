/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rows.h"

#include <stdio.h>
#include <time.h>

void hf_trimmed_note(const hf_run_row *run, char text[HF_TRIMMED_NOTE_SIZE])
{
    text[0] = '\0';
    if (!run->trimmed_ms)
        return;
    char when[32] = "";
    const time_t seconds = (time_t)(run->trimmed_ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(when, sizeof when, "%Y-%m-%d", &local);
    snprintf(text, HF_TRIMMED_NOTE_SIZE,
             "samples, layers, outputs and transcripts were deleted on %s by `hilfarm prune`; latencies are "
             "those of "
             "all samples",
             when);
}
