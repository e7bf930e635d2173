/* SPDX-License-Identifier: Apache-2.0 */
#include "repeated_failures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CAUSES 1000u /* further causes count as new each time */

typedef struct cause {
    hf_run_event_kind kind;
    char *message;
    char *first; /* model or board of its first event */
    uint32_t more;
} cause;

struct hf_repeated_failures {
    cause causes[MAX_CAUSES];
    uint32_t count;
};

hf_repeated_failures *hf_repeated_failures_new(void)
{
    return calloc(1, sizeof(hf_repeated_failures));
}

void hf_repeated_failures_free(hf_repeated_failures *failures)
{
    for (uint32_t i = 0; failures && i < failures->count; i++) {
        free(failures->causes[i].message);
        free(failures->causes[i].first);
    }
    free(failures);
}

static void add(hf_repeated_failures *failures, const hf_run_event *event)
{
    const char *first = event->job ? event->job : event->board;
    if (failures->count == MAX_CAUSES)
        return;
    cause *c = &failures->causes[failures->count];
    *c = (cause){.kind = event->kind, .message = strdup(event->message), .first = strdup(first)};
    if (c->message && c->first) {
        failures->count++;
        return;
    }
    free(c->message);
    free(c->first);
}

/* Quarantines and give-ups are always printed; the cause was shown with the failure. */
static bool follows_failure(const hf_run_event *event)
{
    return event->kind == HF_RUN_EVENT_BOARD_QUARANTINED || event->kind == HF_RUN_EVENT_BOARD_GIVEN_UP;
}

hf_repetition hf_repeated_failures_note(hf_repeated_failures *failures, const hf_run_event *event)
{
    if (!failures)
        return HF_REPETITION_NEW;
    bool before = false;
    for (uint32_t i = 0; i < failures->count; i++) {
        cause *c = &failures->causes[i];
        if (strcmp(c->message, event->message) != 0)
            continue;
        before = true;
        if (follows_failure(event))
            return HF_REPETITION_OTHER_KIND;
        if (c->kind == event->kind) {
            c->more++;
            return HF_REPETITION_SAME_KIND;
        }
    }
    add(failures, event);
    return before ? HF_REPETITION_OTHER_KIND : HF_REPETITION_NEW;
}

void hf_repeated_failures_print(const hf_repeated_failures *failures, FILE *to)
{
    for (uint32_t i = 0; failures && i < failures->count; i++) {
        const cause *c = &failures->causes[i];
        const char *s = c->more == 1 ? "" : "s";
        if (!c->more)
            continue;
        switch (c->kind) {
        case HF_RUN_EVENT_FAILED:
            fprintf(to, "  %u more model%s failed for the same reason as %s\n", c->more, s, c->first);
            break;
        case HF_RUN_EVENT_NOT_RUN:
            fprintf(to, "  %u more model%s not run for the same reason as %s\n", c->more, s, c->first);
            break;
        case HF_RUN_EVENT_ATTEMPT_FAILED:
            fprintf(to, "  %u more attempt%s failed like the one of %s\n", c->more, s, c->first);
            break;
        default:
            fprintf(to, "  %u more board%s failed for the same reason as %s\n", c->more, s, c->first);
            break;
        }
    }
}
