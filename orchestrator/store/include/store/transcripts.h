/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_TRANSCRIPTS_H
#define HF_STORE_TRANSCRIPTS_H

#include "report/transcripts.h"
#include "store/store.h"

/** @file transcripts.h
 * The transcripts of a run, as the store has them. */

/**
 * The failures of a run in the order in which they happened, without the texts of their transcripts, and without the notes
 * that say how boards ended.
 * @param rows hf_rows_free() with hf_transcript_row_type
 */
hf_status hf_store_list_transcripts(hf_store *store, int64_t run_id, hf_transcript_row **rows, size_t *count,
                                    hf_error *err);
/** The text of one of them. @param id of its row @param text the caller's to free(); set on HF_OK */
hf_status hf_store_load_transcript(hf_store *store, int64_t id, char **text, hf_error *err);

/**
 * Appends the transcript of one attempt or, without an attempt in `choice`, the list of those there are.
 * @param run number, key, tag or name; NULL = the newest
 * @param raw the text alone, byte for byte as it is stored; of the list: no difference
 * @return as hf_transcript_choose(), hf_transcripts_render() and hf_store_find_run()
 */
hf_status hf_store_show_transcript(hf_store *store, const char *run, const hf_transcript_choice *choice,
                                   bool raw, hf_buffer *out, hf_error *err);

#endif
