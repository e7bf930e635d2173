/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "output.h"
#include "repeated_failures.h"
#include "report/render.h"

#define REDRAW_NS       (100 * HF_NS_PER_MS)
#define BAR_CELLS       20
#define MIN_COLUMNS     20
#define DEFAULT_COLUMNS 80

struct hf_display {
    bool live;
    uint32_t lines;    /* live lines on the screen */
    uint64_t drawn_ns; /* when they were drawn */
    hf_repeated_failures *failures;
    hf_buffer block; /* the live lines, to redraw them below an event */
    /* Without live lines: the boards that were said to be reserved. */
    bool *reserved;
    uint32_t board_count;
};

/* Moves to the first live line and clears to the end of the screen. */
static void erase(hf_display *display)
{
    if (display->lines)
        printf("\033[%uF\033[J", display->lines);
    display->lines = 0;
}

static void draw(hf_display *display)
{
    const char *text = hf_buffer_text(&display->block);
    fputs(text, stdout);
    for (; *text; text++)
        display->lines += *text == '\n';
    fflush(stdout);
}

/* Appends a line, cut to the terminal's width: the terminal would wrap it, and the count of lines would be
 * wrong. */
static void put_line(hf_buffer *block, int columns, const char *line)
{
    hf_buffer_printf(block, "%.*s\n", columns - 1, line);
}

/* "quarantine for 25 s: no answer", "given up: no answer", "busy with other_sweep of ann", or only the name of the
 * state */
static void state_line(const hf_board_view *board, char *line, size_t size)
{
    char left[32] = "";
    const bool quarantined = board->status.state == HF_BOARD_QUARANTINE;
    const bool failed = (quarantined || board->status.state == HF_BOARD_LOST) && board->failure[0];
    if (quarantined)
        hf_cli_format_duration(board->quarantine_left_ns, left, sizeof left);
    if (board->status.state == HF_BOARD_BUSY && board->run) {
        snprintf(line, size, "busy with %s%s%s", board->run, board->owner ? " of " : "",
                 board->owner ? board->owner : "");
        return;
    }
    snprintf(line, size, "%s%s%s%s%s", hf_schedule_board_state_name(board->status.state),
             quarantined ? " for " : "", left, failed ? ": " : "", failed ? board->failure : "");
}

#define STEPS_WRITTEN 99 /* more are percent: the column has room for five characters */

/* "run       1/3  NAME  (attempt 2)" */
static void job_line(const hf_board_view *board, char *line, size_t size)
{
    char steps[32] = "", attempt[32] = "";
    if (board->phase_of > STEPS_WRITTEN)
        snprintf(steps, sizeof steps, "%3u %%",
                 (unsigned)(100 * (uint64_t)board->phase_done / board->phase_of));
    else if (board->phase_of > 1)
        snprintf(steps, sizeof steps, "%2u/%-2u", board->phase_done, board->phase_of);
    if (board->status.attempt > 1)
        snprintf(attempt, sizeof attempt, "  (attempt %u)", board->status.attempt);
    snprintf(line, size, "%-8s %-5s  %s%s", hf_phase_name(board->phase), steps, board->job, attempt);
}

void hf_display_board_state(const hf_board_view *board, char *line, size_t size)
{
    if (board->in_use)
        snprintf(line, size, "%s%s",
                 board->status.state == HF_BOARD_IN_USE || board->status.state == HF_BOARD_OPENING
                     ? "waiting: "
                     : "",
                 board->in_use);
    else if (board->status.state != HF_BOARD_BUSY || !board->job)
        state_line(board, line, size);
    else
        job_line(board, line, size);
}

static void board_line(const hf_board_view *board, char *line, size_t size)
{
    int used = snprintf(line, size, "  %-12s %-12s ", board->id, board->chip);
    if (used >= 0 && (size_t)used < size)
        hf_display_board_state(board, line + used, size - (size_t)used);
}

/* "[##..] 2 of 14, 0 failed, 5 s elapsed, about 15 s left" */
static void run_line(const hf_run_view *view, char *line, size_t size)
{
    char bar[BAR_CELLS + 1], elapsed[32], left[64] = "", kept[64] = "";
    const uint32_t final =
        view->progress.done + view->progress.failed + view->progress.not_run + view->pruned;
    const uint32_t filled = view->job_count ? (uint32_t)((uint64_t) final * BAR_CELLS / view->job_count) : 0;
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', filled);
    bar[BAR_CELLS] = '\0';
    hf_cli_format_duration(view->elapsed_ns, elapsed, sizeof elapsed);
    if (view->left_ns != UINT64_MAX && !view->progress.stopping) {
        char duration[32];
        hf_cli_format_duration(view->left_ns, duration, sizeof duration);
        snprintf(left, sizeof left, ", about %s left", duration);
    }
    if (view->kept)
        snprintf(kept, sizeof kept, ", %u records wait for the store%s", view->kept,
                 view->in_memory ? " in memory" : "");
    snprintf(line, size, "[%s] %u of %u, %u failed, %s elapsed%s%s%s", bar, final, view->job_count,
             view->progress.failed, elapsed, left, view->progress.stopping ? ", stopping" : "", kept);
}

/* Without live lines, a run whose boards are reserved would wait without a word. Short of memory, it does. */
static void tell_reserved(hf_display *display, const hf_run_view *view)
{
    uint32_t found = 0;
    if (display->board_count != view->board_count) {
        free(display->reserved);
        display->reserved = calloc(view->board_count + 1u, sizeof *display->reserved);
        display->board_count = view->board_count;
    }
    for (uint32_t i = 0; display->reserved && i < view->board_count; i++) {
        const hf_board_view *board = &view->boards[i];
        const bool is_reserved = board->status.state == HF_BOARD_RESERVED;
        if (is_reserved && !display->reserved[i])
            printf("%s%s", found++ ? ", " : "  reserved, so that no job starts there until it is released: ",
                   board->id);
        display->reserved[i] = is_reserved;
    }
    if (found)
        putchar('\n');
    fflush(stdout);
}

static void on_changed(void *user, const hf_run_view *view)
{
    hf_display *display = user;
    if (!display->live) {
        tell_reserved(display, view);
        return;
    }
    uint64_t now_ns = hf_now_ns();
    if (display->drawn_ns && now_ns - display->drawn_ns < REDRAW_NS)
        return;
    display->drawn_ns = now_ns;
    int columns = hf_cli_columns();
    columns = columns >= MIN_COLUMNS ? columns : DEFAULT_COLUMNS;
    char line[256];
    hf_buffer_clear(&display->block);
    for (uint32_t i = 0; i < view->board_count; i++) {
        board_line(&view->boards[i], line, sizeof line);
        put_line(&display->block, columns, line);
    }
    run_line(view, line, sizeof line);
    put_line(&display->block, columns, line);
    erase(display);
    draw(display);
}

static bool is_failure(const hf_run_event *event)
{
    return event->kind == HF_RUN_EVENT_FAILED || event->kind == HF_RUN_EVENT_NOT_RUN ||
           event->kind == HF_RUN_EVENT_ATTEMPT_FAILED || event->kind == HF_RUN_EVENT_BOARD_FAILED ||
           event->kind == HF_RUN_EVENT_BOARD_QUARANTINED || event->kind == HF_RUN_EVENT_BOARD_GIVEN_UP;
}

/* "[3/14] NAME", where every line about the end of a model begins */
static void print_model(const hf_run_event *event)
{
    printf("[%u/%u] %s", event->finished, event->job_count, event->job);
}

static void print_event(const hf_run_event *event, const char *message)
{
    char latency[32], time[32];
    switch (event->kind) {
    case HF_RUN_EVENT_MEASURED:
        hf_format_ns(event->latency_ns, latency, sizeof latency);
        print_model(event);
        printf(": %s%s on %s (%s)\n", latency, event->modelled ? " modelled" : "", event->board, event->chip);
        break;
    case HF_RUN_EVENT_FAILED:
        print_model(event);
        printf(": FAILED on %s (%s): %s\n", event->chip, hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_PRUNED:
        print_model(event);
        printf(": pruned on %s: %s\n", event->chip, message);
        break;
    case HF_RUN_EVENT_NOT_RUN:
        print_model(event);
        printf(": not run on %s: %s\n", event->chip, message);
        break;
    case HF_RUN_EVENT_ATTEMPT_FAILED:
        printf("  attempt %u of %s on %s failed (%s): %s\n", event->attempt, event->job, event->board,
               hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_BOARD_FAILED:
        printf("  board %s cannot be used (%s): %s\n", event->board, hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_BOARD_QUARANTINED:
        hf_cli_format_duration(event->quarantine_ns, time, sizeof time);
        printf("  board %s quarantined for %s (%s): %s\n", event->board, time, hf_fault_name(event->fault),
               message);
        break;
    case HF_RUN_EVENT_BOARD_GIVEN_UP:
        printf("  board %s given up for this run (%s): %s\n", event->board, hf_fault_name(event->fault),
               message);
        break;
    case HF_RUN_EVENT_BOARD_AWAITED:
        printf("  waiting for board %s: %s\n", event->board, message);
        break;
    case HF_RUN_EVENT_BOARD_IN_USE:
        printf("  continuing without board %s: %s\n", event->board, message);
        break;
    case HF_RUN_EVENT_STORE_WAITS:
        printf("  %s; measuring continues, and results are kept until they can be stored\n", message);
        break;
    case HF_RUN_EVENT_STORE_WRITTEN:
        printf("  the store can be written again, and everything is in it\n");
        break;
    }
}

static void on_event(void *user, const hf_run_event *event)
{
    hf_display *display = user;
    hf_repetition repetition =
        is_failure(event) ? hf_repeated_failures_note(display->failures, event) : HF_REPETITION_NEW;
    if (repetition == HF_REPETITION_SAME_KIND)
        return;
    erase(display);
    print_event(event, repetition == HF_REPETITION_OTHER_KIND ? "see above" : event->message);
    if (display->live)
        draw(display);
    else
        fflush(stdout);
}

void hf_display_note(hf_display *display, const char *line)
{
    erase(display);
    printf("  %s\n", line);
    if (display->live)
        draw(display);
    else
        fflush(stdout);
}

hf_display *hf_display_new(bool live)
{
    hf_display *display = calloc(1, sizeof *display);
    if (display) {
        display->live = live;
        display->failures = hf_repeated_failures_new();
    }
    return display;
}

void hf_display_free(hf_display *display)
{
    if (!display)
        return;
    erase(display);
    hf_repeated_failures_print(display->failures, stdout);
    fflush(stdout);
    hf_repeated_failures_free(display->failures);
    hf_buffer_free(&display->block);
    free(display->reserved);
    free(display);
}

hf_run_observer hf_display_observer(hf_display *display)
{
    return (hf_run_observer){.user = display, .changed = on_changed, .event = on_event};
}
