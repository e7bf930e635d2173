/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "report/render.h"

int hf_command_export(int argc, char **argv)
{
    static const char usage[] =
        "usage: hilfarm export csv|html|json [RUN] [options]\n"
        "       hilfarm export tflite NAME|FILE.tflite -o FILE\n"
        "Writes a run (its number, key or name as in `hilfarm runs`; default: the latest), or a model with "
        "seeded\n"
        "weights.\n"
        "  --layers            csv: a line a layer instead of a line a model (json and html have both)\n"
        "  -o, --output FILE   default: standard output\n"
        "  --db FILE           the store (default: " HF_DEFAULT_DB ")\n";
    static const struct {
        const char *name;
        void (*render)(const hf_report *report, hf_buffer *out);
    } formats[] = {{"csv", hf_render_csv}, {"html", hf_render_html}, {"json", hf_render_json}};
    hf_cli_options options;
    char **words;
    int word_count;
    hf_exit exit_status;
    if (!hf_cli_parse(argc, argv, HF_OPTION_DB | HF_OPTION_OUTPUT | HF_OPTION_LAYERS, usage, 1, 2, &options,
                      &words, &word_count, &exit_status))
        return exit_status;
    if (options.layers && strcmp(words[0], "csv") != 0) {
        fputs("hilfarm export: --layers is for csv; html and json have the layers anyway\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    if (strcmp(words[0], "tflite") == 0) {
        if (word_count > 1)
            return hf_cli_export_tflite(words[1], options.output);
        fputs("hilfarm export: tflite needs the name of a variation or a .tflite file\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    size_t format = 0;
    size_t format_count = sizeof formats / sizeof formats[0];
    while (format < format_count && strcmp(words[0], formats[format].name) != 0)
        format++;
    if (format == format_count) {
        static const char *const known_formats[] = {"csv", "html", "json", "tflite"};
        fprintf(stderr, "hilfarm export: unknown format '%s': expected csv, html, json or tflite", words[0]);
        hf_cli_print_suggestion(words[0], known_formats, sizeof known_formats / sizeof known_formats[0]);
        fputc('\n', stderr);
        return HF_EXIT_BAD_INPUT;
    }
    hf_report report = {0};
    exit_status = hf_cli_load_report(&options, word_count > 1 ? words[1] : NULL, &report);
    if (exit_status == HF_EXIT_OK) {
        hf_buffer text = HF_BUFFER_INIT;
        (options.layers ? hf_render_layers_csv : formats[format].render)(&report, &text);
        exit_status = hf_cli_emit(&text, options.output);
        hf_buffer_free(&text);
    }
    hf_report_free(&report);
    return exit_status;
}
