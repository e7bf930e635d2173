/* SPDX-License-Identifier: Apache-2.0 */
#include "scan_boards.h"

#include <stdio.h>

#include "inventory/inventory.h"

hf_exit hf_cli_scan_boards(const hf_cli_scan *scan)
{
    if (!hf_cli_may_write(&scan->draft))
        return HF_EXIT_BAD_INPUT;
    hf_error err = {0};
    hf_discovery found = {0};
    if (hf_discover(&found, &err) != HF_OK) {
        hf_cli_fail(&err);
        return HF_EXIT_FARM;
    }
    hf_exit exit_status = HF_EXIT_FARM;
    if (!found.probe_count) {
        fputs("hilfarm: no USB debug probe found: connect a board, or write the farm file by hand "
              "(see hilfarm-farm(5))\n",
              stderr);
    } else {
        hf_buffer text = HF_BUFFER_INIT;
        hf_draft_summary summary = hf_draft_from_probes(&found, scan->chip ? scan->chip->name : NULL, &text);
        exit_status = hf_cli_write_draft(&scan->draft, &text, &summary, "debug probe", !scan->chip);
        hf_buffer_free(&text);
    }
    hf_discovery_free(&found);
    return exit_status;
}
