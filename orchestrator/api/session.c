/* SPDX-License-Identifier: Apache-2.0 */
#include "api/session.h"

#include "fields.h"

static const hf_api_field rows[] = {
    {HF_API_ROW(hf_api_session, address, HF_API_TEXT)},
    {HF_API_ROW(hf_api_session, token, HF_API_TEXT)},
    {HF_API_ROW(hf_api_session, idle_ms, HF_API_INT64)},
};
const hf_api_type hf_api_session_type = HF_API_TYPE(hf_api_session, rows);
