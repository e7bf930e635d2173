/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_DAEMON_H
#define HF_DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file daemon.h
 * The daemon: it owns the boards of a farm, takes runs over HTTP (API.md), and keeps on disk what it accepted.
 */

/** A time of the day, local. */
typedef struct hf_daytime {
    bool given;
    int hour, minute;
} hf_daytime;

/** All borrowed until hf_daemon_serve() returns. */
typedef struct hf_daemon_options {
    const char *version;     /**< of hilfarm */
    const char *farm_path;   /**< NULL = the default farm of virtual boards */
    const char *socket_path; /**< to listen on; NULL = only the sockets that systemd passes */
    const char *listen;      /**< "HOST:PORT" for TCP; NULL = none */
    const char *token_file;  /**< required with `listen` */
    const char *dashboard;   /**< "HOST:PORT" for browsers of local users, port 0 = any; NULL = none */
    const char *state_dir;   /**< store, spool and reports */
    const char *cache_dir;   /**< prepared variations; NULL = in the state folder */
    const char *firmware_dir;
    const char *openocd_path; /**< NULL = from PATH */
    const char *vboard_path;  /**< NULL = beside the program, then PATH */
    const char *webhook;      /**< URL that gets the summary after each run; NULL = none */
    const char *
        notify_command; /**< run by the shell after each run, the summary as JSON on its input; NULL = none */
    hf_daytime check_at; /**< every day, all boards are checked before their next job */
    hf_daytime stop_at;  /**< every day, runs of negative priority are stopped: the end of the night */
    uint32_t max_queued; /**< runs that wait or are under way (1000) */
    uint32_t keep_days;  /**< how long ended submissions stay in the spool (14) */
} hf_daemon_options;

/**
 * Runs the daemon until SIGTERM or SIGINT. Then attempts are cancelled, and runs stay as they are: the next daemon on
 * the same state folder resumes them.
 * @return HF_OK after a signal; HF_EBUSY if another daemon uses the state folder or the socket; HF_EINVALID for
 * mistakes in the farm file, which are printed to stderr
 */
hf_status hf_daemon_serve(const hf_daemon_options *options, hf_error *err);

#endif
