/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_DRAFT_OUTPUT_H
#define HF_CLI_DRAFT_OUTPUT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "exit_status.h"
#include "inventory/inventory.h"

/**
 * @file draft_output.h
 * Writing a draft of a farm file, which must not replace a file by mistake.
 */

typedef struct hf_cli_draft {
    const char *form;   /**< "boards scan", for messages */
    const char *output; /**< file to write; NULL = standard output */
    bool force;         /**< replace an existing file */
} hf_cli_draft;

/** Whether the file does not exist, or may be replaced; says so if not. Early, before work is done in vain. */
bool hf_cli_may_write(const hf_cli_draft *draft);
/** Writes a text; a file is created unless --force allows to replace one. */
hf_exit hf_cli_write_new(const hf_cli_draft *draft, const hf_buffer *text);
/**
 * The same for a farm file; prints what is in it.
 * @param source what each board comes from: "debug probe", "entry"
 * @param name_chip whether --chip would help
 * @return HF_EXIT_SOME_FAILED if the user must complete it
 */
hf_exit hf_cli_write_draft(const hf_cli_draft *draft, const hf_buffer *text, const hf_draft_summary *summary,
                           const char *source, bool name_chip);

#endif
