/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of a command that is told of a run's end. configs/FORMAT.md, "Nights", describes them. */
#include <stdio.h>
#include <stdlib.h>

#include "report/night_report.h"

static char *variable(const char *name, const char *value)
{
    char *text = NULL;
    return asprintf(&text, "HILFARM_%s=%s", name, value ? value : "") < 0 ? NULL : text;
}

static char *number_variable(const char *name, long long value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", value);
    return variable(name, text);
}

bool hf_night_make_variables(const hf_night *night, char *variables[HF_NIGHT_VARIABLES + 1])
{
    hf_buffer subject = HF_BUFFER_INIT;
    hf_night_counts counts;
    hf_night_count(night, &counts);
    hf_night_render_subject(night, &subject);
    const hf_run_row *run = &night->report->run;
    char *const all[HF_NIGHT_VARIABLES] = {
        variable("SUBJECT", hf_buffer_text(&subject)),
        variable("STATUS", counts.green ? "green" : "red"),
        variable("STATE", hf_run_state_name(run->state)),
        variable("SPEC", run->name),
        variable("OWNER", run->owner),
        variable("RUN", run->key),
        number_variable("RUN_NUMBER", run->id),
        number_variable("FAILED", (long long)counts.failed + (long long)counts.not_run),
        number_variable("REGRESSED", (long long)counts.regressed),
        variable("REPORT", night->folder),
    };
    size_t used = 0;
    for (size_t i = 0; i < HF_NIGHT_VARIABLES; i++)
        if (all[i])
            variables[used++] = all[i];
    variables[used] = NULL;
    const bool complete = used == HF_NIGHT_VARIABLES && !subject.failed;
    hf_buffer_free(&subject);
    if (!complete)
        hf_night_free_variables(variables);
    return complete;
}

void hf_night_free_variables(char **variables)
{
    for (char **each = variables; *each; each++) {
        free(*each);
        *each = NULL;
    }
}
