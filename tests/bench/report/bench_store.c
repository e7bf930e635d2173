/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a store with large runs, to measure how reports and exports grow: bench_store STORE RUNS RESULTS. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"
#include "store/store.h"

#define GROUP 500 /* results in a transaction */

static hf_status add_result(hf_store *store, int64_t run_id, uint32_t i, hf_error *err)
{
    hf_result_row row = sample_large_result(i);
    const hf_attempt_row attempt = {.number = 1,
                                    .board_id = row.board_id,
                                    .started_ms = INT64_C(1796000000000) + 1000 * (int64_t)i,
                                    .duration_ns = 900000000,
                                    .flash_ns = 500000000,
                                    .reset_ns = 100000000,
                                    .run_ns = 200000000,
                                    .succeeded = true};
    hf_status status = hf_store_add_result(store, run_id, (int32_t)i, &row, err);
    if (status == HF_OK)
        status = hf_store_add_attempt(store, run_id, (int32_t)i, &attempt, &row, err);
    hf_row_clear(&hf_result_row_type, &row);
    return status;
}

static hf_status add_boards(hf_store *store, int64_t run_id, hf_error *err)
{
    hf_status status = HF_OK;
    for (unsigned b = 0; status == HF_OK && b < 8; b++) {
        char id[16];
        snprintf(id, sizeof id, "board-%u", b);
        const hf_board_row board = {.id = id,
                                    .chip = b % 2 ? "stm32f767zi" : "stm32l4r5zi",
                                    .core = b % 2 ? "cortex-m7" : "cortex-m4",
                                    .modelled = true,
                                    .clock_hz = b % 2 ? 216000000 : 120000000};
        status = hf_store_add_board(store, run_id, &board, err);
    }
    return status;
}

static hf_status add_run(hf_store *store, uint32_t results, hf_error *err)
{
    int64_t run_id;
    hf_report head;
    sample_empty(&head);
    free(head.run.key);
    head.run.key = NULL;
    hf_status status = hf_store_begin_run(store, &head.run, &run_id, err);
    if (status == HF_OK)
        status = add_boards(store, run_id, err);
    for (uint32_t i = 0; status == HF_OK && i < results;) {
        status = hf_store_begin_group(store, err);
        for (uint32_t n = 0; status == HF_OK && n < GROUP && i < results; n++, i++)
            status = add_result(store, run_id, i, err);
        status = hf_store_end_group(store, status, err);
    }
    if (status == HF_OK)
        status = hf_store_finish_run(store, run_id, HF_RUN_DONE, head.run.started_ms + 60000, 60000000000,
                                     NULL, err);
    hf_report_free(&head);
    return status;
}

int main(int argc, char **argv)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const unsigned long runs = argc == 4 ? strtoul(argv[2], NULL, 10) : 0,
                        results = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (!runs || runs > 1000 || !results || results > 1000000) {
        fprintf(stderr, "usage: %s STORE RUNS RESULTS\n", argv[0]);
        return 2;
    }
    hf_status status = hf_store_open(argv[1], &store, &err);
    for (unsigned long r = 0; status == HF_OK && r < runs; r++)
        status = add_run(store, (uint32_t)results, &err);
    hf_store_close(store);
    if (status != HF_OK)
        fprintf(stderr, "%s: %s\n", argv[0], err.message);
    return status == HF_OK ? 0 : 1;
}
