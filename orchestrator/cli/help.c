/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <string.h>

#include "base/did_you_mean.h"

#define COLUMNS     80
#define HELP_COLUMN 24 /* where the explanations of options begin */

/* Prints words up to the end of the paragraph. Lines after the first are indented. @param column of the
 * cursor */
static void print_wrapped(const char *text, size_t length, int column, int indent, FILE *to)
{
    bool at_start = true;
    for (size_t i = 0; i < length;) {
        const char *word = text + i;
        size_t word_length = strcspn(word, " \n");
        word_length = word_length > length - i ? length - i : word_length;
        if (!at_start && column + 1 + (int)word_length > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
            at_start = true;
        }
        column += fprintf(to, "%s%.*s", at_start ? "" : " ", (int)word_length, word);
        at_start = false;
        i += word_length + 1;
    }
    fputc('\n', to);
}

/* One paragraph per line; a line that begins with two spaces is printed as it is. */
static void print_paragraphs(const char *text, FILE *to)
{
    for (;;) {
        size_t length = strcspn(text, "\n");
        if (strncmp(text, "  ", 2) == 0)
            fprintf(to, "%.*s\n", (int)length, text);
        else
            print_wrapped(text, length, 0, 0, to);
        if (!text[length])
            break;
        text += length + 1;
    }
}

static void print_synopsis(const char *synopsis, FILE *to)
{
    const char *label = "usage:";
    for (;;) {
        size_t length = strcspn(synopsis, "\n");
        fprintf(to, "%-6s hilfarm %.*s\n", label, (int)length, synopsis);
        if (!synopsis[length])
            break;
        synopsis += length + 1;
        label = "";
    }
}

static void print_option(const hf_cli_option *option, FILE *to)
{
    char letter[] = "-x, ";
    letter[1] = option->letter;
    int column = fprintf(to, "  %s--%s%s%s", option->letter ? letter : "", option->name,
                         option->placeholder ? " " : "", option->placeholder ? option->placeholder : "");
    if (column > HELP_COLUMN - 2) {
        fputc('\n', to);
        column = 0;
    }
    fprintf(to, "%*s", HELP_COLUMN - column, "");
    print_wrapped(option->help, strlen(option->help), HELP_COLUMN, HELP_COLUMN, to);
}

void hf_cli_print_help(const hf_cli_command *command, FILE *to)
{
    print_synopsis(command->synopsis, to);
    fputc('\n', to);
    print_paragraphs(command->description, to);
    fputc('\n', to);
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i], to);
    if (command->notes) {
        fputc('\n', to);
        print_paragraphs(command->notes, to);
    }
}

void hf_cli_print_suggestion(const char *word, const char *const *known, size_t count)
{
    hf_suggestion suggestion = {.word = word};
    for (size_t i = 0; i < count; i++)
        hf_suggest(&suggestion, known[i]);
    if (suggestion.best)
        fprintf(stderr, ", did you mean '%s'?", suggestion.best);
}
