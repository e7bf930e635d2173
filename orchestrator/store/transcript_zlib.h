/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_TRANSCRIPT_ZLIB_H
#define HF_STORE_TRANSCRIPT_ZLIB_H

#include "sql_statement.h"

/**
 * @file transcript_zlib.h
 * Transcripts in the store: limited in length, and deflated if that makes them smaller.
 */

/** Maximum length of a stored transcript in bytes; of a longer one only the start and the end are stored. */
#define HF_TRANSCRIPT_KEPT_BYTES ((size_t)128 * 1024)

/** A transcript ready for the columns `transcript` and `transcript_zlib`: one of the two, or neither. */
typedef struct hf_deflated {
    char *text;  /**< owned; NULL = it is in `bytes`, or there is none */
    void *bytes; /**< owned: a zlib stream (RFC 1950) of the text without a NUL; NULL = it is in `text` */
    int64_t size_bytes;
} hf_deflated;

/** Deflates a transcript. @param transcript may be NULL. Out of memory: *out is empty. Free with hf_deflated_free(). */
void hf_deflate(const char *transcript, hf_deflated *out);
void hf_deflated_free(hf_deflated *deflated);

/**
 * The transcript of the current row; the caller frees it, NULL = none. A damaged stream, or one whose text is much
 * longer than HF_TRANSCRIPT_KEPT_BYTES, is a sticky failure.
 * @param text, zlib columns
 */
char *hf_sql_transcript(hf_sql *sql, int text, int zlib);

#endif
