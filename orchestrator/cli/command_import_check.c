/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "compile/compile.h"
#include "options.h"
#include "tflite/tflite.h"

typedef struct values {
    bool quiet;
} values;

static const hf_cli_option options[] = {
    {.name = "quiet",
     .help = "print only files that cannot be measured",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, quiet)},
};

static const hf_cli_command command = {
    .synopsis = "import-check FILE.tflite... [options]",
    .description =
        "Says for each TensorFlow Lite file, in one line, whether hilfarm can measure it: sizes of image and "
        "arena, inputs and outputs, or everything that is not supported. Uses no board.",
    .argument = "a .tflite file",
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 all files can be measured, 1 some cannot.\n"
             "Example:\n"
             "  hilfarm import-check downloads/*.tflite",
};

static void print_ports(const hf_graph *graph, hf_model_port_kind kind, const char *role)
{
    const char *separator = role;
    int states = 0;
    for (int32_t i = 0; i < graph->port_count; i++) {
        const hf_model_port *port = &graph->ports[i];
        states += port->kind == HF_MODEL_STATE;
        if (port->kind != kind || kind == HF_MODEL_STATE)
            continue;
        printf("%s%s %dx%dx%d", separator, port->type, port->height, port->width, port->channels);
        if (port->float_tail)
            printf(" (without the float %s)", port->float_tail);
        separator = " + ";
    }
    if (kind == HF_MODEL_STATE && states > 0)
        printf(", %d variable%s", states, states == 1 ? "" : "s");
}

/* Why a file does not run, in a word. */
static const char *why_not(hf_status status)
{
    switch (status) {
    case HF_EUNSUPPORTED:
        return "not supported";
    case HF_EFORMAT:
        return "damaged";
    default:
        return "error";
    }
}

static bool check_file(const char *path, bool quiet)
{
    char name[HF_TFLITE_NAME_SIZE];
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_error err = {0};
    hf_tflite_name(path, name);
    hf_status status = hf_tflite_load(name, path, &graph, &err);
    if (status == HF_OK)
        status = hf_compile(graph, &image, &err);
    if (status != HF_OK) {
        printf("%s: %s: %s\n", path, why_not(status), err.message);
    } else if (!quiet) {
        printf("%s: runs: image %zu bytes, arena %u bytes", path, image.size, image.arena_bytes);
        print_ports(graph, HF_MODEL_INPUT, ", input ");
        print_ports(graph, HF_MODEL_OUTPUT, ", output ");
        print_ports(graph, HF_MODEL_STATE, "");
        putchar('\n');
    }
    hf_image_free(&image);
    hf_graph_free(graph);
    return status == HF_OK;
}

int hf_command_import_check(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    for (int i = 0; i < count; i++)
        if (!check_file(arguments[i], v.quiet))
            exit_status = HF_EXIT_SOME_FAILED;
    return exit_status;
}
