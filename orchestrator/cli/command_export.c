/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "chips/chips.h"
#include "commands.h"
#include "export_model.h"
#include "export_outputs.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "page/page.h"
#include "report/render.h"
#include "results_source.h"
#include "store_access.h"

typedef struct values {
    const char *db, *output;
    const hf_chip *chip;
    uint32_t number;
    bool layers, local, real;
} values;

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "csv: a line per layer instead of a line per model (json and html have both)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, layers)},
    {.name = "chip",
     .placeholder = "CHIP",
     .help = "outputs: of this chip only",
     .read = hf_cli_read_chip,
     .offset = offsetof(values, chip)},
    {.name = "number",
     .placeholder = "N",
     .help = "outputs: only the Nth output of models with several",
     .read = hf_cli_read_count,
     .offset = offsetof(values, number),
     .min = 1,
     .max = 65536},
    {.name = "real",
     .help = "outputs: an array of dequantised float32 values (CSV has both)",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, real)},
    HF_CLI_OPTION_OUTPUT(offsetof(values, output)),
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
};

static const hf_cli_command command = {
    .synopsis = "export csv|html|json [RUN] [options]\n"
                "export outputs [RUN] [NAME] -o FILE [options]\n"
                "export tflite|image NAME|FILE.tflite -o FILE",
    .description =
        "Writes a run that is in the store. RUN is its number, key or name, as `hilfarm runs` "
        "lists them, or latest (the default).\n"
        "outputs writes what the boards answered in a run with `measure: {outputs: true}`, in the model's "
        "own "
        "types: a FILE that ends in .npy is a NumPy array of one model's inferences, any other is CSV. "
        "NAME is a model of the run.\n"
        "tflite and image write a model instead: a variation with generated weights, or a .tflite "
        "file. An image is what boards get: flash it next to the bench firmware, or open it with "
        "the engine (firmware/engine/FORMAT.md).",
    .argument = "a format (csv, html, json, outputs, tflite or image)",
    .min_arguments = 1,
    .max_arguments = 3,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm export csv my_sweep --layers -o layers.csv\n"
             "  hilfarm export outputs latest my_net -o my_net.npy\n"
             "  hilfarm export tflite mobilenetv2_0.25_96_c3_o2 -o net.tflite\n"
             "  hilfarm export image net.tflite -o net.img",
};

typedef struct run_format {
    const char *name;
    void (*render)(const hf_report *report, hf_buffer *out);
    const char *rendered; /* by the daemon */
} run_format;

static void render_page(const hf_report *report, hf_buffer *out)
{
    hf_page_render(report, NULL, out);
}

static const run_format run_formats[] = {
    {"csv", hf_render_csv, "results.csv"},
    {"html", render_page, "report.html"},
    {"json", hf_render_json, "results.json"},
};

static const char *const format_names[] = {"csv", "html", "json", "outputs", "tflite", "image"};

static const run_format *find_run_format(const char *name)
{
    for (size_t i = 0; i < sizeof run_formats / sizeof run_formats[0]; i++)
        if (strcmp(run_formats[i].name, name) == 0)
            return &run_formats[i];
    return NULL;
}

static hf_exit render_run(const run_format *format, const char *run, const values *v, hf_buffer *text)
{
    hf_cli_results_source source;
    hf_report report = {0};
    hf_exit exit_status = hf_cli_results_source_open(v->db, v->local, &source);
    if (exit_status == HF_EXIT_OK && source.db) {
        exit_status = hf_cli_load_report(source.db, run, &report);
        if (exit_status == HF_EXIT_OK)
            (v->layers ? hf_render_layers_csv : format->render)(&report, text);
        hf_report_free(&report);
    } else if (exit_status == HF_EXIT_OK) {
        exit_status =
            hf_cli_fetch_rendered(source.client, run, v->layers ? "layers.csv" : format->rendered, text);
    }
    hf_cli_results_source_close(&source);
    return exit_status;
}

static hf_exit export_run(const run_format *format, const char *run, const values *v)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_exit exit_status = render_run(format, run, v, &text);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_write(&text, v->output);
    hf_buffer_free(&text);
    return exit_status;
}

static hf_exit export_model(const char *format, const char *model, const values *v)
{
    if (!model)
        fprintf(stderr, "hilfarm export: %s needs the name of a variation or a .tflite file\n", format);
    else if (!v->output)
        fprintf(stderr, "hilfarm export: %s needs a file to write to: -o FILE\n", format);
    else
        return (strcmp(format, "image") == 0 ? hf_cli_export_image : hf_cli_export_tflite)(model, v->output);
    return HF_EXIT_BAD_INPUT;
}

static hf_exit export_outputs(const char *run, const char *model, const values *v)
{
    const hf_cli_export_outputs_options wanted = {.db = v->db,
                                                  .file = v->output,
                                                  .run = run,
                                                  .model = model,
                                                  .chip = v->chip ? v->chip->name : NULL,
                                                  .output = v->number,
                                                  .real = v->real,
                                                  .local = v->local};
    return hf_cli_export_outputs(&wanted);
}

int hf_command_export(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    const char *format = arguments[0], *what = count > 1 ? arguments[1] : NULL;
    if (v.layers && strcmp(format, "csv") != 0) {
        fputs("hilfarm export: --layers is for csv; html and json always have the layers\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    const bool outputs = strcmp(format, "outputs") == 0;
    if (count > 2 && !outputs) {
        fprintf(stderr, "hilfarm export: '%s' is one argument too many for %s\n", arguments[2], format);
        return HF_EXIT_BAD_INPUT;
    }
    if (!outputs && (v.chip || v.number || v.real)) {
        fputs("hilfarm export: --chip, --number and --real are for outputs\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (outputs)
        return export_outputs(what, count > 2 ? arguments[2] : NULL, &v);
    const run_format *run = find_run_format(format);
    if (run)
        return export_run(run, what, &v);
    if (strcmp(format, "tflite") == 0 || strcmp(format, "image") == 0)
        return export_model(format, what, &v);
    fprintf(stderr, "hilfarm export: unknown format '%s': expected csv, html, json, outputs, tflite or image",
            format);
    hf_cli_print_suggestion(format, format_names, sizeof format_names / sizeof format_names[0]);
    fputc('\n', stderr);
    return HF_EXIT_BAD_INPUT;
}
