/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_TEXT_FILE_H
#define HF_SPEC_TEXT_FILE_H

#include <stddef.h>

#include "spec/diagnostics.h"

/**
 * @file text_file.h
 * What reading a spec, a farm file and the file of an agent have in common.
 */

/**
 * Reads a file that a person wrote, of at most HF_SPEC_MAX_BYTES. One that cannot be read is a mistake.
 * @param expected "a readable job spec"
 * @param text freed by the caller; written on HF_OK, as is bytes
 * @return HF_OK; HF_EINVALID with a mistake added; HF_ENOMEM
 */
hf_status hf_text_file_read(const char *path, const char *expected, char **text, size_t *bytes,
                            hf_diagnostics *diagnostics, hf_error *err);

/** What comes of a file with this many mistakes. @return HF_OK; HF_ENOMEM; HF_EINVALID if there are mistakes */
hf_status hf_text_file_verdict(const char *path, bool no_memory, uint32_t mistakes, hf_error *err);

#endif
