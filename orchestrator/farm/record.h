/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RECORD_H
#define HF_FARM_RECORD_H

#include "farm/controller.h"
#include "farm/prepare.h"
#include "spec/farm_file.h"
#include "store/write_queue.h"
#include "worker/worker.h"

/**
 * @file record.h
 * Converts what the farm knows to rows, and passes them to the store or its write queue.
 */

/** Records a new run, or reopens one that ended. @param run_id 0 = a new one; set to its number */
hf_status hf_record_run(hf_store *store, const hf_run_record *record, int64_t *run_id, hf_error *err);
hf_status hf_record_board(hf_store *store, int64_t run_id, const hf_farm_board *board, hf_error *err);

/*
 * Results go through the store's write queue.
 * @param position of the job in the run
 */

/** A job as the store should know it before it is prepared. */
typedef struct hf_planned_job {
    uint32_t variation; /**< index in the spec */
    int32_t position;
    const hf_chip *chip;
} hf_planned_job;

/** Records what a run is to measure, so that a report of a run that died shows what is missing. HF_OK or HF_ENOMEM. */
hf_status hf_record_plan(hf_write_queue *queue, const hf_spec *spec, const hf_planned_job *jobs, size_t count,
                         hf_error *err);

/** @param prepared NULL = the variation was never prepared: recorded without analysis */
void hf_record_result(hf_write_queue *queue, int32_t position, const hf_spec_variation *variation,
                      const hf_chip *chip, const hf_prepared *prepared);

/**
 * @param reply of an HF_WORKER_ATTEMPT command, failed or not
 * @param ticket of the write queue, set on success
 * @return HF_OK or HF_ENOMEM
 */
hf_status hf_record_attempt(hf_write_queue *queue, int32_t position, const hf_farm_board *board,
                            uint32_t number, const hf_prepared *prepared, const hf_worker_reply *reply,
                            uint64_t *ticket, hf_error *err);

/** @param reply of a failed HF_WORKER_OPEN command */
void hf_record_board_failure(hf_write_queue *queue, const hf_farm_board *board, const hf_worker_reply *reply);

/** Records a board as unusable at the end of the run. @param fault, cause of its last failure */
void hf_record_dead_board(hf_write_queue *queue, const hf_farm_board *board, hf_board_end end, hf_fault fault,
                          const char *cause);

/** Median latency of a successful attempt in nanoseconds. */
double hf_record_latency_ns(const hf_attempt_result *result);

#endif
