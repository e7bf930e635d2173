/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DISPLAY_H
#define HF_CLI_DISPLAY_H

#include <stdbool.h>

#include "farm/run.h"

/**
 * @file display.h
 * A run as it goes: on a terminal a block of live lines (one per board, one for the whole) under the lines of
 * what is finished; otherwise the finished lines alone.
 */
typedef struct hf_display hf_display;

/** @param live redraw in place with ANSI sequences; needs a terminal on stdout */
hf_display *hf_display_new(bool live);
/** Removes the live lines, if any. */
void hf_display_free(hf_display *display);
hf_run_observer hf_display_observer(hf_display *display);

#endif
