/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "api/run.h"
#include "board/phase.h"
#include "run_view/run_view.h"
#include "schedule/progress.h"

#define WORDS(table)                                                                                         \
    {                                                                                                        \
        (table), sizeof(table) / sizeof(table)[0]                                                            \
    }

static const hf_api_word statuses[] = {
    {HF_OK, "ok"},
    {HF_ENOMEM, "nomem"},
    {HF_EIO, "io"},
    {HF_EINVALID, "invalid"},
    {HF_EFORMAT, "format"},
    {HF_EUNSUPPORTED, "unsupported"},
    {HF_ENOTFOUND, "notfound"},
    {HF_ETIMEOUT, "timeout"},
    {HF_ECANCELLED, "cancelled"},
    {HF_EBUSY, "busy"},
    {HF_EPROTOCOL, "protocol"},
    {HF_EMISMATCH, "mismatch"},
    {HF_ELIMIT, "limit"},
    {HF_ECHILD, "child"},
    {HF_ESTORE, "store"},
    {HF_ETARGET, "target"},
};

static const hf_api_word faults[] = {
#define ROW(name, text) {HF_FAULT_##name, text},
    HF_FAULT_MAP(ROW)
#undef ROW
};

static const hf_api_word lastings[] = {
    {HF_TRANSIENT, "transient"},
    {HF_ABSENT, "absent"},
    {HF_PERMANENT, "permanent"},
};

static const hf_api_word board_states[] = {
#define ROW(name, text) {HF_BOARD_##name, text},
    HF_BOARD_STATE_MAP(ROW)
#undef ROW
};

static const hf_api_word phases[] = {
#define ROW(name, text) {HF_PHASE_##name, text},
    HF_PHASE_MAP(ROW)
#undef ROW
};

static const hf_api_word run_states[] = {
    {HF_RUN_RUNNING, "running"},
    {HF_RUN_DONE, "done"},
    {HF_RUN_INTERRUPTED, "interrupted"},
    {HF_RUN_ABORTED, "aborted"},
};

static const hf_api_word run_stages[] = {
#define ROW(name, text) {HF_RUN_STAGE_##name, text},
    HF_RUN_STAGE_MAP(ROW)
#undef ROW
};

static const hf_api_word run_events[] = {
#define ROW(name, text) {HF_RUN_EVENT_##name, text},
    HF_RUN_EVENT_MAP(ROW)
#undef ROW
};

static const hf_api_word queue_states[] = {
#define ROW(name, text) {HF_API_QUEUE_##name, text},
    HF_API_QUEUE_STATE_MAP(ROW)
#undef ROW
};

const hf_api_words hf_api_statuses = WORDS(statuses), hf_api_faults = WORDS(faults),
                   hf_api_lastings = WORDS(lastings), hf_api_board_states = WORDS(board_states),
                   hf_api_phases = WORDS(phases), hf_api_run_states = WORDS(run_states),
                   hf_api_run_stages = WORDS(run_stages), hf_api_run_events = WORDS(run_events),
                   hf_api_queue_states = WORDS(queue_states);

const char *hf_api_word_of(const hf_api_words *words, int value)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->rows[i].value == value)
            return words->rows[i].text;
    return NULL;
}

const char *hf_api_queue_state_name(hf_api_queue_state state)
{
    const char *name = hf_api_word_of(&hf_api_queue_states, (int)state);
    return name ? name : "unknown state";
}
