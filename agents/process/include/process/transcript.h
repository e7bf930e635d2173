/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_TRANSCRIPT_H
#define HF_PROCESS_TRANSCRIPT_H

#include <stddef.h>

/**
 * @file transcript.h
 * What everybody on a board's lines said, in order, for people to read after a failure: one line per line
 * said, with the milliseconds since the transcript began and who spoke. Bounded: the beginning and the end
 * are kept, the middle gives way. One thread at a time. Every function accepts a NULL transcript and then
 * does nothing.
 */

typedef enum hf_speaker {
    HF_SPEAKER_AGENT,      /**< "agent:", what was being done */
    HF_SPEAKER_OPENOCD,    /**< "openocd:", its stdout and stderr */
    HF_SPEAKER_VBOARD,     /**< "vboard:", a virtual board's stdout and stderr */
    HF_SPEAKER_TCL_OUT,    /**< "tcl>", a command to OpenOCD */
    HF_SPEAKER_TCL_IN,     /**< "tcl<", its reply */
    HF_SPEAKER_SERIAL_OUT, /**< "serial>", bytes to the board */
    HF_SPEAKER_SERIAL_IN,  /**< "serial<", bytes from the board */
    HF_SPEAKER_COUNT
} hf_speaker;

typedef struct hf_transcript hf_transcript;

/** @param limit_bytes kept at most (a little more with the last line); @return NULL when out of memory */
hf_transcript *hf_transcript_new(size_t limit_bytes);
void hf_transcript_free(hf_transcript *transcript);

/** Forgets everything said so far and starts the clock anew. */
void hf_transcript_clear(hf_transcript *transcript);

/** Adds bytes as they arrive; a line is entered when its LF comes, unprintable bytes as \xNN. */
void hf_transcript_stream(hf_transcript *transcript, hf_speaker speaker, const void *bytes, size_t size);

/** Adds one line of the agent's own. */
void hf_transcript_note(hf_transcript *transcript, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The text so far, unfinished lines included; "" for NULL or out of memory. Valid until the next call. */
const char *hf_transcript_text(hf_transcript *transcript);

#endif
