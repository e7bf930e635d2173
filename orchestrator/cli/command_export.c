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
#include "report_page.h"
#include "results_source.h"
#include "store_access.h"
#include "write_results.h"

typedef struct values {
    const char *db, *output;
    const hf_chip *chip;
    uint32_t number;
    bool layers, local, real;
} values;

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "csv: a line per layer instead of a line per model (the others have both)",
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
    .synopsis = "export csv|html|json|markdown|sqlite [RUN] [options]\n"
                "export outputs [RUN] [NAME] -o FILE [options]\n"
                "export tflite|image NAME|FILE.tflite -o FILE",
    .description =
        "Writes a run that is in the store. RUN is its number, key or name, as `hilfarm runs` "
        "lists them, or latest (the default). markdown is a table of the results; sqlite is a database "
        "with a table for results, layers, samples and attempts, whose columns are those of csv.\n"
        "outputs writes what the boards answered in a run with `measure: {outputs: true}`, in the model's "
        "own types: "
        "a FILE that ends in .npy is a NumPy array of one model's inferences, one that ends in .csv or has "
        "no ending is CSV. NAME is a "
        "model of the run.\n"
        "tflite and image write a model instead: a variation with generated weights, or a .tflite "
        "file. An image is what boards get: flash it next to the bench firmware, or open it with "
        "the engine (firmware/engine/FORMAT.md).",
    .argument = "a format (csv, html, json, markdown, outputs, sqlite, tflite or image)",
    .min_arguments = 1,
    .max_arguments = 3,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm export csv my_sweep --layers -o layers.csv\n"
             "  hilfarm export outputs latest my_net -o my_net.npy\n"
             "  hilfarm export sqlite my_sweep -o my_sweep.db\n"
             "  hilfarm export tflite mobilenetv2_0.25_96_c3_o2 -o net.tflite\n"
             "  hilfarm export image net.tflite -o net.img",
};

/* A run as a text that is written one result at a time. */
static const struct {
    const char *name;
    const hf_results_format *format;
} text_formats[] = {
    {"csv", &hf_results_csv},
    {"json", &hf_results_json},
    {"markdown", &hf_results_markdown},
};

static const char *const format_names[] = {"csv",     "html",   "json",   "markdown",
                                           "outputs", "sqlite", "tflite", "image"};

/* NULL = another format. */
static const hf_results_format *find_text_format(const char *name, bool layers)
{
    for (size_t i = 0; i < sizeof text_formats / sizeof text_formats[0]; i++)
        if (strcmp(text_formats[i].name, name) == 0)
            return layers ? &hf_layers_csv : text_formats[i].format;
    return NULL;
}

/* ---- The page, and a database ---- */

static hf_exit export_page(const hf_cli_results_source *source, const char *run, const char *output)
{
    return source->db ? hf_cli_export_page(source->db, run, output)
                      : hf_cli_copy_rendered(source, run, "report.html", output);
}

static hf_exit export_sqlite(const hf_cli_results_source *source, const char *run, const char *output)
{
    hf_error err = {0};
    hf_store *store;
    int64_t run_id;
    if (!output) {
        fputs("hilfarm export: sqlite needs a file to write to: -o FILE\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (!source->db)
        return hf_cli_needs_store(source, "export sqlite");
    hf_exit exit_status = hf_cli_open_run(source->db, run, &store, &run_id);
    if (exit_status == HF_EXIT_OK && hf_store_export(store, run_id, output, &err) != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_store_close(store);
    return exit_status;
}

static hf_exit export_run(const char *format, const char *run, const values *v)
{
    hf_cli_results_source source;
    const hf_results_format *text = find_text_format(format, v->layers);
    hf_exit exit_status = hf_cli_results_source_open(v->db, v->local, &source);
    if (exit_status == HF_EXIT_OK)
        exit_status = text                          ? hf_cli_write_results(&source, run, text, v->output)
                      : strcmp(format, "html") == 0 ? export_page(&source, run, v->output)
                                                    : export_sqlite(&source, run, v->output);
    hf_cli_results_source_close(&source);
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
        fputs("hilfarm export: --layers is for csv; html, json and sqlite always have the layers\n", stderr);
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
    if (find_text_format(format, false) || strcmp(format, "html") == 0 || strcmp(format, "sqlite") == 0)
        return export_run(format, what, &v);
    if (strcmp(format, "tflite") == 0 || strcmp(format, "image") == 0)
        return export_model(format, what, &v);
    fprintf(stderr,
            "hilfarm export: unknown format '%s': expected csv, html, json, markdown, outputs, sqlite, "
            "tflite or image",
            format);
    hf_cli_print_suggestion(format, format_names, sizeof format_names / sizeof format_names[0]);
    fputc('\n', stderr);
    return HF_EXIT_BAD_INPUT;
}
