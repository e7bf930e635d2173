/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HEALTH_MONITOR_H
#define HF_HEALTH_MONITOR_H

#include "farm/controller.h"
#include "report/board_health_rows.h"
#include "spec/farm_file.h"

/**
 * @file monitor.h
 * Connects a controller (farm/controller.h) with what the store knows about its boards: how they stand at the start, the
 * golden image of their health checks, and recording what happens to them. A thread of its own writes to the store, so
 * that a store that is locked does not hold up the controller's loop.
 */

typedef struct hf_health_monitor hf_health_monitor;

/**
 * Reads how the boards of a farm stand, and starts the thread.
 * @param farm borrowed until hf_health_monitor_close()
 * @param store_path opened for writing by this call, and created if necessary
 * @param kind of the checks that the controller makes unasked for boards that do not need attention
 */
hf_status hf_health_monitor_open(const hf_farm *farm, const char *store_path, hf_health_check_kind kind,
                                 hf_health_monitor **out, hf_error *err);

/** A board that was added to the farm, which must have a broker. Before anything happens to the board. */
void hf_health_monitor_add(hf_health_monitor *monitor, uint32_t board, const hf_board_standing *standing);

/** One per board of the farm: hf_controller_options.boards. */
const hf_board_standing *hf_health_monitor_standings(const hf_health_monitor *monitor);
/** Ends all quarantines, for a run that a person starts, who may have mended a board: it is checked at once. To be called
 * before the controller begins. */
void hf_health_monitor_end_quarantines(hf_health_monitor *monitor);
/** hf_controller_options.checks */
hf_controller_checks hf_health_monitor_checks(hf_health_monitor *monitor);
/** The next check of this board, which is about to be requested, is of this kind. On the controller's thread. */
void hf_health_monitor_expect(hf_health_monitor *monitor, uint32_t board, hf_health_check_kind kind);

/** For hf_controller_observer, with `user` an hf_health_monitor: record what happened. */
void hf_health_monitor_board(void *user, const hf_board_event *event);
void hf_health_monitor_checked(void *user, const hf_board_check *check);

/**
 * Writes what is still to be written, and frees everything. NULL allowed.
 * @return the first failure to write since the monitor was opened; HF_OK if there was none
 */
hf_status hf_health_monitor_close(hf_health_monitor *monitor, hf_error *err);

#endif
