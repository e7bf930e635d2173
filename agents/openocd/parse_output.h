/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_PARSE_OUTPUT_H
#define HF_OPENOCD_PARSE_OUTPUT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file parse_output.h
 * What OpenOCD prints, as far as it tells how far it got and why it failed.
 */

/** Printed by OpenOCD itself (`echo`) once every script was read: what fails after it is hardware. */
#define HF_OPENOCD_CONFIGURED "hilfarm: scripts read"

typedef struct hf_openocd_output {
    char version[80]; /**< "Open On-Chip Debugger 0.12.0"; "" = it never said that it is OpenOCD */
    char error[256]; /**< the first error since hf_openocd_output_forget(); "" = none. A failure's first error
                        is its cause; what follows is mostly about giving up. */
    char last[256];  /**< the last line that says something, for programs whose errors are not known;
                         "" = none */
    unsigned tcl_port; /**< 0 until it is said */
    bool configured;   /**< all scripts were read */
} hf_openocd_output;

/** Takes in a line. `user` is the hf_openocd_output. */
void hf_openocd_output_line(void *user, const char *line);

/** Forgets the errors so far, before a command whose own are of interest. */
void hf_openocd_output_forget(hf_openocd_output *output);

/** The error, or else the last words, or else "". */
const char *hf_openocd_output_words(const hf_openocd_output *output);

#endif
