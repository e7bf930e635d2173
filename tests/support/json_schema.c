/* SPDX-License-Identifier: Apache-2.0 */
#include "json_schema.h"

#include <stdbool.h>

#include "hf_test.h"

#define PATH_SIZE 256

typedef struct place {
    const json_t *root; /* schema */
    char path[PATH_SIZE];
    char why[PATH_SIZE];
} place;

static bool fits(place *at, const json_t *schema, const json_t *value);

static bool wrong(place *at, const char *why)
{
    snprintf(at->why, sizeof at->why, "%s", why);
    return false;
}

static bool is_type(const json_t *value, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
           (strcmp(type, "number") == 0 && json_is_number(value)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
           (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool has_type(const json_t *types, const json_t *value)
{
    size_t i;
    const json_t *type;
    if (json_is_string(types))
        return is_type(value, json_string_value(types));
    json_array_foreach((json_t *)types, i, type) if (is_type(value, json_string_value(type))) return true;
    return false;
}

static bool is_one_of(const json_t *values, const json_t *value)
{
    size_t i;
    const json_t *one;
    json_array_foreach((json_t *)values, i, one) if (json_equal(one, value)) return true;
    return false;
}

static bool fits_any(place *at, const json_t *schemas, const json_t *value)
{
    size_t i;
    const json_t *schema;
    json_array_foreach((json_t *)schemas, i, schema) if (fits(at, schema, value)) return true;
    return false;
}

/* As fits(), with a longer path. */
static bool member_fits(place *at, const char *name, const json_t *schema, const json_t *value)
{
    const size_t length = strlen(at->path);
    snprintf(at->path + length, sizeof at->path - length, "/%s", name);
    if (!fits(at, schema, value))
        return false;
    at->path[length] = '\0';
    return true;
}

static bool object_fits(place *at, const json_t *schema, const json_t *value)
{
    const json_t *properties = json_object_get(schema, "properties"),
                 *others = json_object_get(schema, "additionalProperties"),
                 *required = json_object_get(schema, "required");
    const char *name;
    json_t *member;
    size_t i;
    const json_t *needed;
    json_array_foreach((json_t *)required, i, needed)
    {
        if (!json_object_get(value, json_string_value(needed)))
            return wrong(at, json_string_value(needed));
    }
    json_object_foreach((json_t *)value, name, member)
    {
        const json_t *known = json_object_get(properties, name);
        if (!known && json_is_false(others))
            return wrong(at, name);
        if (!known && !others)
            continue;
        if (!member_fits(at, name, known ? known : others, member))
            return false;
    }
    return true;
}

static bool array_fits(place *at, const json_t *schema, const json_t *value)
{
    const json_t *items = json_object_get(schema, "items"), *least = json_object_get(schema, "minItems"),
                 *most = json_object_get(schema, "maxItems");
    const size_t size = json_array_size(value);
    if ((least && size < (size_t)json_integer_value(least)) ||
        (most && size > (size_t)json_integer_value(most)))
        return wrong(at, "number of items");
    for (size_t i = 0; items && i < size; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        if (!member_fits(at, name, items, json_array_get(value, i)))
            return false;
    }
    return true;
}

/* Fails if the schema has a keyword that this file does not know. */
static void check_keywords(const json_t *schema)
{
    static const char *const known[] = {"$schema",     "$defs",      "$ref",     "title",
                                        "description", "type",       "enum",     "anyOf",
                                        "minimum",     "properties", "required", "additionalProperties",
                                        "items",       "minItems",   "maxItems"};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)schema, name, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], name) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            fail_msg("the schema has the keyword %s, which the test does not know", name);
    }
}

static bool fits(place *at, const json_t *schema, const json_t *value)
{
    static const char definitions[] = "#/$defs/";
    check_keywords(schema);
    const char *reference = json_string_value(json_object_get(schema, "$ref"));
    if (reference) {
        if (strncmp(reference, definitions, sizeof definitions - 1) != 0)
            fail_msg("the schema refers to %s", reference);
        schema = json_object_get(json_object_get(at->root, "$defs"), reference + sizeof definitions - 1);
        if (!schema)
            fail_msg("the schema has no %s", reference);
    }
    const json_t *type = json_object_get(schema, "type"), *values = json_object_get(schema, "enum"),
                 *any = json_object_get(schema, "anyOf"), *least = json_object_get(schema, "minimum");
    if (type && !has_type(type, value))
        return wrong(at, "type");
    if (values && !is_one_of(values, value))
        return wrong(at, "enum");
    if (any && !fits_any(at, any, value))
        return false;
    if (least && json_is_number(value) && json_number_value(value) < json_number_value(least))
        return wrong(at, "minimum");
    if (json_is_object(value) && json_object_get(schema, "properties") == NULL &&
        json_object_get(schema, "additionalProperties") == NULL)
        return true;
    return json_is_object(value)  ? object_fits(at, schema, value)
           : json_is_array(value) ? array_fits(at, schema, value)
                                  : true;
}

void expect_schema(const json_t *schema, const json_t *value)
{
    place at = {.root = schema};
    if (!fits(&at, schema, value))
        fail_msg("%s: %s", at.path, at.why);
}
