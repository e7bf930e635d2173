/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_AGENT_FORMS_H
#define HF_CLI_AGENT_FORMS_H

#include <stdbool.h>
#include <stdint.h>

#include "exit_status.h"

/**
 * @file agent_forms.h
 * The forms of `hilfarm agent`: who takes part in a farm of several hosts.
 */

typedef struct hf_agent_values {
    const char *directory; /* of the authority, or of a host's keys */
    const char *listen, *names, *url, *output, *token_file, *config;
    uint64_t valid_ms;
} hf_agent_values;

hf_exit hf_agent_init(const hf_agent_values *v);
hf_exit hf_agent_token(const hf_agent_values *given, const char *host);
/** @param given the token; is overwritten once it was read, so that nobody sees it in the list of processes; NULL = from v->token_file */
hf_exit hf_agent_join(const hf_agent_values *v, char *given);
hf_exit hf_agent_list(const hf_agent_values *v);
/** @param host NULL = all whose certificate ends soon, and those of the server and the farm */
hf_exit hf_agent_renew(const hf_agent_values *v, const char *host);
hf_exit hf_agent_revoke(const hf_agent_values *v, const char *host);

/** The folder of the authority: the given one, /var/lib/hilfarm/broker for root or where it exists, or one below $XDG_STATE_HOME.
 * @return static storage */
const char *hf_agent_authority_folder(const char *given);

#endif
