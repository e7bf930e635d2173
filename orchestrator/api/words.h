/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_WORDS_H
#define HF_API_WORDS_H

#include <stddef.h>

/**
 * @file words.h
 * The values of enums by their names, as JSON holds them.
 */

typedef struct hf_api_word {
    int value;
    const char *text;
} hf_api_word;

typedef struct hf_api_words {
    const hf_api_word *rows;
    size_t count;
} hf_api_words;

extern const hf_api_words hf_api_statuses, hf_api_faults, hf_api_lastings, hf_api_board_states, hf_api_phases,
    hf_api_run_states, hf_api_run_stages, hf_api_run_events, hf_api_queue_states;

/** @return NULL if the enum has no such value */
const char *hf_api_word_of(const hf_api_words *words, int value);

#endif
