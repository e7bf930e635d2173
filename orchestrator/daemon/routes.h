/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_ROUTES_H
#define HF_DAEMON_ROUTES_H

#include "daemon_state.h"

/**
 * @file routes.h
 * The routes of the API (API.md). Each handler is named after its route; `user` is the daemon.
 */

extern const hf_http_route hf_daemon_routes[];
extern const size_t hf_daemon_route_count;

/* route_daemon.c */
hf_http_handler hf_get_daemon;
/* route_boards.c */
hf_http_handler hf_get_boards, hf_get_board, hf_post_board;
/* route_consoles.c */
hf_http_handler hf_post_board_console, hf_post_console_input, hf_post_console_close;
/* route_history.c */
hf_http_handler hf_get_board_history, hf_get_variations, hf_get_trend;
/* route_analyzer.c */
hf_http_handler hf_get_families, hf_get_scorecard;
/* route_sessions.c */
hf_http_handler hf_post_sessions, hf_get_session;
/* route_log.c */
hf_http_handler hf_get_log;
/* route_metrics.c */
hf_http_handler hf_get_metrics;
/* route_dashboard.c */
hf_http_handler hf_get_dashboard;
/* route_files.c */
hf_http_handler hf_put_file, hf_head_file;
hf_http_receive hf_receive_file;
/* route_submit.c */
hf_http_handler hf_post_runs, hf_post_run_resume;
/* route_runs.c */
hf_http_handler hf_get_queue, hf_get_runs, hf_get_run;
/* route_changes.c */
hf_http_handler hf_post_run_cancel, hf_post_run_priority, hf_post_run_tag;
/* route_reports.c */
hf_http_handler hf_get_report;
/* route_events.c */
hf_http_handler hf_get_run_events, hf_get_events;

#endif
