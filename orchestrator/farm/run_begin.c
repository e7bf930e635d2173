/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/controller.h"
#include "record.h"

hf_status hf_run_begin(hf_store *store, const hf_run_record *record, int64_t *run_id, hf_error *err)
{
    int64_t id = record->resumed_id;
    hf_status status = hf_store_begin_group(store, err);
    if (status != HF_OK)
        return status;
    status = hf_record_run(store, record, &id, err);
    const hf_selection *selection = record->selection;
    for (uint32_t i = 0; status == HF_OK && i < selection->board_count; i++)
        status = hf_record_board(store, id, &record->farm->boards[selection->boards[i]], err);
    status = hf_store_end_group(store, status, err);
    if (status == HF_OK)
        *run_id = id;
    return status;
}
