/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "repeated_failures.h"
#include "report/render.h"

#define REDRAW_NS (100 * HF_NS_PER_MS)

struct hf_display {
    bool live;
    uint32_t lines;    /* live lines on the screen now */
    uint64_t drawn_ns; /* when they were drawn */
    hf_told *told;
    hf_buffer block; /* the live lines, to draw them again under a finished one */
};

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 80;
}

/* Up to the first live line, and clear to the end of the screen. */
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

static void format_duration(uint64_t ns, char *text, size_t size)
{
    uint64_t seconds = (ns + HF_NS_PER_S / 2) / HF_NS_PER_S;
    if (seconds < 60)
        snprintf(text, size, "%" PRIu64 " s", seconds);
    else if (seconds < 3600)
        snprintf(text, size, "%" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
    else
        snprintf(text, size, "%" PRIu64 " h %02" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
}

/* Appends a line cut to the terminal's width: a wrapped line would spoil the count of lines to erase. */
static void put_line(hf_buffer *block, int columns, const char *line)
{
    hf_buffer_printf(block, "%.*s\n", columns - 1, line);
}

/* "quarantined for 25 s: no answer", "given up: no answer", or the name of the state alone. */
static void put_state(const hf_board_view *board, char *line, size_t size)
{
    char left[32] = "";
    const bool quarantined = board->status.state == HF_BOARD_QUARANTINE;
    const bool failed = (quarantined || board->status.state == HF_BOARD_LOST) && board->failure[0];
    if (quarantined)
        format_duration(board->quarantine_left_ns, left, sizeof left);
    snprintf(line, size, "%s%s%s%s%s", hf_schedule_board_state_name(board->status.state),
             quarantined ? " for " : "", left, failed ? ": " : "", failed ? board->failure : "");
}

static void board_line(const hf_board_view *board, char *line, size_t size)
{
    int used = snprintf(line, size, "  %-12s %-12s ", board->id, board->chip);
    if (used < 0 || (size_t)used >= size)
        return;
    line += used;
    size -= (size_t)used;
    if (board->in_use)
        snprintf(line, size, "%s%s",
                 board->status.state == HF_BOARD_IN_USE || board->status.state == HF_BOARD_OPENING
                     ? "waiting: "
                     : "",
                 board->in_use);
    else if (board->status.state != HF_BOARD_BUSY || !board->job)
        put_state(board, line, size);
    else if (board->phase_of > 1)
        snprintf(line, size, "%-8s %2u/%-2u  %s%s", hf_phase_name(board->phase), board->phase_done,
                 board->phase_of, board->job, board->status.attempt > 1 ? "  (again)" : "");
    else
        snprintf(line, size, "%-8s        %s%s", hf_phase_name(board->phase), board->job,
                 board->status.attempt > 1 ? "  (again)" : "");
}

static void on_changed(void *user, const hf_run_view *view)
{
    hf_display *display = user;
    if (!display->live)
        return;
    uint64_t now_ns = hf_now_ns();
    if (display->drawn_ns && now_ns - display->drawn_ns < REDRAW_NS)
        return;
    display->drawn_ns = now_ns;
    int columns = terminal_columns();
    char line[256], elapsed[32], left[32] = "";
    hf_buffer_clear(&display->block);
    for (uint32_t i = 0; i < view->board_count; i++) {
        board_line(&view->boards[i], line, sizeof line);
        put_line(&display->block, columns, line);
    }
    uint32_t final = view->progress.done + view->progress.failed + view->progress.not_run + view->pruned;
    format_duration(view->elapsed_ns, elapsed, sizeof elapsed);
    if (view->left_ns != UINT64_MAX && !view->progress.stopping)
        format_duration(view->left_ns, left, sizeof left);
    char bar[21];
    uint32_t filled = view->job_count ? final * 20 / view->job_count : 0;
    memset(bar, '.', 20);
    memset(bar, '#', filled);
    bar[20] = '\0';
    char kept[64] = "";
    if (view->kept)
        snprintf(kept, sizeof kept, ", %u records wait for the store%s", view->kept,
                 view->in_memory ? " in memory" : "");
    snprintf(line, sizeof line, "[%s] %u of %u, %u failed, %s gone%s%s%s%s%s", bar, final, view->job_count,
             view->progress.failed, elapsed, left[0] ? ", about " : "", left, left[0] ? " left" : "",
             view->progress.stopping ? ", stopping" : "", kept);
    put_line(&display->block, columns, line);
    erase(display);
    draw(display);
}

static bool is_trouble(const hf_run_event *event)
{
    return event->kind == HF_RUN_EVENT_FAILED || event->kind == HF_RUN_EVENT_NOT_RUN ||
           event->kind == HF_RUN_EVENT_ATTEMPT_FAILED || event->kind == HF_RUN_EVENT_BOARD_FAILED ||
           event->kind == HF_RUN_EVENT_BOARD_QUARANTINED || event->kind == HF_RUN_EVENT_BOARD_GIVEN_UP;
}

static void on_event(void *user, const hf_run_event *event)
{
    hf_display *display = user;
    char latency[32], time[32];
    hf_told_how told = is_trouble(event) ? hf_told_see(display->told, event) : HF_TOLD_NEW;
    if (told == HF_TOLD_AGAIN)
        return;
    const char *message = told == HF_TOLD_BEFORE ? "the cause above" : event->message;
    erase(display);
    switch (event->kind) {
    case HF_RUN_EVENT_MEASURED:
        hf_format_ns(event->latency_ns, latency, sizeof latency);
        printf("[%u/%u] %s: %s%s on %s (%s)\n", event->finished, event->job_count, event->job, latency,
               event->modelled ? " modelled" : "", event->board, event->chip);
        break;
    case HF_RUN_EVENT_FAILED:
        printf("[%u/%u] %s: FAILED on %s (%s): %s\n", event->finished, event->job_count, event->job,
               event->chip, hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_PRUNED:
        printf("[%u/%u] %s: pruned on %s: %s\n", event->finished, event->job_count, event->job, event->chip,
               event->message);
        break;
    case HF_RUN_EVENT_NOT_RUN:
        printf("[%u/%u] %s: not run on %s: %s\n", event->finished, event->job_count, event->job, event->chip,
               message);
        break;
    case HF_RUN_EVENT_ATTEMPT_FAILED:
        printf("  attempt %u of %s on %s failed (%s): %s\n", event->attempt, event->job, event->board,
               hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_BOARD_FAILED:
        printf("  board %s cannot be used (%s): %s\n", event->board, hf_fault_name(event->fault), message);
        break;
    case HF_RUN_EVENT_BOARD_QUARANTINED:
        format_duration(event->quarantine_ns, time, sizeof time);
        printf("  board %s quarantined for %s (%s): %s\n", event->board, time, hf_fault_name(event->fault),
               message);
        break;
    case HF_RUN_EVENT_BOARD_GIVEN_UP:
        printf("  board %s given up for this run (%s): %s\n", event->board, hf_fault_name(event->fault),
               message);
        break;
    case HF_RUN_EVENT_BOARD_AWAITED:
        printf("  waiting for board %s: %s\n", event->board, event->message);
        break;
    case HF_RUN_EVENT_BOARD_IN_USE:
        printf("  doing without board %s: %s\n", event->board, event->message);
        break;
    case HF_RUN_EVENT_STORE_WAITS:
        printf("  %s; measuring goes on, and what is measured is kept until it can be stored\n",
               event->message);
        break;
    case HF_RUN_EVENT_STORE_WRITTEN:
        printf("  the store can be written again: all that was kept is in it\n");
        break;
    }
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
        display->told = hf_told_new();
    }
    return display;
}

void hf_display_free(hf_display *display)
{
    if (!display)
        return;
    erase(display);
    hf_told_print_counts(display->told, stdout);
    fflush(stdout);
    hf_told_free(display->told);
    hf_buffer_free(&display->block);
    free(display);
}

hf_run_observer hf_display_observer(hf_display *display)
{
    return (hf_run_observer){.user = display, .changed = on_changed, .event = on_event};
}
