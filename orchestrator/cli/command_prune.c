/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "results_source.h"
#include "spec/quantity.h"
#include "store/retention.h"
#include "store_access.h"

/* Time for giving pages back to the disk. What is left is given back next time. */
#define SHRINK_MS 120000

#define HOUR_MS     UINT64_C(3600000)
#define DAY_MS      (HOUR_MS * 24)
#define MOST_AGE_MS (DAY_MS * 36600)

typedef struct values {
    const char *db;
    uint64_t keep_ms;
    bool dry_run, local;
} values;

static hf_status read_age(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    static const hf_unit units[] = {{"h", HOUR_MS}, {"d", DAY_MS}, {"w", DAY_MS * 7}, {NULL, 0}};
    (void)option;
    uint64_t ms = 0;
    const char *unit;
    if (hf_quantity_parse(value, units, &ms, &unit) != HF_QUANTITY_OK || ms < HOUR_MS || ms > MOST_AGE_MS)
        return HF_FAIL(err, HF_EINVALID,
                       "expected an age such as 30d (units: h, d, w), from 1 h to 100 years");
    *(uint64_t *)target = ms;
    return HF_OK;
}

static const hf_cli_option options[] = {
    {.name = "keep",
     .placeholder = "AGE",
     .help = "runs that ended within this time keep everything: 30d, 12 h, 8w",
     .read = read_age,
     .offset = offsetof(values, keep_ms)},
    {.name = "dry-run",
     .help = "only say what would be deleted",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, dry_run)},
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
};

static const hf_cli_command command = {
    .synopsis = "prune --keep AGE [options]",
    .description =
        "Deletes the details of old runs from the store: samples, layers, outputs and transcripts, which "
        "take most of "
        "its space. Runs, results and failures stay, with the median, fastest, slowest and 5th and 95th "
        "percentile of each latency, so that reports, comparisons and trends still show them. The newest run "
        "of each spec in which nothing failed or regressed, tagged runs (`hilfarm tag`) and runs under way "
        "are "
        "left alone. Then unused space is given back to the disk. Other hilfarms may use the store "
        "meanwhile.\n"
        "A comparison of latencies measured on silicon needs samples: with a pruned run, a different median "
        "is "
        "`uncertain`. So tag the runs that you want to compare with.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes =
        "Exit status: 0, 2 = bad input, 3 = the store cannot be written, or the daemon cannot be reached.\n"
        "Example:\n"
        "  hilfarm prune --keep 30d --dry-run",
};

static void print_trimmed(const hf_trimmed *trimmed, bool dry_run)
{
    char bytes[32];
    hf_format_bytes((double)trimmed->bytes, bytes, sizeof bytes);
    printf("%s of %" PRId32 " run%s: %" PRId64 " samples, %" PRId64 " rows of layers, %" PRId64
           " outputs, %" PRId64 " transcripts, about %s\n",
           dry_run ? "would delete details" : "deleted details", trimmed->runs, trimmed->runs == 1 ? "" : "s",
           trimmed->samples, trimmed->layers, trimmed->outputs, trimmed->transcripts, bytes);
    if (trimmed->tagged || trimmed->green)
        printf("left alone: %" PRId32 " tagged, %" PRId32 " newest without failures\n", trimmed->tagged,
               trimmed->green);
}

static void print_shrunk(const hf_shrunk *shrunk)
{
    char before[32], after[32], unused[32], needed[32];
    hf_format_bytes((double)shrunk->before_bytes, before, sizeof before);
    hf_format_bytes((double)shrunk->after_bytes, after, sizeof after);
    hf_format_bytes((double)shrunk->unused_bytes, unused, sizeof unused);
    hf_format_bytes((double)shrunk->needed_bytes, needed, sizeof needed);
    printf("store: %s, was %s\n", after, before);
    if (shrunk->end == HF_SHRINK_TIME_OUT)
        printf("%s in it are still unused; the next `hilfarm prune` continues\n", unused);
    else if (shrunk->end == HF_SHRINK_BUSY)
        printf("%s in it are unused; they can be given back when no run is under way\n", unused);
    else if (shrunk->end == HF_SHRINK_NO_SPACE)
        printf("%s in it are unused; giving them back needs %s of free space\n", unused, needed);
}

static hf_status prune_store(hf_store *store, const values *v, hf_error *err)
{
    hf_trimmed trimmed;
    hf_status status = hf_store_trim(store, hf_wall_ms() - (int64_t)v->keep_ms, v->dry_run, &trimmed, err);
    if (status == HF_OK || trimmed.runs)
        print_trimmed(&trimmed, v->dry_run);
    if (status != HF_OK || v->dry_run)
        return status;
    hf_shrunk shrunk;
    status = hf_store_shrink(store, SHRINK_MS, &shrunk, err);
    if (status == HF_OK)
        print_shrunk(&shrunk);
    return status;
}

static hf_exit prune(const values *v)
{
    hf_error err = {0};
    hf_cli_results_source source;
    hf_store *store = NULL;
    hf_exit exit_status = hf_cli_results_source_open_writable(v->db, v->local, &source);
    if (exit_status == HF_EXIT_OK)
        exit_status = source.db ? hf_cli_open_existing_store(source.db, &store)
                                : hf_cli_needs_writable_store(&source, "prune");
    if (exit_status == HF_EXIT_OK && prune_store(store, v, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_store_close(store);
    hf_cli_results_source_close(&source);
    return exit_status;
}

int hf_command_prune(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_error err = {0};
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (!v.keep_ms) {
        (void)HF_FAIL(&err, HF_EINVALID, "prune: --keep is missing: expected an age such as --keep 30d");
        return hf_cli_fail(&err);
    }
    return prune(&v);
}
