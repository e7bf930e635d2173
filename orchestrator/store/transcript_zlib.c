/* SPDX-License-Identifier: Apache-2.0 */
#include "transcript_zlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEAD_BYTES (HF_TRANSCRIPT_KEPT_BYTES / 4)
#define TAIL_BYTES (HF_TRANSCRIPT_KEPT_BYTES - HEAD_BYTES)
#define MARK_BYTES 64 /* "... 123 bytes left out ..." */

/* The start shows what was attempted, the end what went wrong. */
static char *cut(const char *transcript)
{
    const size_t length = strlen(transcript);
    if (length <= HF_TRANSCRIPT_KEPT_BYTES)
        return strdup(transcript);
    char *text = malloc(HF_TRANSCRIPT_KEPT_BYTES + MARK_BYTES);
    if (!text)
        return NULL;
    memcpy(text, transcript, HEAD_BYTES);
    const int mark = snprintf(text + HEAD_BYTES, MARK_BYTES, "\n... %zu bytes left out ...\n",
                              length - HF_TRANSCRIPT_KEPT_BYTES);
    memcpy(text + HEAD_BYTES + mark, transcript + length - TAIL_BYTES, TAIL_BYTES + 1);
    return text;
}

void hf_deflate(const char *transcript, hf_deflated *out)
{
    *out = (hf_deflated){0};
    char *text = transcript ? cut(transcript) : NULL;
    if (!text)
        return;
    const size_t length = strlen(text);
    uLongf size = compressBound(length);
    Bytef *bytes = malloc(size);
    if (bytes && compress2(bytes, &size, (const Bytef *)text, length, Z_BEST_COMPRESSION) == Z_OK &&
        size < length) {
        free(text);
        *out = (hf_deflated){.bytes = bytes, .size_bytes = (int64_t)size};
    } else {
        free(bytes);
        *out = (hf_deflated){.text = text};
    }
}

void hf_deflated_free(hf_deflated *deflated)
{
    free(deflated->text);
    free(deflated->bytes);
    *deflated = (hf_deflated){0};
}

char *hf_sql_transcript(hf_sql *sql, int text, int zlib)
{
    if (sqlite3_column_type(sql->statement, zlib) == SQLITE_NULL)
        return hf_sql_text(sql, text);
    const void *bytes = sqlite3_column_blob(sql->statement, zlib);
    uLongf size = HF_TRANSCRIPT_KEPT_BYTES + MARK_BYTES;
    char *inflated = malloc(size + 1);
    if (!inflated) {
        sql->failed = sql->failed == SQLITE_OK ? SQLITE_NOMEM : sql->failed;
        return NULL;
    }
    const uLong stored = (uLong)sqlite3_column_bytes(sql->statement, zlib);
    if (!bytes || uncompress((Bytef *)inflated, &size, bytes, stored) != Z_OK) {
        free(inflated);
        hf_sql_complain(sql, zlib, "cannot be inflated");
        return NULL;
    }
    inflated[size] = '\0';
    char *fitted = realloc(inflated, strlen(inflated) + 1);
    return fitted ? fitted : inflated;
}
