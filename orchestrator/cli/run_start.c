/* SPDX-License-Identifier: Apache-2.0 */
#include "run_start.h"

#include <inttypes.h>
#include <stdio.h>

void hf_cli_print_start(const char *name, const hf_cli_run_size *size)
{
    printf("%s: %u model%s on %u chip%s, %u board%s", name, size->models, size->models == 1 ? "" : "s",
           size->chips, size->chips == 1 ? "" : "s", size->boards, size->boards == 1 ? "" : "s");
    if (size->selected < size->jobs)
        printf("; %u of %u measurements selected", size->selected, size->jobs);
    putchar('\n');
    fflush(stdout);
}

void hf_cli_print_prepared(const hf_run_summary *summary)
{
    const uint32_t all = summary->prepared + summary->prepared_before;
    if (summary->prepared_before)
        printf("%u of %u model%s prepared before\n", summary->prepared_before, all,
               all == 1 ? " was" : "s were");
    fflush(stdout);
}

void hf_cli_print_resumed(int64_t run_id, const char *key, uint32_t measured, uint32_t pruned)
{
    printf("resuming run %" PRId64 " (%s): %u measured and %u pruned before\n", run_id, key, measured,
           pruned);
    fflush(stdout);
}
