/* SPDX-License-Identifier: Apache-2.0 */
#include "process/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"

#define RUN_SHOWN  4     /* longer runs of an unprintable byte are abbreviated */
#define LINE_BYTES 1024u /* longer lines are split */

typedef struct line {
    char bytes[LINE_BYTES];
    size_t used;
} line;

struct hf_transcript {
    uint64_t start_ns;
    size_t head_limit;
    size_t tail_limit;
    hf_buffer head;
    hf_buffer tail;
    hf_buffer text;
    size_t dropped_bytes;
    line lines[HF_SPEAKER_COUNT];
    void (*heard)(void *user, const void *bytes, size_t size);
    void *heard_user;
};

static const char *const names[HF_SPEAKER_COUNT] = {
    [HF_SPEAKER_COMMAND] = "command:",   [HF_SPEAKER_AGENT] = "agent:",
    [HF_SPEAKER_OPENOCD] = "openocd:",   [HF_SPEAKER_VBOARD] = "vboard:",
    [HF_SPEAKER_TCL_OUT] = "tcl>",       [HF_SPEAKER_TCL_IN] = "tcl<",
    [HF_SPEAKER_SERIAL_OUT] = "serial>", [HF_SPEAKER_SERIAL_IN] = "serial<",
};

hf_transcript *hf_transcript_new(size_t limit_bytes)
{
    hf_transcript *transcript = calloc(1, sizeof *transcript);
    if (!transcript)
        return NULL;
    transcript->head_limit = limit_bytes / 4;
    transcript->tail_limit = limit_bytes - transcript->head_limit;
    transcript->start_ns = hf_now_ns();
    return transcript;
}

void hf_transcript_free(hf_transcript *transcript)
{
    if (!transcript)
        return;
    hf_buffer_free(&transcript->head);
    hf_buffer_free(&transcript->tail);
    hf_buffer_free(&transcript->text);
    free(transcript);
}

void hf_transcript_clear(hf_transcript *transcript)
{
    if (!transcript)
        return;
    hf_buffer_clear(&transcript->head);
    hf_buffer_clear(&transcript->tail);
    hf_buffer_clear(&transcript->text);
    transcript->dropped_bytes = 0;
    for (int i = 0; i < HF_SPEAKER_COUNT; i++)
        transcript->lines[i].used = 0;
    transcript->start_ns = hf_now_ns();
}

static void render(hf_buffer *out, const hf_transcript *transcript, hf_speaker speaker, const line *said)
{
    unsigned long long now_ms = (hf_now_ns() - transcript->start_ns) / HF_NS_PER_MS;
    hf_buffer_printf(out, "[%6llu ms] %-8s ", now_ms, names[speaker]);
    for (size_t i = 0; i < said->used; i++) {
        unsigned char byte = (unsigned char)said->bytes[i];
        if ((byte >= 0x20 && byte < 0x7f) || byte == '\t') {
            hf_buffer_putc(out, (char)byte);
            continue;
        }
        /* A faulty board may send pages of one byte: the count says as much. */
        size_t run = 1;
        while (i + run < said->used && (unsigned char)said->bytes[i + run] == byte)
            run++;
        hf_buffer_printf(out, "\\x%02x", byte);
        if (run > RUN_SHOWN) {
            hf_buffer_printf(out, "{%zu times}", run);
            i += run - 1;
        }
    }
    hf_buffer_putc(out, '\n');
}

/* Drops the older half of the tail, so that the cost of moving bytes is spread over many lines. */
static void trim_tail(hf_transcript *transcript)
{
    hf_buffer *tail = &transcript->tail;
    if (tail->size <= transcript->tail_limit)
        return;
    size_t cut = tail->size - transcript->tail_limit / 2;
    while (cut < tail->size && tail->data[cut - 1] != '\n')
        cut++;
    transcript->dropped_bytes += cut;
    hf_buffer_consume(tail, cut);
}

static void enter(hf_transcript *transcript, hf_speaker speaker)
{
    line *said = &transcript->lines[speaker];
    bool to_head = transcript->tail.size == 0 && transcript->dropped_bytes == 0 &&
                   transcript->head.size < transcript->head_limit;
    render(to_head ? &transcript->head : &transcript->tail, transcript, speaker, said);
    said->used = 0;
    if (!to_head)
        trim_tail(transcript);
}

void hf_transcript_stream(hf_transcript *transcript, hf_speaker speaker, const void *bytes, size_t size)
{
    if (!transcript)
        return;
    if (transcript->heard && speaker == HF_SPEAKER_SERIAL_IN)
        transcript->heard(transcript->heard_user, bytes, size);
    line *said = &transcript->lines[speaker];
    const char *text = bytes;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            enter(transcript, speaker);
            continue;
        }
        if (text[i] == '\r')
            continue;
        if (said->used == LINE_BYTES)
            enter(transcript, speaker);
        said->bytes[said->used++] = text[i];
    }
}

void hf_transcript_pass_on(hf_transcript *transcript,
                           void (*heard)(void *user, const void *bytes, size_t size), void *user)
{
    if (!transcript)
        return;
    transcript->heard = heard;
    transcript->heard_user = user;
}

void hf_transcript_note(hf_transcript *transcript, const char *format, ...)
{
    if (!transcript)
        return;
    line *said = &transcript->lines[HF_SPEAKER_AGENT];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(said->bytes, sizeof said->bytes, format, args);
    va_end(args);
    said->used = length < 0                            ? 0
                 : (size_t)length < sizeof said->bytes ? (size_t)length
                                                       : sizeof said->bytes - 1;
    enter(transcript, HF_SPEAKER_AGENT);
}

const char *hf_transcript_text(hf_transcript *transcript)
{
    if (!transcript)
        return "";
    hf_buffer *text = &transcript->text;
    hf_buffer_clear(text);
    hf_buffer_append(text, transcript->head.data, transcript->head.size);
    if (transcript->dropped_bytes)
        hf_buffer_printf(text, "... %zu bytes left out ...\n", transcript->dropped_bytes);
    hf_buffer_append(text, transcript->tail.data, transcript->tail.size);
    for (int i = 0; i < HF_SPEAKER_COUNT; i++)
        if (transcript->lines[i].used)
            render(text, transcript, (hf_speaker)i, &transcript->lines[i]);
    return hf_buffer_text(text);
}
