/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_DAEMON_STATE_H
#define HF_DAEMON_DAEMON_STATE_H

#include <pthread.h>

#include "access.h"
#include "api/run.h"
#include "daemon/daemon.h"
#include "event_ring.h"
#include "farm/controller.h"
#include "health/monitor.h"
#include "http/server.h"
#include "loop_calls.h"
#include "plan.h"
#include "pool.h"
#include "sessions.h"
#include "spool/spool.h"

/**
 * @file daemon_state.h
 * The daemon, its runs and boards. All of it belongs to the loop's thread, except what a comment says otherwise about;
 * a run belongs to one thread at a time while it begins and ends.
 */

typedef struct hf_daemon hf_daemon;

/** A run from its acceptance to its end. */
typedef struct hf_daemon_run {
    hf_daemon *daemon;
    hf_submitted submitted;
    hf_run_plan plan;
    hf_store *store; /**< its own handle, from its beginning to its end; NULL = it has not begun */
    hf_report earlier;
    bool resumed;         /**< `earlier` is the run as it was */
    bool was_over;        /**< the daemon before died between the run's end and its note of it */
    bool recorded;        /**< it has begun in the store, and must end there */
    int64_t run_id;       /**< in the store; 0 = not there yet */
    char *name;           /**< of the spec, or the spec's file until that is read; the loop's thread */
    int64_t shown_run_id; /**< as run_id; the loop's thread */
    int64_t started_ms;
    _Atomic int32_t priority;
    uint32_t owner_number;
    hf_event_ring *ring;
    hf_controller_run *controlled; /**< while it is under way */
    bool given;                    /**< the controller had it */
    bool ending;                   /**< a thread of the pool ends it; nothing can be changed any more */
    hf_api_queue_state state;
    bool view_changed;
    bool stop_requested; /**< by a person, or because the night is over */
    char stop_reason[64];
    hf_run_summary summary; /**< once it is over */
    hf_error failure;       /**< likewise */
    uint32_t regressed;     /**< likewise: results worse than in the baseline */
    bool keep;              /**< the daemon is stopping: the next one resumes the run */
    hf_buffer end_json;     /**< how it ended, as clients and the spool get it */
    struct hf_daemon_run *next, *previous;
} hf_daemon_run;

/** What has ended since the daemon started. */
typedef struct hf_daemon_totals {
    uint64_t runs[HF_RUN_ABORTED + 1];      /**< by state */
    uint64_t results[HF_RESULT_PRUNED + 1]; /**< by outcome */
    uint64_t regressed;                     /**< results */
} hf_daemon_totals;

struct hf_daemon {
    const hf_daemon_options *options;
    int64_t started_ms;
    char *store_path, *spool_path, *cache_path, *changes_path, *notices_path, *hosts_path;
    hf_farm *farm;
    struct hf_hosts *hosts;             /**< the connection to other hosts; NULL = the farm has none */
    struct hf_daemon_hosts *hosts_seen; /**< what was logged of them; NULL likewise */
    bool adopting;                      /**< boards that were announced are being taken up */
    hf_http_server *server;
    int sockets[HF_HTTP_MAX_SOCKETS]; /**< that are not served yet */
    size_t socket_count;
    hf_tokens *tokens;      /**< NULL = only the Unix socket */
    hf_sessions *sessions;  /**< of the dashboard */
    char dashboard[128];    /**< "HOST:PORT" where browsers find it; "" until the first session */
    hf_task_pool *quick;    /**< short accesses to store and spool */
    hf_task_pool *recorder; /**< one thread, which records what people decide about boards, in order */
    hf_task_pool *slow;     /**< reading specs, beginning and ending runs, reports */
    hf_spool *spool;
    pthread_mutex_t spool_mutex; /**< the spool is for one thread at a time */

    uv_loop_t loop;
    hf_loop_calls *calls;
    uv_timer_t second, views, pause, batches;
    uv_signal_t signals[3];
    hf_controller *controller;
    hf_health_monitor *monitor;
    hf_board_state_row *boards;         /**< what is known of them beyond a run; in the farm's order */
    hf_event_ring *ring;                /**< of the whole farm */
    hf_daemon_run *first, *last;        /**< in the order of submission */
    pthread_mutex_t console_mutex;      /**< of the list, for those who only pass on what boards say */
    struct hf_daemon_console *consoles; /**< changed by the loop's thread only */
    uint32_t console_count;
    _Atomic uint32_t watcher_count; /**< of the consoles, those that read along */
    char **owners;                  /**< names; an owner's number is the index */
    uint64_t watchdog_ms;           /**< 0 = nobody watches */
    uint32_t run_count, owner_count;
    uint32_t seconds; /**< since the start */
    hf_daemon_totals totals;
    int last_check_day, last_stop_day;
    int lock_fd;
    bool own_socket; /**< the socket is removed at the end */
    bool boards_changed, queue_changed;
    bool stopping, drained;
};

#endif
