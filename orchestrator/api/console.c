/* SPDX-License-Identifier: Apache-2.0 */
#include "api/console.h"

#include "board/line_baud.h"
#include "fields.h"

#define MAX_WAIT_MS INT64_C(2592000000) /* 720 h */

static const hf_api_field request_rows[] = {
    {HF_API_ROW(hf_api_console_request, baud, HF_API_UINT32), .may_be_missing = true, .min = 0,
     .max = HF_BOARD_LINE_MAX_BAUD},
    {HF_API_ROW(hf_api_console_request, wait_ms, HF_API_UINT32), .may_be_missing = true, .min = 0,
     .max = MAX_WAIT_MS},
    {HF_API_ROW(hf_api_console_request, watch, HF_API_BOOL), .may_be_missing = true},
    {HF_API_ROW(hf_api_console_request, reset, HF_API_BOOL), .may_be_missing = true},
    {HF_API_ROW(hf_api_console_request, flash, HF_API_BOOL), .may_be_missing = true},
};
const hf_api_type hf_api_console_request_type = HF_API_TYPE(hf_api_console_request, request_rows);

static const hf_api_field started_rows[] = {
    {HF_API_ROW(hf_api_console_started, console, HF_API_TEXT), .limit = 64},
    {HF_API_ROW(hf_api_console_started, board, HF_API_TEXT)},
    {HF_API_ROW(hf_api_console_started, baud, HF_API_UINT32)},
};
const hf_api_type hf_api_console_started_type = HF_API_TYPE(hf_api_console_started, started_rows);

static const hf_api_field output_rows[] = {
    {HF_API_ROW(hf_api_console_output, offset, HF_API_INT64), .min = 0, .max = INT64_MAX},
    {HF_API_ROW(hf_api_console_output, hex, HF_API_TEXT)},
};
const hf_api_type hf_api_console_output_type = HF_API_TYPE(hf_api_console_output, output_rows);

static const hf_api_field note_rows[] = {
    {HF_API_ROW(hf_api_console_note, text, HF_API_TEXT)},
    {HF_API_ROW(hf_api_console_note, failed, HF_API_BOOL), .may_be_missing = true},
};
const hf_api_type hf_api_console_note_type = HF_API_TYPE(hf_api_console_note, note_rows);
