/* SPDX-License-Identifier: Apache-2.0 */
#include "api/daemon.h"

#include "fields.h"

static const hf_api_field rows[] = {
    {HF_API_ROW(hf_api_daemon, version, HF_API_TEXT)},
    {HF_API_ROW(hf_api_daemon, api, HF_API_INT32)},
    {HF_API_ROW(hf_api_daemon, pid, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_daemon, started_ms, HF_API_INT64), .may_be_missing = true},
    {HF_API_ROW(hf_api_daemon, farm, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_daemon, store, HF_API_TEXT), .may_be_unknown = true},
    {HF_API_ROW(hf_api_daemon, board_count, HF_API_UINT32), .may_be_missing = true},
    {HF_API_ROW(hf_api_daemon, run_count, HF_API_UINT32), .may_be_missing = true},
};
const hf_api_type hf_api_daemon_type = HF_API_TYPE(hf_api_daemon, rows);
