/* SPDX-License-Identifier: Apache-2.0 */
/* The syntax errors of libyaml as diagnostics with a position. */
#include "yaml_errors.h"

#include <stdint.h>
#include <string.h>

uint32_t hf_yaml_line(yaml_mark_t mark)
{
    return mark.line < UINT32_MAX ? (uint32_t)mark.line + 1 : UINT32_MAX;
}

uint32_t hf_yaml_column(yaml_mark_t mark)
{
    return mark.column < UINT32_MAX ? (uint32_t)mark.column + 1 : UINT32_MAX;
}

/* The byte at a position, '\0' past the end. */
static char byte_at(const hf_yaml_source *source, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line; i++) {
        const char *newline = memchr(source->text + at, '\n', source->text_bytes - at);
        if (!newline)
            return '\0';
        at = (size_t)(newline - source->text) + 1;
    }
    for (uint32_t i = 1; at < source->text_bytes; at++) {
        if (((unsigned char)source->text[at] & 0xc0) == 0x80)
            continue; /* inside a character */
        if (i++ == column)
            return source->text[at];
    }
    return '\0';
}

static yaml_mark_t mark_of_offset(const hf_yaml_source *source, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < source->text_bytes; i++) {
        if (source->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if (((unsigned char)source->text[i] & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

/* Reports the other lines indented with a tab, which YAML forbids: the parser stops at the first one. */
static void report_tabs(const hf_yaml_source *source, uint32_t but_line)
{
    uint32_t line = 1;
    for (size_t at = 0; at < source->text_bytes; line++) {
        size_t start = at;
        while (at < source->text_bytes && source->text[at] == ' ')
            at++;
        if (at < source->text_bytes && source->text[at] == '\t' && line != but_line) {
            hf_diagnostics_add(source->diagnostics, source->file, line, (uint32_t)(at - start) + 1,
                               "a tab character, expected spaces as indentation");
        }
        const char *newline = memchr(source->text + at, '\n', source->text_bytes - at);
        at = newline ? (size_t)(newline - source->text) + 1 : source->text_bytes;
    }
}

void hf_yaml_report_syntax(const hf_yaml_source *source, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "unexpected content";
    if (parser->error == YAML_READER_ERROR) {
        HF_YAML_REPORT(source, mark_of_offset(source, parser->problem_offset),
                       "%s, expected plain UTF-8 text", problem);
        return;
    }
    uint32_t line = hf_yaml_line(parser->problem_mark);
    uint32_t column = hf_yaml_column(parser->problem_mark);
    if (byte_at(source, line, column) == '\t') {
        hf_diagnostics_add(source->diagnostics, source->file, line, column,
                           "a tab character, expected spaces as indentation");
    } else if (parser->context) {
        HF_YAML_REPORT(source, parser->problem_mark, "not valid YAML %s that starts on line %u: %s",
                       parser->context, hf_yaml_line(parser->context_mark), problem);
    } else {
        HF_YAML_REPORT(source, parser->problem_mark, "not valid YAML: %s", problem);
    }
    report_tabs(source, line);
}
