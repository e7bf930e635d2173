/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_fields.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/did_you_mean.h"
#include "spec/quantity.h"

hf_shown hf_show(const hf_yaml_node *node)
{
    hf_shown shown;
    if (node->kind != HF_NODE_SCALAR)
        snprintf(shown.text, sizeof shown.text, "%s", hf_node_kind_name(node->kind));
    else if (!*node->text && node->plain)
        snprintf(shown.text, sizeof shown.text, "no value");
    else if (strlen(node->text) > HF_SHOWN_SIZE - 16)
        snprintf(shown.text, sizeof shown.text, "\"%.*s...\"", HF_SHOWN_SIZE - 16, node->text);
    else
        snprintf(shown.text, sizeof shown.text, "\"%s\"", node->text);
    return shown;
}

bool hf_is_name(const char *text)
{
    if (!isalnum((unsigned char)*text))
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr("_-.", *text))
            return false;
    return true;
}

bool hf_is_scalar(hf_reader *r, const char *name, const hf_yaml_node *value, const char *expected)
{
    if (value->kind == HF_NODE_BAD)
        return false;
    if (value->kind == HF_NODE_SCALAR && (*value->text || !value->plain))
        return true;
    HF_READER_ERROR(r, value, "%s: %s, expected %s", name, HF_SHOW(value), expected);
    return false;
}

/* ---- Mappings ---- */

const hf_yaml_node *hf_map_get(const hf_yaml_node *map, const char *key)
{
    for (const hf_yaml_node *value = map->first; value; value = value->next)
        if (strcmp(value->key->text, key) == 0)
            return value;
    return NULL;
}

/* Whether a field is called by this word elsewhere. Case is ignored. */
static bool is_synonym(const hf_field *field, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = field->synonyms; at && *at;) {
        const size_t next = strcspn(at, " ");
        if (next == length && strncasecmp(at, word, length) == 0)
            return true;
        at += next + (at[next] == ' ');
    }
    return false;
}

/* The field that an unknown key probably means or misspells, or NULL. */
static const char *nearest_field(const hf_yaml_node *key, const hf_field *fields, uint32_t field_count)
{
    hf_suggestion suggestion = {.word = key->text};
    for (uint32_t i = 0; i < field_count; i++)
        if (is_synonym(&fields[i], key->text))
            return fields[i].name;
    for (uint32_t i = 0; i < field_count; i++)
        hf_suggest(&suggestion, fields[i].name);
    return suggestion.best;
}

bool hf_is_missing(const hf_yaml_node *map, const char *name, const hf_field *fields, uint32_t field_count)
{
    if (hf_map_get(map, name))
        return false;
    for (const hf_yaml_node *value = map->first; value; value = value->next) {
        const char *best = nearest_field(value->key, fields, field_count);
        if (best && strcmp(best, name) == 0)
            return false;
    }
    return true;
}

void hf_unknown_key(hf_reader *r, const char *what, const hf_yaml_node *key, const hf_field *fields,
                    uint32_t field_count)
{
    const char *best = nearest_field(key, fields, field_count);
    hf_buffer known = HF_BUFFER_INIT;
    for (uint32_t i = 0; i < field_count; i++)
        hf_buffer_printf(&known, "%s%s", i ? ", " : "", fields[i].name);
    if (best)
        HF_READER_ERROR(r, key, "unknown key %s in %s, did you mean \"%s\"?", HF_SHOW(key), what, best);
    else
        HF_READER_ERROR(r, key, "unknown key %s in %s, expected one of: %s", HF_SHOW(key), what,
                        hf_buffer_text(&known));
    r->pool->failed |= known.failed;
    hf_buffer_free(&known);
}

void hf_read_fields(hf_reader *r, const char *what, const hf_yaml_node *map, const hf_field *fields,
                    uint32_t field_count, void *base)
{
    if (map->kind == HF_NODE_BAD)
        return;
    if (map->kind != HF_NODE_MAP) {
        HF_READER_ERROR(r, map, "%s: %s, expected a mapping with keys such as \"%s\"", what, HF_SHOW(map),
                        fields[0].name);
        return;
    }
    for (const hf_yaml_node *value = map->first; value; value = value->next) {
        uint32_t i = 0;
        while (i < field_count && strcmp(fields[i].name, value->key->text) != 0)
            i++;
        if (i < field_count)
            fields[i].read(r, &fields[i], value, (char *)base + fields[i].offset);
        else
            hf_unknown_key(r, what, value->key, fields, field_count);
    }
    for (uint32_t i = 0; i < field_count; i++)
        if (fields[i].required && hf_is_missing(map, fields[i].name, fields, field_count))
            HF_READER_ERROR(r, map, "%s has no \"%s\", which is required", what, fields[i].name);
}

void hf_read_section(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_read_fields(r, field->name, value, field->also, field->also_count, at);
}

/* ---- Values ---- */

bool hf_parse_u64(const char *text, uint64_t *out)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (const char *at = text; *at; at++) {
        if (!isdigit((unsigned char)*at) || value > (UINT64_MAX >> 1) / 10 - 1)
            return false;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *out = value;
    return true;
}

bool hf_parse_number(const char *text, double *out)
{
    if (!*text || text[strspn(text, "+-.0123456789eE")])
        return false;
    char *end;
    *out = strtod(text, &end);
    return !*end && isfinite(*out);
}

void hf_read_real(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const double min = (double)field->min / 1e6, max = (double)field->max / 1e6;
    double number = NAN;
    if (!hf_is_scalar(r, field->name, value, "a number"))
        return;
    if (!hf_parse_number(value->text, &number) || !(number >= min && number <= max))
        HF_READER_ERROR(r, value, "%s: %s, expected a number from %g to %g", field->name, HF_SHOW(value), min,
                        max);
    else
        *(double *)at = number;
}

bool hf_read_word(hf_reader *r, const hf_field *field, const hf_yaml_node *value, const char *const *words,
                  int count, const char *expected, int *number)
{
    if (!hf_is_scalar(r, field->name, value, expected))
        return false;
    for (int i = 0; i < count; i++)
        if (strcmp(value->text, words[i]) == 0) {
            *number = i;
            return true;
        }
    HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
    return false;
}

void hf_read_u32(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    char expected[80];
    snprintf(expected, sizeof expected, "a whole number from %ju to %ju", (uintmax_t)field->min,
             (uintmax_t)field->max);
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    uint64_t number;
    if (!value->plain)
        HF_READER_ERROR(r, value, "%s: %s is a string, expected %s without quotes", field->name,
                        HF_SHOW(value), expected);
    else if (!hf_parse_u64(value->text, &number) || number < field->min || number > field->max)
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
    else
        *(uint32_t *)at = (uint32_t)number;
}

void hf_read_bool(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (!hf_is_scalar(r, field->name, value, "true or false"))
        return;
    if (value->plain && strcmp(value->text, "true") == 0)
        *(bool *)at = true;
    else if (value->plain && strcmp(value->text, "false") == 0)
        *(bool *)at = false;
    else
        HF_READER_ERROR(r, value, "%s: %s, expected true or false", field->name, HF_SHOW(value));
}

void hf_read_text(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    char expected[80];
    snprintf(expected, sizeof expected, "a string of %ju to %ju characters", (uintmax_t)field->min,
             (uintmax_t)field->max);
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    size_t length = strlen(value->text);
    if (length < field->min || length > field->max) {
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
        return;
    }
    for (const char *byte = value->text; *byte; byte++) {
        if ((unsigned char)*byte < 0x20 || *byte == 0x7f) {
            HF_READER_ERROR(r, value, "%s: the string contains control characters, expected plain text",
                            field->name);
            return;
        }
    }
    *(const char **)at = hf_pool_copy(r->pool, value->text, length);
}

typedef struct quantity_kind {
    const hf_unit *units;
    const char *what; /* "a size" */
    const char *example;
    const char *smallest; /* the unit of min and max, in the plural */
} quantity_kind;

/* "30 s": in the largest unit in which a value is a whole number. */
static void put_in_units(hf_buffer *out, const hf_unit *units, uint64_t value)
{
    const hf_unit *best = units;
    for (const hf_unit *unit = units; unit->name; unit++)
        if (value && value % unit->factor == 0 && unit->factor > best->factor)
            best = unit;
    const char *name = best->name ? best->name : "";
    hf_buffer_printf(out, "%ju%s%s", (uintmax_t)(value / best->factor), *name ? " " : "", name);
}

static void report_range(hf_reader *r, const hf_field *field, const hf_yaml_node *value, const hf_unit *units)
{
    hf_buffer range = HF_BUFFER_INIT;
    put_in_units(&range, units, field->min);
    hf_buffer_puts(&range, " to ");
    put_in_units(&range, units, field->max);
    HF_READER_ERROR(r, value, "%s: %s is out of range, expected %s", field->name, HF_SHOW(value),
                    hf_buffer_text(&range));
    r->pool->failed |= range.failed;
    hf_buffer_free(&range);
}

static bool read_quantity(hf_reader *r, const hf_field *field, const hf_yaml_node *value,
                          const quantity_kind *kind, uint64_t *out)
{
    hf_buffer units = HF_BUFFER_INIT;
    hf_buffer_printf(&units, "%s such as \"%s\" (units: ", kind->what, kind->example);
    for (const hf_unit *unit = kind->units; unit->name; unit++)
        hf_buffer_printf(&units, "%s%s", unit > kind->units ? ", " : "", *unit->name ? unit->name : "none");
    hf_buffer_putc(&units, ')');
    const char *expected = hf_buffer_text(&units);
    const char *unit = "";
    uint64_t number = 0;
    bool good = false;
    if (hf_is_scalar(r, field->name, value, expected)) {
        hf_suggestion suggestion;
        switch (hf_quantity_parse(value->text, kind->units, &number, &unit)) {
        case HF_QUANTITY_NOT_A_NUMBER:
            HF_READER_ERROR(r, value, "%s: %s is not a number with a unit, expected %s", field->name,
                            HF_SHOW(value), expected);
            break;
        case HF_QUANTITY_NO_UNIT:
            HF_READER_ERROR(r, value, "%s: %s has no unit, expected %s", field->name, HF_SHOW(value),
                            expected);
            break;
        case HF_QUANTITY_UNKNOWN_UNIT:
            suggestion = (hf_suggestion){.word = unit};
            for (const hf_unit *known = kind->units; known->name; known++)
                if (*known->name)
                    hf_suggest(&suggestion, known->name);
            HF_READER_ERROR(r, value, "%s: %s has an unknown unit, expected %s%s%s%s", field->name,
                            HF_SHOW(value), expected, suggestion.best ? "; did you mean \"" : "",
                            suggestion.best ? suggestion.best : "", suggestion.best ? "\"?" : "");
            break;
        case HF_QUANTITY_NOT_WHOLE:
            HF_READER_ERROR(r, value, "%s: %s is not a whole number of %s", field->name, HF_SHOW(value),
                            kind->smallest);
            break;
        case HF_QUANTITY_TOO_LARGE:
            number = UINT64_MAX;
            /* fall through */
        case HF_QUANTITY_OK:
            good = number >= field->min && number <= field->max;
            if (!good)
                report_range(r, field, value, kind->units);
            break;
        }
    }
    r->pool->failed |= units.failed;
    hf_buffer_free(&units);
    if (good)
        *out = number;
    return good;
}

void hf_read_bytes(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const quantity_kind kind = {hf_units_bytes, "a size", "250 KB", "bytes"};
    read_quantity(r, field, value, &kind, at);
}

void hf_read_count(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    static const quantity_kind kind = {hf_units_count, "a number", "60 M", "units"};
    read_quantity(r, field, value, &kind, at);
}

static const quantity_kind duration = {hf_units_duration, "a time", "30 s", "ms"};

void hf_read_duration_64(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    read_quantity(r, field, value, &duration, at);
}

void hf_read_duration_32(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    uint64_t milliseconds;
    if (read_quantity(r, field, value, &duration, &milliseconds)) /* max is within 32 bits */
        *(uint32_t *)at = (uint32_t)milliseconds;
}
