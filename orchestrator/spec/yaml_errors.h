/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_YAML_ERRORS_H
#define HF_SPEC_YAML_ERRORS_H

#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "spec/diagnostics.h"

/**
 * @file yaml_errors.h
 * Diagnostics for text that is not valid YAML.
 */

typedef struct hf_yaml_source {
    const char *file; /**< its name in messages */
    const char *text;
    size_t text_bytes;
    hf_diagnostics *diagnostics;
} hf_yaml_source;

/** Line and column of a mark, from 1. */
uint32_t hf_yaml_line(yaml_mark_t mark);
uint32_t hf_yaml_column(yaml_mark_t mark);

#define HF_YAML_REPORT(source, mark, ...)                                                                    \
    hf_diagnostics_add((source)->diagnostics, (source)->file, hf_yaml_line(mark), hf_yaml_column(mark),      \
                       __VA_ARGS__)

/** Reports the error that stopped the parser, and every line indented with a tab. */
void hf_yaml_report_syntax(const hf_yaml_source *source, const yaml_parser_t *parser);

#endif
