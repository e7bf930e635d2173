/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli.h"
#include "display.h"
#include "exit_status.h"
#include "farm/resume.h"
#include "farm/run.h"
#include "report/limit_verdicts.h"
#include "report/render.h"
#include "report_files.h"
#include "spec/run_config.h"

static const char usage[] =
    "usage: hilfarm run SPEC.yaml [options]\n"
    "       hilfarm run --resume [RUN] [options]\n"
    "Measures every model variation of the job spec on the boards it selects, then prints the table and "
    "writes\n"
    "results.csv, layers.csv and report.html into a folder beside the store.\n"
    "  --resume [RUN]       goes on with a run that ended early (default: the latest): measures only what "
    "is\n"
    "                       missing, provided spec, firmware and images are the same\n"
    "  --farm FILE          the boards there are (default: two virtual boards)\n"
    "  --db FILE            the store (default: " HF_DEFAULT_DB ")\n"
    "  --wait TIME          waits for boards that another run uses (\"30 min\"; default: does without them)\n"
    "  --quiet              print only what failed, nothing at all when all went well (for cron)\n"
    "  --fail-on WORDS      what makes the exit status 1: failed (always), missed (a limit), with a comma "
    "between\n"
    "  --plain              no live display and no colours, as when the output is not a terminal\n"
    "  --firmware-dir DIR   where hilfarm-<chip>.bin are (default: ../firmware beside the program)\n"
    "  --openocd PROGRAM    default: openocd from PATH\n"
    "  --vboard PROGRAM     default: hilfarm-vboard beside this program\n";

static hf_exit read_input(const char *spec_path, const hf_cli_options *options, hf_run_config *input)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    if (!diagnostics) {
        fputs("hilfarm: no memory\n", stderr);
        return HF_EXIT_FARM;
    }
    hf_status status = hf_run_config_load(spec_path, options->farm, input, diagnostics, &err);
    hf_exit exit_status = HF_EXIT_OK;
    uint32_t mistakes = hf_diagnostics_total(diagnostics);
    if (mistakes) {
        char *text = hf_diagnostics_render(diagnostics);
        fprintf(stderr, "%shilfarm: %u mistake%s, nothing was run\n", text ? text : "", mistakes,
                mistakes == 1 ? "" : "s");
        free(text);
        exit_status = HF_EXIT_BAD_INPUT;
    } else if (status != HF_OK) {
        exit_status = hf_cli_fail(&err);
    }
    hf_diagnostics_free(diagnostics);
    return exit_status;
}

static int columns_of_stdout(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* The table, or with --quiet only what failed; then the files. @param missed set to how many missed a limit
 */
static hf_exit show_report(hf_store *store, const hf_cli_options *options, int64_t run_id, unsigned fail_on,
                           unsigned *missed)
{
    hf_error err = {0};
    hf_report report = {0};
    if (hf_store_load_report(store, run_id, &report, &err) != HF_OK)
        return hf_cli_fail(&err);
    for (size_t i = 0; i < report.result_count; i++)
        *missed += hf_report_missed(&report, &report.results[i]);
    hf_buffer text = HF_BUFFER_INIT;
    if (options->quiet) {
        hf_render_failures(&report, fail_on & HF_FAIL_ON_MISSED, &text);
    } else {
        hf_buffer_putc(&text, '\n');
        hf_render_table(&report, columns_of_stdout(), !options->plain && hf_cli_has_colours(STDOUT_FILENO),
                        &text);
    }
    hf_exit exit_status = hf_cli_emit(&text, NULL);
    char *folder = NULL;
    hf_exit written = hf_cli_write_report(&report, options->db, &folder);
    if (written == HF_EXIT_OK && text.size)
        printf("\nrun %lld: %s/report.html, results.csv and layers.csv; store %s\n", (long long)run_id,
               folder, options->db);
    hf_buffer_free(&text);
    free(folder);
    hf_report_free(&report);
    return written != HF_EXIT_OK ? written : exit_status;
}

static void print_beginning(const hf_run_config *input, const hf_report *earlier)
{
    uint32_t chips = input->selection.chip_count, boards = input->selection.board_count;
    printf("%s: %u model%s on %u chip%s, %u board%s\n", input->spec->name, input->spec->variation_count,
           input->spec->variation_count == 1 ? "" : "s", chips, chips == 1 ? "" : "s", boards,
           boards == 1 ? "" : "s");
    if (earlier)
        printf("resuming run %lld (%s): %d measured and %d pruned before\n", (long long)earlier->run.id,
               earlier->run.key, earlier->run.measured, earlier->run.pruned);
    fflush(stdout);
}

/* @param earlier the run to resume; NULL = a new one */
static hf_exit run(const hf_run_config *input, const hf_cli_options *options, hf_store *store,
                   const hf_report *earlier)
{
    unsigned fail_on, missed = 0;
    hf_fail_on_parse(options->fail_on, &fail_on); /* known to be right */
    hf_display *display =
        options->quiet ? NULL : hf_display_new(!options->plain && hf_cli_is_terminal(STDOUT_FILENO));
    hf_run_options run_options = {
        .spec = input->spec,
        .farm = input->farm,
        .selection = &input->selection,
        .store = store,
        .earlier = earlier,
        .firmware_dir = hf_cli_firmware_dir(options),
        .openocd_path = options->openocd,
        .vboard_path = options->vboard,
        .version = HILFARM_VERSION,
        .wait_ns = options->wait_ms * HF_NS_PER_MS,
    };
    if (display)
        run_options.observer = hf_display_observer(display);
    if (!options->quiet)
        print_beginning(input, earlier);
    hf_run_summary summary;
    hf_error err = {0};
    hf_status status = hf_run(&run_options, &summary, &err);
    hf_display_free(display);
    hf_exit shown =
        summary.run_id ? show_report(store, options, summary.run_id, fail_on, &missed) : HF_EXIT_OK;
    if (status != HF_OK)
        hf_cli_fail(&err);
    hf_exit exit_status = hf_run_exit(status, &summary, missed, fail_on);
    return exit_status == HF_EXIT_FARM || shown == HF_EXIT_OK ? exit_status : shown;
}

static hf_exit open_store(const hf_cli_options *options, hf_store **store)
{
    hf_error err = {0};
    if (hf_store_open(options->db, store, &err) != HF_OK) {
        hf_cli_fail(&err);
        return HF_EXIT_FARM;
    }
    if (*hf_store_note(*store))
        fprintf(stderr, "hilfarm: %s\n", hf_store_note(*store));
    return HF_EXIT_OK;
}

/* A new run of a spec. */
static hf_exit run_spec(const char *spec_path, const hf_cli_options *options)
{
    hf_run_config input = {0};
    hf_store *store = NULL;
    hf_exit exit_status = read_input(spec_path, options, &input);
    if (exit_status == HF_EXIT_OK)
        exit_status = open_store(options, &store);
    if (exit_status == HF_EXIT_OK)
        exit_status = run(&input, options, store, NULL);
    hf_store_close(store);
    hf_run_config_free(&input);
    return exit_status;
}

static hf_exit load_earlier(const char *text, const hf_cli_options *options, hf_store *store,
                            hf_report *earlier)
{
    hf_error err = {0};
    int64_t run_id = 0;
    if (access(text, F_OK) == 0 && strchr(text, '.')) {
        fprintf(stderr, "hilfarm run: --resume takes a run, not a file such as %s: see `hilfarm runs`\n",
                text);
        return HF_EXIT_BAD_INPUT;
    }
    if (hf_store_find_run(store, text, &run_id, &err) != HF_OK ||
        hf_store_load_report(store, run_id, earlier, &err) != HF_OK)
        return hf_cli_fail(&err);
    if (earlier->run.state == HF_RUN_RUNNING) {
        fprintf(stderr, "hilfarm: run %lld is under way (%s): nothing to resume\n",
                (long long)earlier->run.id, earlier->run.host);
        return HF_EXIT_BAD_INPUT;
    }
    const char *farm = options->farm ? options->farm : earlier->run.farm_path;
    if (!farm && earlier->run.farm_text) {
        fprintf(stderr, "hilfarm: run %lld had a farm file, and it is not known which: name it with --farm\n",
                (long long)earlier->run.id);
        return HF_EXIT_BAD_INPUT;
    }
    return HF_EXIT_OK;
}

/* What is missing of a run. */
static hf_exit resume(const char *text, const hf_cli_options *options)
{
    hf_error err = {0};
    hf_run_config input = {0};
    hf_store *store = NULL;
    hf_report earlier = {0};
    hf_cli_options with_farm = *options;
    hf_exit exit_status = open_store(options, &store);
    if (exit_status == HF_EXIT_OK)
        exit_status = load_earlier(text, options, store, &earlier);
    if (exit_status == HF_EXIT_OK) {
        with_farm.farm = options->farm ? options->farm : earlier.run.farm_path;
        exit_status = read_input(earlier.run.spec_path, &with_farm, &input);
    }
    if (exit_status == HF_EXIT_OK &&
        hf_resume_check(&earlier, input.spec, &input.selection, hf_cli_firmware_dir(options), &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    if (exit_status == HF_EXIT_OK)
        exit_status = run(&input, &with_farm, store, &earlier);
    hf_store_close(store);
    hf_report_free(&earlier);
    hf_run_config_free(&input);
    return exit_status;
}

int hf_command_run(int argc, char **argv)
{
    hf_cli_options options;
    char **words;
    int word_count;
    hf_exit exit_status;
    const unsigned allowed = HF_OPTION_DB | HF_OPTION_FARM | HF_OPTION_PLAIN | HF_OPTION_PROGRAMS |
                             HF_OPTION_RESUME | HF_OPTION_QUIET | HF_OPTION_FAIL_ON | HF_OPTION_WAIT;
    if (!hf_cli_parse(argc, argv, allowed, usage, 0, 1, &options, &words, &word_count, &exit_status))
        return exit_status;
    unsigned fail_on;
    if (!hf_fail_on_parse(options.fail_on, &fail_on))
        return HF_EXIT_BAD_INPUT;
    if (options.resume)
        return resume(word_count ? words[0] : "latest", &options);
    if (!word_count) {
        fprintf(stderr, "hilfarm run: an argument is missing\n%s", usage);
        return HF_EXIT_BAD_INPUT;
    }
    return run_spec(words[0], &options);
}
