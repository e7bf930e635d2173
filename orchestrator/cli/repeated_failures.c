/* SPDX-License-Identifier: Apache-2.0 */
#include "repeated_failures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CAUSES 1000u /* further ones are told whenever they come */

typedef struct cause {
    hf_run_event_kind kind;
    char *message;
    char *first; /* the model or board that it was told of */
    uint32_t more;
} cause;

struct hf_told {
    cause causes[MOST_CAUSES];
    uint32_t count;
};

hf_told *hf_told_new(void)
{
    return calloc(1, sizeof(hf_told));
}

void hf_told_free(hf_told *told)
{
    for (uint32_t i = 0; told && i < told->count; i++) {
        free(told->causes[i].message);
        free(told->causes[i].first);
    }
    free(told);
}

static void add(hf_told *told, const hf_run_event *event)
{
    const char *first = event->job ? event->job : event->board;
    if (told->count == MOST_CAUSES)
        return;
    cause *c = &told->causes[told->count];
    *c = (cause){.kind = event->kind, .message = strdup(event->message), .first = strdup(first)};
    if (c->message && c->first) {
        told->count++;
        return;
    }
    free(c->message);
    free(c->first);
}

hf_told_how hf_told_see(hf_told *told, const hf_run_event *event)
{
    if (!told)
        return HF_TOLD_NEW;
    bool before = false;
    for (uint32_t i = 0; i < told->count; i++) {
        cause *c = &told->causes[i];
        if (strcmp(c->message, event->message) != 0)
            continue;
        before = true;
        if (c->kind == event->kind) {
            c->more++;
            return HF_TOLD_AGAIN;
        }
    }
    add(told, event);
    return before ? HF_TOLD_BEFORE : HF_TOLD_NEW;
}

void hf_told_print_counts(const hf_told *told, FILE *to)
{
    for (uint32_t i = 0; told && i < told->count; i++) {
        const cause *c = &told->causes[i];
        const char *s = c->more == 1 ? "" : "s";
        if (!c->more)
            continue;
        switch (c->kind) {
        case HF_RUN_EVENT_FAILED:
            fprintf(to, "  %u more model%s failed for the same cause as %s\n", c->more, s, c->first);
            break;
        case HF_RUN_EVENT_NOT_RUN:
            fprintf(to, "  %u more model%s not run for the same cause as %s\n", c->more, s, c->first);
            break;
        case HF_RUN_EVENT_ATTEMPT_FAILED:
            fprintf(to, "  %u more attempt%s failed like that of %s\n", c->more, s, c->first);
            break;
        default:
            fprintf(to, "  %u more time%s a board could not be used, like %s\n", c->more, s, c->first);
            break;
        }
    }
}
