/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES 8

void hf_codec_int(hf_codec *codec, int64_t *value)
{
    uint8_t bytes[WORD_BYTES];
    if (codec->out) {
        const uint64_t bits = (uint64_t)*value;
        for (int i = 0; i < WORD_BYTES; i++)
            bytes[i] = (uint8_t)(bits >> (8 * i));
        hf_buffer_append(codec->out, bytes, sizeof bytes);
        return;
    }
    uint64_t bits = 0;
    if (codec->end - codec->in < WORD_BYTES)
        codec->failed = true;
    if (!codec->failed) {
        for (int i = 0; i < WORD_BYTES; i++)
            bits |= (uint64_t)codec->in[i] << (8 * i);
        codec->in += WORD_BYTES;
    }
    *value = (int64_t)bits;
}

void hf_codec_small(hf_codec *codec, int32_t *value)
{
    int64_t wide = *value;
    hf_codec_int(codec, &wide);
    codec->failed |= wide < INT32_MIN || wide > INT32_MAX;
    *value = codec->failed ? 0 : (int32_t)wide;
}

void hf_codec_word(hf_codec *codec, uint32_t *value)
{
    int64_t wide = *value;
    hf_codec_int(codec, &wide);
    codec->failed |= wide < 0 || wide > UINT32_MAX;
    *value = codec->failed ? 0 : (uint32_t)wide;
}

void hf_codec_flag(hf_codec *codec, bool *value)
{
    int64_t wide = *value;
    hf_codec_int(codec, &wide);
    *value = wide != 0;
}

void hf_codec_real(hf_codec *codec, double *value)
{
    int64_t bits = 0;
    memcpy(&bits, value, sizeof bits);
    hf_codec_int(codec, &bits);
    memcpy(value, &bits, sizeof bits);
}

void hf_codec_text(hf_codec *codec, char **text)
{
    int64_t length = codec->out && *text ? (int64_t)strlen(*text) : -1;
    hf_codec_int(codec, &length);
    if (codec->out) {
        if (*text)
            hf_buffer_append(codec->out, *text, (size_t)length);
        return;
    }
    *text = NULL;
    if (codec->failed || length == -1)
        return;
    if (length < 0 || length > codec->end - codec->in) {
        codec->failed = true;
        return;
    }
    *text = strndup((const char *)codec->in, (size_t)length);
    codec->failed |= !*text;
    codec->in += length;
}

void hf_codec_short_text(hf_codec *codec, char *text, size_t size_bytes)
{
    char *value = codec->out ? text : NULL;
    hf_codec_text(codec, &value);
    if (codec->out)
        return;
    codec->failed |= value && strlen(value) >= size_bytes;
    snprintf(text, size_bytes, "%s", value && !codec->failed ? value : "");
    free(value);
}

void hf_codec_bytes(hf_codec *codec, uint8_t **bytes, size_t *count)
{
    int64_t wide = (int64_t)*count;
    hf_codec_int(codec, &wide);
    if (codec->out) {
        hf_buffer_append(codec->out, *bytes, *count);
        return;
    }
    *bytes = NULL;
    *count = 0;
    if (codec->failed || wide < 0 || wide > codec->end - codec->in) {
        codec->failed = true;
        return;
    }
    if (wide == 0)
        return;
    *bytes = malloc((size_t)wide);
    if (!*bytes) {
        codec->failed = true;
        return;
    }
    memcpy(*bytes, codec->in, (size_t)wide);
    *count = (size_t)wide;
    codec->in += wide;
}

void hf_codec_array(hf_codec *codec, void **array, size_t *count, size_t size_bytes)
{
    int64_t wide = (int64_t)*count;
    hf_codec_int(codec, &wide);
    if (codec->out)
        return;
    *array = NULL;
    *count = 0;
    /* An element takes at least a word, which bounds the memory that a wrong count can ask for. */
    if (codec->failed || wide < 0 || wide > (codec->end - codec->in) / WORD_BYTES) {
        codec->failed = true;
        return;
    }
    if (wide)
        *array = calloc((size_t)wide, size_bytes);
    codec->failed |= wide && !*array;
    *count = codec->failed ? 0 : (size_t)wide;
}
