/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DISPLAY_H
#define HF_CLI_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "run_view/run_view.h"

/**
 * @file display.h
 * Shows a run in progress: a line per event; on a terminal also live lines below them, one per board and one
 * for the whole run.
 */
typedef struct hf_display hf_display;

/** @param live with live lines, redrawn in place by ANSI sequences; standard output must be a terminal */
hf_display *hf_display_new(bool live);
/** Removes the live lines, if any. */
void hf_display_free(hf_display *display);
/** What a board does now, in one line: "flash 3/12 NAME", "given up: no answer", "idle". */
void hf_display_board_state(const hf_board_view *board, char *line, size_t size);

/** Prints a line, as for an event. */
void hf_display_note(hf_display *display, const char *line);
hf_run_observer hf_display_observer(hf_display *display);

#endif
