/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "report/render.h"

int hf_command_report(int argc, char **argv)
{
    static const char usage[] =
        "usage: hilfarm report [RUN] [options]\n"
        "Shows the table of a run (its number, key or name as in `hilfarm runs`; default: the latest).\n"
        "  --layers    also what each layer took: cycles, their share, MACs per cycle\n"
        "  --db FILE   the store (default: " HF_DEFAULT_DB ")\n"
        "  --plain     no colours\n";
    hf_cli_options options;
    char **words;
    int word_count;
    hf_exit exit_status;
    if (!hf_cli_parse(argc, argv, HF_OPTION_DB | HF_OPTION_PLAIN | HF_OPTION_LAYERS, usage, 0, 1, &options,
                      &words, &word_count, &exit_status))
        return exit_status;
    hf_report report = {0};
    exit_status = hf_cli_load_report(&options, word_count ? words[0] : NULL, &report);
    if (exit_status == HF_EXIT_OK) {
        struct winsize size;
        int columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
        hf_buffer text = HF_BUFFER_INIT;
        hf_render_table(&report, columns, !options.plain && hf_cli_has_colours(STDOUT_FILENO), &text);
        if (options.layers)
            hf_render_layers_table(&report, &text);
        exit_status = hf_cli_emit(&text, NULL);
        hf_buffer_free(&text);
    }
    hf_report_free(&report);
    return exit_status;
}
