/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_PARSE_OUTPUT_H
#define HF_OPENOCD_PARSE_OUTPUT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file parse_output.h
 * Parses OpenOCD's output: how far it got, and why it failed.
 */

/** Echoed by our commands once OpenOCD has read all scripts: a failure after it is about hardware. */
#define HF_OPENOCD_CONFIGURED "hilfarm: scripts read"

typedef struct hf_openocd_output {
    char version[80];  /**< "Open On-Chip Debugger 0.12.0"; "" = not printed yet */
    char error[256];   /**< the first error since hf_openocd_output_forget(); "" = none. The first error is
                        the cause of a failure; later ones are mostly consequences. */
    char last[256];    /**< the last line not filtered out, if there is no known error; "" = none */
    unsigned tcl_port; /**< 0 until printed */
    bool configured;   /**< OpenOCD has read all scripts */
} hf_openocd_output;

/** Parses a line. `user` is the hf_openocd_output. */
void hf_openocd_output_line(void *user, const char *line);

/** Discards the errors so far, before a command whose own errors matter. */
void hf_openocd_output_forget(hf_openocd_output *output);

/** The first error, or else the last line, or else "". */
const char *hf_openocd_output_words(const hf_openocd_output *output);

#endif
