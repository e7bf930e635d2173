/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_RUN_VIEWS_H
#define HF_DAEMON_RUN_VIEWS_H

#include "daemon_state.h"

/**
 * @file run_views.h
 * What clients that follow a run or the farm are shown, at most every 250 ms and only if somebody follows. Events are
 * sent at once, or together if the last were sent less than 100 ms ago.
 */

/** A run, a board or the queue has changed: it is shown soon. */
void hf_views_changed(hf_daemon *daemon);
/** Shows a run at once, to a client that has just come. Nothing until the run is under way. */
void hf_views_show_run(hf_daemon_run *run);
/** Shows boards and queue at once. */
void hf_views_show_farm(hf_daemon *daemon);
/** Renders the queue (hf_api_queue). */
hf_status hf_views_render_queue(hf_daemon *daemon, hf_buffer *out, hf_error *err);
/** Sends an event of a run to its followers. */
void hf_views_event(hf_daemon_run *run, const hf_run_event *event);

#endif
