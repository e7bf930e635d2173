/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

#define TEXT_MAX 600 /* bytes of one diagnostic's text; longer ones are truncated */

struct hf_diagnostics {
    hf_diagnostic items[HF_DIAGNOSTICS_MAX];
    uint32_t count;
    uint32_t total;
    bool failed;
};

hf_diagnostics *hf_diagnostics_new(void)
{
    return calloc(1, sizeof(hf_diagnostics));
}

void hf_diagnostics_free(hf_diagnostics *list)
{
    if (!list)
        return;
    for (uint32_t i = 0; i < list->count; i++) {
        free((char *)list->items[i].file);
        free((char *)list->items[i].text);
    }
    free(list);
}

void hf_diagnostics_add(hf_diagnostics *list, const char *file, uint32_t line, uint32_t column,
                        const char *format, ...)
{
    list->total++;
    if (list->count == HF_DIAGNOSTICS_MAX)
        return;
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length >= (int)sizeof text)
        memcpy(text + sizeof text - 4, "...", 4);
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        bool c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0; /* U+0080 .. U+009F in UTF-8 */
        if (c1)
            *at++ = '?';
        if (c1 || *at < 0x20 || *at == 0x7f)
            *at = '?';
    }
    char *file_copy = strdup(file);
    char *text_copy = strdup(text);
    if (!file_copy || !text_copy) {
        free(file_copy);
        free(text_copy);
        list->failed = true;
        return;
    }
    list->items[list->count++] =
        (hf_diagnostic){.file = file_copy, .line = line, .column = column, .text = text_copy};
}

void hf_diagnostics_add_unreadable(hf_diagnostics *list, const char *file, const hf_error *error,
                                   const char *expected)
{
    static const char *const heads[] = {"cannot open ", "cannot read ", ""};
    const char *head = "", *tail = error->message;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0] && tail == error->message; i++) {
        const size_t length = strlen(heads[i]), file_length = strlen(file);
        if (strncmp(tail, heads[i], length) != 0 || strncmp(tail + length, file, file_length) != 0)
            continue;
        tail += length + file_length;
        head = heads[i];
    }
    const int head_length = *head ? (int)strlen(head) - 1 : 0;
    tail += !head_length && *tail == ' ';
    hf_diagnostics_add(list, file, 0, 0, "%.*s%s, expected %s", head_length, head, tail, expected);
}

uint32_t hf_diagnostics_count(const hf_diagnostics *list)
{
    return list->count;
}

uint32_t hf_diagnostics_total(const hf_diagnostics *list)
{
    return list->total;
}

bool hf_diagnostics_failed(const hf_diagnostics *list)
{
    return list->failed;
}

const hf_diagnostic *hf_diagnostics_at(const hf_diagnostics *list, uint32_t index)
{
    return index < list->count ? &list->items[index] : NULL;
}

/* Index of the first diagnostic of the same file: files are sorted in the order in which they were read. */
static uint32_t file_rank(const hf_diagnostics *list, const hf_diagnostic *item)
{
    uint32_t i = 0;
    while (strcmp(list->items[i].file, item->file) != 0)
        i++;
    return i;
}

static int compare(const void *a, const void *b, void *user)
{
    const hf_diagnostics *list = user;
    const hf_diagnostic *x = *(const hf_diagnostic *const *)a;
    const hf_diagnostic *y = *(const hf_diagnostic *const *)b;
    uint32_t rank_x = file_rank(list, x), rank_y = file_rank(list, y);
    if (rank_x != rank_y)
        return rank_x < rank_y ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x < y ? -1 : x > y;
}

char *hf_diagnostics_render(const hf_diagnostics *list)
{
    const hf_diagnostic *sorted[HF_DIAGNOSTICS_MAX];
    for (uint32_t i = 0; i < list->count; i++)
        sorted[i] = &list->items[i];
    qsort_r(sorted, list->count, sizeof(const hf_diagnostic *), compare, (void *)list);
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "");
    for (uint32_t i = 0; i < list->count; i++) {
        const hf_diagnostic *item = sorted[i];
        if (item->line)
            hf_buffer_printf(&text, "%s:%u:%u: %s\n", item->file, item->line, item->column, item->text);
        else
            hf_buffer_printf(&text, "%s: %s\n", item->file, item->text);
    }
    if (list->total > list->count)
        hf_buffer_printf(&text, "... and %u more\n", list->total - list->count);
    char *rendered = hf_buffer_take(&text);
    hf_buffer_free(&text);
    return rendered;
}
