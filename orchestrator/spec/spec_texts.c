/* SPDX-License-Identifier: Apache-2.0 */
/* A string or a list of strings. */
#include <string.h>

#include "spec_reader.h"

void hf_read_texts(hf_reader *r, const char *name, const hf_yaml_node *value, uint32_t max_length,
                   hf_texts *out)
{
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind == HF_NODE_MAP || (value->kind == HF_NODE_LIST && !value->count)) {
        HF_READER_ERROR(r, value, "%s: %s, expected a string or a list of strings", name,
                        value->kind == HF_NODE_MAP ? "a mapping" : "an empty list");
        return;
    }
    bool list = value->kind == HF_NODE_LIST;
    uint32_t capacity = list ? value->count : 1;
    hf_texts texts = {.texts = hf_pool_alloc(r->pool, capacity * sizeof(char *)),
                      .lines = hf_pool_alloc(r->pool, capacity * sizeof(uint32_t)),
                      .columns = hf_pool_alloc(r->pool, capacity * sizeof(uint32_t))};
    if (!texts.texts || !texts.lines || !texts.columns)
        return;
    const hf_field field = {.name = name, .min = 1, .max = max_length};
    for (const hf_yaml_node *item = list ? value->first : value; item; item = list ? item->next : NULL) {
        const char *text = NULL;
        hf_read_text(r, &field, item, &text);
        uint32_t same = 0;
        while (text && same < texts.count && strcmp(texts.texts[same], text) != 0)
            same++;
        if (text && same < texts.count)
            HF_READER_ERROR(r, item, "%s: %s appears twice, first on line %u", name, HF_SHOW(item),
                            texts.lines[same]);
        if (!text || same < texts.count)
            continue;
        texts.texts[texts.count] = text;
        texts.lines[texts.count] = item->line;
        texts.columns[texts.count++] = item->column;
    }
    *out = texts;
}
