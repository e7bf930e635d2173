/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/board.h"
#include "commands.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "page/page.h"
#include "programs.h"
#include "score_models.h"
#include "scorecard/render.h"
#include "spec/quantity.h"

typedef struct chip_set {
    const hf_chip *chips[HF_SCORECARD_MAX_CHIPS];
    uint32_t count;
} chip_set;

typedef struct sort_order {
    bool given;
    hf_goal goal;
} sort_order;

typedef struct pareto_front {
    bool given;
    hf_goal goals[2];
} pareto_front;

typedef struct values {
    hf_limits limits;
    chip_set chips;
    sort_order sort;
    pareto_front pareto;
    const char *html, *output, *firmware_dir;
    bool layers, json, csv, exact;
} values;

/* ---- Readers ---- */

static hf_status read_bytes(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    uint64_t bytes = 0;
    const char *unit;
    if (hf_quantity_parse(value, hf_units_bytes, &bytes, &unit) != HF_QUANTITY_OK || bytes == 0 ||
        bytes > INT64_MAX)
        return HF_FAIL(err, HF_EINVALID, "expected a size above 0 with its unit, such as 250KB or 1.5MB");
    *(int64_t *)target = (int64_t)bytes;
    return HF_OK;
}

static hf_status read_macs(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    uint64_t macs = 0;
    const char *unit;
    if (hf_quantity_parse(value, hf_units_count, &macs, &unit) != HF_QUANTITY_OK || macs == 0 ||
        macs > INT64_MAX)
        return HF_FAIL(err, HF_EINVALID, "expected a number above 0, such as 60M or 7489664");
    *(int64_t *)target = (int64_t)macs;
    return HF_OK;
}

static hf_status read_chip(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    chip_set *set = target;
    const hf_chip *chip = NULL;
    hf_status status = hf_cli_read_chip(option, value, &chip, err);
    if (status != HF_OK)
        return status;
    for (uint32_t i = 0; i < set->count; i++)
        if (set->chips[i] == chip)
            return HF_OK;
    if (set->count < HF_SCORECARD_MAX_CHIPS)
        set->chips[set->count++] = chip;
    return HF_OK;
}

static hf_status read_sort(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    sort_order *sort = target;
    sort->given = true;
    return hf_goal_parse(value, strlen(value), &sort->goal, err);
}

static hf_status read_pareto(const hf_cli_option *option, const char *value, void *target, hf_error *err)
{
    (void)option;
    pareto_front *front = target;
    const char *comma = strchr(value, ',');
    if (!comma)
        return HF_FAIL(err, HF_EINVALID, "expected two metrics, such as macs,peak");
    front->given = true;
    hf_status status = hf_goal_parse(value, (size_t)(comma - value), &front->goals[0], err);
    return status == HF_OK ? hf_goal_parse(comma + 1, strlen(comma + 1), &front->goals[1], err) : status;
}

/* ---- The command ---- */

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "also print each layer: type, shape, MACs, parameters, bytes, live memory, estimated time",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, layers)},
    {.name = "ram",
     .placeholder = "SIZE",
     .help = "limit, such as 250KB (default of all limits: those of the spec)",
     .read = read_bytes,
     .offset = offsetof(values, limits.ram_bytes)},
    {.name = "rom",
     .placeholder = "SIZE",
     .help = "limit, such as 250KB",
     .read = read_bytes,
     .offset = offsetof(values, limits.rom_bytes)},
    {.name = "macs",
     .placeholder = "COUNT",
     .help = "limit, such as 60M",
     .read = read_macs,
     .offset = offsetof(values, limits.macs)},
    {.name = "chip",
     .placeholder = "CHIP",
     .help =
         "for this chip only, as a run on its boards: latency, firmware, and the memory that an image may "
         "use; may be repeated (default: all chips)",
     .read = read_chip,
     .offset = offsetof(values, chips)},
    {.name = "sort",
     .placeholder = "METRIC",
     .help = "macs, params, model, bytes_per_param, peak, arena or latency, smallest first; accuracy, "
             "largest first; "
             "-METRIC: the other way "
             "round (default of the table and the page: macs)",
     .read = read_sort,
     .offset = offsetof(values, sort)},
    {.name = "pareto",
     .placeholder = "A,B",
     .help = "mark the models that no other model beats in both metrics",
     .read = read_pareto,
     .offset = offsetof(values, pareto)},
    {.name = "exact",
     .help = "exact sizes and memory plans for any number of models; slower, and the default for up to 20",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, exact)},
    {.name = "json",
     .help = "JSON: an object, or an array for several models",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, json)},
    {.name = "csv",
     .help = "CSV: a line per model, with --layers a line per layer",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, csv)},
    {.name = "html",
     .placeholder = "FILE",
     .help = "also write the page of a report, with estimates instead of measurements",
     .read = hf_cli_read_output_path,
     .offset = offsetof(values, html)},
    HF_CLI_OPTION_OUTPUT(offsetof(values, output)),
    HF_CLI_OPTION_FIRMWARE_DIR(offsetof(values, firmware_dir)),
};

static const hf_cli_command command = {
    .synopsis = "analyze NAME|FILE.tflite|SPEC.yaml... [options]",
    .description = "Prints what models cost, without a board: MACs, parameters, sizes, memory, estimated "
                   "latency. RAM and ROM limits include the firmware where its images are found.",
    .argument = "a model, a file or a spec",
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 analysed, whether or not limits are met; 2 bad input, after the models that "
             "could be analysed.\n"
             "Examples:\n"
             "  hilfarm analyze mobilenetv1_0.25_96_c3_o2 --layers\n"
             "  hilfarm analyze my_sweep.yaml --pareto latency,peak\n"
             "  hilfarm analyze sweep.yaml --pareto accuracy,latency --html page.html",
};

static hf_exit write_page(const hf_candidates *candidates, const char *title, const char *path)
{
    hf_error err = {0};
    hf_report report = {0};
    hf_buffer text = HF_BUFFER_INIT;
    if (hf_candidates_report(candidates, title, &report, &err) != HF_OK)
        return hf_cli_fail(&err);
    hf_page_render(&report, NULL, &text);
    hf_report_free(&report);
    hf_exit exit_status = hf_cli_write(&text, path);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit write_all(const values *v, const char *title, hf_scored_models *models)
{
    hf_candidates comparison = {.models = models->items,
                                .count = models->count,
                                .has_front = v->pareto.given,
                                .front = {v->pareto.goals[0], v->pareto.goals[1]}};
    bool colour = !v->output && hf_cli_has_colours(STDOUT_FILENO);
    hf_buffer text = HF_BUFFER_INIT;
    if (v->json)
        hf_candidates_render_json(&comparison, &text);
    else if (v->csv)
        hf_candidates_render_csv(&comparison, v->layers, &text);
    else if (models->count > 1 && !v->layers)
        hf_candidates_render_table(&comparison, colour, &text);
    else
        for (size_t i = 0; i < models->count; i++) {
            hf_buffer_puts(&text, i ? "\n" : "");
            hf_scorecard_render_text(&models->items[i], v->layers || models->count == 1, colour, &text);
        }
    hf_exit exit_status = hf_cli_write(&text, v->output);
    hf_buffer_free(&text);
    if (exit_status == HF_EXIT_OK && v->html)
        exit_status = write_page(&comparison, title, v->html);
    return exit_status;
}

/* @param footprints one per chip; all 0 = unknown
 * @return their bounds; the firmware counts there only if it is known for every chip */
static hf_firmware_bounds measure_firmware(const values *v, hf_firmware_footprint *footprints)
{
    hf_firmware_bounds bounds = {0};
    bool known = true;
    for (uint32_t i = 0; i < v->chips.count; i++) {
        known = hf_firmware_measure(hf_cli_firmware_dir(v->firmware_dir), v->chips.chips[i], &footprints[i],
                                    NULL) == HF_OK &&
                known;
        hf_firmware_bounds_add(&bounds, &footprints[i]);
    }
    return known ? bounds : (hf_firmware_bounds){0};
}

static bool has_accuracy(const hf_scored_models *models)
{
    for (size_t i = 0; i < models->count; i++)
        if (models->items[i].card.has_accuracy)
            return true;
    return false;
}

/* Marks the front and sorts: always for people, on request for programs. */
static hf_exit arrange(const values *v, hf_scored_models *models)
{
    bool for_people = !v->json && !v->csv;
    hf_error err = {0};
    hf_status status = HF_OK;
    const bool judges_accuracy = v->pareto.given && (v->pareto.goals[0].metric == HF_METRIC_ACCURACY ||
                                                     v->pareto.goals[1].metric == HF_METRIC_ACCURACY);
    if (judges_accuracy && !has_accuracy(models)) {
        fputs("hilfarm analyze: no model has an accuracy: give it in the spec, such as `accuracy: 85.4`\n",
              stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (v->pareto.given)
        status = hf_candidates_mark_pareto(models->items, models->count, v->pareto.goals[0],
                                           v->pareto.goals[1], &err);
    if (status == HF_OK && (v->sort.given || for_people)) /* by default by MACs: HF_METRIC_MACS is 0 */
        status = hf_candidates_sort(models->items, models->count, v->sort.goal, &err);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

int hf_command_analyze(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (v.json && v.csv) {
        fputs("hilfarm analyze: --json and --csv exclude each other\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (!v.chips.count)
        for (uint32_t i = 0; hf_chip_at(i) && i < HF_SCORECARD_MAX_CHIPS; i++)
            v.chips.chips[v.chips.count++] = hf_chip_at(i);
    hf_firmware_footprint footprints[HF_SCORECARD_MAX_CHIPS] = {0};
    const hf_score_request request = {
        .arguments = (const char *const *)arguments,
        .argument_count = (uint32_t)count,
        .limits = v.limits,
        .settings = {.chips = v.chips.chips,
                     .chip_count = v.chips.count,
                     .firmware = measure_firmware(&v, footprints),
                     .firmwares = footprints,
                     .exact = v.exact,
                     .keep_layers = v.layers || v.json || v.html},
    };
    hf_scored_models models = {0};
    const hf_exit scored = hf_cli_score_models(&request, &models);
    exit_status = scored;
    if (scored == HF_EXIT_OK || (scored == HF_EXIT_BAD_INPUT && models.count))
        exit_status = arrange(&v, &models);
    if (exit_status == HF_EXIT_OK)
        exit_status = write_all(&v, arguments[0], &models);
    exit_status = exit_status == HF_EXIT_OK ? scored : exit_status;
    hf_scored_models_free(&models);
    return exit_status;
}
