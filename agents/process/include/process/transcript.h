/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PROCESS_TRANSCRIPT_H
#define HF_PROCESS_TRANSCRIPT_H

#include <stddef.h>

/**
 * @file transcript.h
 * A log of all traffic of a board, in order, for people to read after a failure. Each line has the
 * milliseconds since the start of the transcript and its source. The size is limited: the beginning and the
 * end are kept, the middle is dropped. One thread at a time. Every function accepts a NULL transcript and
 * then does nothing.
 */

/** The source of a line. */
typedef enum hf_speaker {
    HF_SPEAKER_AGENT,      /**< "agent:", hilfarm's own notes */
    HF_SPEAKER_COMMAND,    /**< "command:", output of a command from the farm file */
    HF_SPEAKER_OPENOCD,    /**< "openocd:", its stdout and stderr */
    HF_SPEAKER_VBOARD,     /**< "vboard:", a virtual board's stdout and stderr */
    HF_SPEAKER_TCL_OUT,    /**< "tcl>", a command to OpenOCD */
    HF_SPEAKER_TCL_IN,     /**< "tcl<", its reply */
    HF_SPEAKER_SERIAL_OUT, /**< "serial>", bytes to the board */
    HF_SPEAKER_SERIAL_IN,  /**< "serial<", bytes from the board */
    HF_SPEAKER_COUNT
} hf_speaker;

typedef struct hf_transcript hf_transcript;

/** @param limit_bytes size limit, which the last line may exceed @return NULL when out of memory */
hf_transcript *hf_transcript_new(size_t limit_bytes);
void hf_transcript_free(hf_transcript *transcript);

/** Discards the contents and restarts the clock. */
void hf_transcript_clear(hf_transcript *transcript);

/** Adds bytes as they arrive. A line is logged when its LF arrives, unprintable bytes as \xNN. */
void hf_transcript_stream(hf_transcript *transcript, hf_speaker speaker, const void *bytes, size_t size);

/**
 * Has what the board says on its serial line passed on, too.
 * @param heard called by hf_transcript_stream(), on its thread; must not wait. NULL = nobody listens
 */
void hf_transcript_pass_on(hf_transcript *transcript,
                           void (*heard)(void *user, const void *bytes, size_t size), void *user);

/** Adds a note of hilfarm itself, one line. */
void hf_transcript_note(hf_transcript *transcript, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The text so far, unfinished lines included; "" for NULL or out of memory. Valid until the next call. */
const char *hf_transcript_text(hf_transcript *transcript);

#endif
