/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_AGENT_FILE_H
#define HF_SPEC_AGENT_FILE_H

#include "config/broker_config.h"
#include "spec/farm_file.h"

/**
 * @file agent_file.h
 * The file of `hilfarm-agent`, the agent of one host (configs/FORMAT.md): the name of the host, how to reach the NATS server, and the
 * boards of the host, which are listed here or in an ordinary farm file.
 */

#define HF_HOST_NAME_MAX 40 /**< characters */

typedef struct hf_agent_file {
    const char *path; /**< as the caller named it */
    const char *host; /**< name of the host: letters, digits, '_' and '-', at most HF_HOST_NAME_MAX */
    hf_broker_config broker;
    const hf_farm *farm; /**< the boards, all of this host; at least one */
} hf_agent_file;

/**
 * Reads the file, and the farm file if it names one.
 * @param out set on HF_OK; hf_agent_file_free()
 * @return HF_OK; HF_EINVALID if there were mistakes (all in diagnostics); HF_ENOMEM
 */
hf_status hf_agent_file_load(const char *path, hf_agent_file **out, hf_diagnostics *diagnostics,
                             hf_error *err);
/** The same from memory; `path` is the text's name in messages, and its folder that of relative paths. */
hf_status hf_agent_file_parse(const char *path, const char *text, size_t text_bytes, hf_agent_file **out,
                              hf_diagnostics *diagnostics, hf_error *err);
/** NULL allowed. */
void hf_agent_file_free(hf_agent_file *file);

/** Whether a text can be the name of a host. */
bool hf_host_name_ok(const char *name);

#endif
