/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "session_internal.h"

hf_status hf_session_new(const hf_session_options *options, hf_session **out, hf_error *err)
{
    hf_session *session = calloc(1, sizeof *session);
    if (!session)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    session->options = *options;
    session->baud = HF_SESSION_RESET_BAUD;
    /* Start at random, so that numbers of the previous session are not reused. Half the range is left to
     * count. */
    session->sequence = (uint32_t)(options->nonce >> 33);
    *out = session;
    return HF_OK;
}

void hf_session_free(hf_session *session)
{
    free(session);
}

uint32_t hf_session_retries(const hf_session *session)
{
    return session->retries;
}
