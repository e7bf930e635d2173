/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/did_you_mean.h"
#include "board/board.h"
#include "cli.h"
#include "score_models.h"
#include "scorecard/latency_estimate.h"
#include "scorecard/limit_checks.h"
#include "scorecard/render.h"
#include "spec/quantity.h"

static const char usage[] =
    "usage: hilfarm analyze NAME|FILE.tflite|SPEC.yaml... [options]\n"
    "Says what models cost before any board is touched: MACs, parameters, size, memory, estimated latency.\n"
    "  --layers             also each layer: type, shape, MACs, params, bytes, memory alive, estimated time\n"
    "  --ram SIZE           limits, as 250KB, 250KB and 60M; default: those of the spec\n"
    "  --rom SIZE\n"
    "  --macs COUNT\n"
    "  --chip CHIP          estimate latency for this chip only (may be repeated; default: all)\n"
    "  --sort METRIC        macs, params, model, bytes_per_param, peak, arena or latency; least first,\n"
    "                       -METRIC: most first (default of the table and the page: macs)\n"
    "  --pareto A,B         mark the models that no other one beats in both metrics\n"
    "  --firmware-dir DIR   where hilfarm-<chip>.bin are, whose sizes count against RAM and ROM limits "
    "(default:\n"
    "                       ../firmware beside the program)\n"
    "  --exact              exact sizes and memory plans however many models there are (slower; done anyway\n"
    "                       for 20 models or fewer)\n"
    "  --json               for programs: an object, or an array for several models\n"
    "  --csv                for programs: a line a model, with --layers a line a layer\n"
    "  --html FILE          write a page with charts of the layers\n"
    "  -o, --output FILE    where text, JSON or CSV goes (default: standard output)\n"
    "exit status: 0 analysed, whether the limits are met or not; 2 bad input\n";

enum {
    LONG_LAYERS = 256,
    LONG_JSON,
    LONG_CSV,
    LONG_HTML,
    LONG_RAM,
    LONG_ROM,
    LONG_MACS,
    LONG_CHIP,
    LONG_SORT,
    LONG_PARETO,
    LONG_EXACT,
    LONG_OUTPUT,
    LONG_FIRMWARE_DIR,
};

static const struct option long_options[] = {
    {"layers", no_argument, NULL, LONG_LAYERS},
    {"json", no_argument, NULL, LONG_JSON},
    {"csv", no_argument, NULL, LONG_CSV},
    {"html", required_argument, NULL, LONG_HTML},
    {"ram", required_argument, NULL, LONG_RAM},
    {"rom", required_argument, NULL, LONG_ROM},
    {"macs", required_argument, NULL, LONG_MACS},
    {"chip", required_argument, NULL, LONG_CHIP},
    {"sort", required_argument, NULL, LONG_SORT},
    {"pareto", required_argument, NULL, LONG_PARETO},
    {"exact", no_argument, NULL, LONG_EXACT},
    {"output", required_argument, NULL, LONG_OUTPUT},
    {"firmware-dir", required_argument, NULL, LONG_FIRMWARE_DIR},
    {"help", no_argument, NULL, 'h'},
    {0},
};

typedef struct options {
    hf_analyze_request request;
    bool layers, json, csv, sorted, pareto;
    hf_goal sort, front[2];
    const char *html, *output;
    hf_cli_options common; /**< firmware_dir */
    const hf_chip *chips[HF_SCORECARD_MAX_CHIPS];
} options;

static bool read_limit(const char *option, const char *text, const hf_unit *units, int64_t *limit,
                       hf_error *err)
{
    uint64_t value = 0;
    const char *unit = "";
    bool bytes = units == hf_units_bytes;
    hf_quantity_result result = hf_quantity_parse(text, units, &value, &unit);
    if (result == HF_QUANTITY_OK && value > 0 && value <= INT64_MAX) {
        *limit = (int64_t)value;
        return true;
    }
    (void)HF_FAIL(err, HF_EINVALID, "--%s '%s': expected %s", option, text,
                  bytes ? "a size above 0 with its unit, as 250KB or 1.5MB"
                        : "a number above 0, as 60M or 7489664");
    return false;
}

static bool read_chip(const char *name, options *o, hf_error *err)
{
    const hf_chip *chip = hf_chip_find(name);
    if (!chip) {
        hf_buffer known = HF_BUFFER_INIT;
        hf_suggestion suggestion = {.word = name};
        for (uint32_t i = 0; hf_chip_at(i); i++) {
            hf_buffer_printf(&known, "%s%s", i ? ", " : "", hf_chip_at(i)->name);
            hf_suggest(&suggestion, hf_chip_at(i)->name);
        }
        (void)HF_FAIL(err, HF_EINVALID, "--chip '%s': %s%s", name,
                      suggestion.best ? "did you mean " : "expected one of ",
                      suggestion.best ? suggestion.best : hf_buffer_text(&known));
        hf_buffer_free(&known);
        return false;
    }
    for (uint32_t i = 0; i < o->request.chip_count; i++)
        if (o->chips[i] == chip)
            return true;
    if (o->request.chip_count < HF_SCORECARD_MAX_CHIPS)
        o->chips[o->request.chip_count++] = chip;
    return true;
}

static bool read_pareto(const char *text, options *o, hf_error *err)
{
    const char *comma = strchr(text, ',');
    if (!comma) {
        return HF_FAIL(err, HF_EINVALID, "--pareto '%s': expected two metrics, as macs,peak", text) == HF_OK;
    }
    o->pareto = true;
    if (hf_goal_parse(text, (size_t)(comma - text), &o->front[0], err) == HF_OK &&
        hf_goal_parse(comma + 1, strlen(comma + 1), &o->front[1], err) == HF_OK)
        return true;
    hf_error_context(err, HF_FAULT_NONE, "--pareto");
    return false;
}

static bool set_option(int which, const char *value, options *o, hf_error *err)
{
    switch (which) {
    case LONG_LAYERS:
        o->layers = true;
        return true;
    case LONG_JSON:
        o->json = true;
        return true;
    case LONG_CSV:
        o->csv = true;
        return true;
    case LONG_HTML:
        o->html = value;
        return true;
    case LONG_RAM:
        return read_limit("ram", value, hf_units_bytes, &o->request.limits.ram_bytes, err);
    case LONG_ROM:
        return read_limit("rom", value, hf_units_bytes, &o->request.limits.rom_bytes, err);
    case LONG_MACS:
        return read_limit("macs", value, hf_units_count, &o->request.limits.macs, err);
    case LONG_CHIP:
        return read_chip(value, o, err);
    case LONG_SORT:
        o->sorted = true;
        if (hf_goal_parse(value, strlen(value), &o->sort, err) == HF_OK)
            return true;
        hf_error_context(err, HF_FAULT_NONE, "--sort");
        return false;
    case LONG_PARETO:
        return read_pareto(value, o, err);
    case LONG_EXACT:
        o->request.exact = true;
        return true;
    case LONG_FIRMWARE_DIR:
        o->common.firmware_dir = value;
        return true;
    case 'o':
    case LONG_OUTPUT:
        o->output = value;
        return true;
    default:
        return true;
    }
}

static bool take_option(void *user, int which, const char *value)
{
    hf_error err = {0};
    if (set_option(which, value, user, &err))
        return true;
    fprintf(stderr, "hilfarm analyze: %s\n", err.message);
    return false;
}

/* @return true to go on; false: return *exit_status */
static bool parse(int argc, char **argv, options *o, hf_exit *exit_status)
{
    if (!hf_cli_walk(argc, argv, ":o:h", long_options, usage, take_option, o, exit_status))
        return false;
    *exit_status = HF_EXIT_BAD_INPUT;
    if (optind >= argc) {
        fprintf(stderr, "hilfarm analyze: a model, a file or a spec is missing\n%s", usage);
        return false;
    }
    if (o->json && o->csv) {
        fputs("hilfarm analyze: --json and --csv exclude each other\n", stderr);
        return false;
    }
    o->request.arguments = (const char *const *)(argv + optind);
    o->request.argument_count = (uint32_t)(argc - optind);
    if (!o->request.chip_count)
        for (uint32_t i = 0; hf_chip_at(i) && i < HF_SCORECARD_MAX_CHIPS; i++)
            o->chips[o->request.chip_count++] = hf_chip_at(i);
    o->request.chips = o->chips;
    o->request.keep_layers = o->layers || o->json || o->html;
    return true;
}

static hf_exit write_all(const options *o, hf_analyzed *models)
{
    hf_candidates comparison = {.models = models->items,
                                .count = models->count,
                                .has_front = o->pareto,
                                .front = {o->front[0], o->front[1]}};
    bool colour = !o->output && hf_cli_has_colours(STDOUT_FILENO);
    hf_buffer text = HF_BUFFER_INIT;
    if (o->json)
        hf_candidates_render_json(&comparison, &text);
    else if (o->csv)
        hf_candidates_render_csv(&comparison, o->layers, &text);
    else if (models->count > 1 && !o->layers)
        hf_candidates_render_table(&comparison, colour, &text);
    else
        for (size_t i = 0; i < models->count; i++) {
            hf_buffer_puts(&text, i ? "\n" : "");
            hf_scorecard_render_text(&models->items[i], o->layers || models->count == 1, colour, &text);
        }
    hf_exit exit_status = hf_cli_emit(&text, o->output);
    hf_buffer_clear(&text);
    if (exit_status == HF_EXIT_OK && o->html) {
        hf_candidates_render_html(&comparison, &text);
        exit_status = hf_cli_emit(&text, o->html);
    }
    hf_buffer_free(&text);
    return exit_status;
}

/* Without the firmware of every chip, as before it is built, only the model counts. */
static void find_firmware(options *o)
{
    hf_firmware_bounds bounds = {0};
    for (uint32_t i = 0; i < o->request.chip_count; i++) {
        hf_firmware_footprint footprint;
        if (hf_firmware_measure(hf_cli_firmware_dir(&o->common), o->chips[i], &footprint, NULL) != HF_OK)
            return;
        hf_firmware_bounds_add(&bounds, &footprint);
    }
    o->request.firmware = bounds;
}

int hf_command_analyze(int argc, char **argv)
{
    options o = {0};
    hf_exit exit_status;
    if (!parse(argc, argv, &o, &exit_status))
        return exit_status;
    hf_analyzed models = {0};
    hf_error err = {0};
    find_firmware(&o);
    exit_status = hf_cli_analyze(&o.request, &models);
    if (exit_status == HF_EXIT_OK) {
        bool for_people = !o.json && !o.csv;
        hf_status status = HF_OK;
        if (o.pareto)
            status = hf_candidates_mark_pareto(models.items, models.count, o.front[0], o.front[1], &err);
        if (status == HF_OK && (o.sorted || for_people))
            status = hf_candidates_sort(models.items, models.count, o.sort, &err); /* HF_METRIC_MACS is 0 */
        exit_status = status == HF_OK ? write_all(&o, &models) : hf_cli_fail(&err);
    }
    hf_analyzed_free(&models);
    return exit_status;
}
