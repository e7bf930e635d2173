/* SPDX-License-Identifier: Apache-2.0 */
/* The section `broker` of farm files and of the files of agents, and names of hosts. */
#include <ctype.h>
#include <string.h>

#include "farm_reader.h"
#include "spec/agent_file.h"
#include "spec_reader.h"

#define COUNT_OF(a)     (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define PATH_LENGTH_MAX 1024
#define MAX_PATIENCE_MS 3600000

bool hf_host_name_ok(const char *name)
{
    size_t length = 0;
    for (const char *at = name; *at; at++, length++)
        if (!isalnum((unsigned char)*at) && (at == name || !strchr("_-", *at)))
            return false;
    return length >= 1 && length <= HF_HOST_NAME_MAX;
}

void hf_read_host_name(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *expected = "letters, digits, '_' and '-', beginning with a letter or digit";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (hf_host_name_ok(value->text))
        hf_read_text(r, field, value, at);
    else
        HF_READER_ERROR(r, value, "%s: %s, expected at most %d of: %s", field->name, HF_SHOW(value),
                        HF_HOST_NAME_MAX, expected);
}

static bool is_url(const char *text)
{
    const char *rest = strncmp(text, "tls://", 6) == 0    ? text + 6
                       : strncmp(text, "nats://", 7) == 0 ? text + 7
                                                          : "";
    return *rest && !strpbrk(rest, "/@ \t\r\n,");
}

/* Credentials in the URL would be in the store, with the farm file: they have files of their own. */
static void read_url(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *expected = "\"tls://HOST:PORT\" or \"nats://HOST:PORT\", without user and password";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (is_url(value->text))
        hf_read_text(r, field, value, at);
    else
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
}

#define PATH_FIELD(key, member)                                                                              \
    {                                                                                                        \
        .name = (key), .read = hf_read_path, .offset = offsetof(hf_broker_config, member), .min = 1,         \
        .max = PATH_LENGTH_MAX                                                                               \
    }
#define FIELDS                                                                                               \
    {.name = "url",                                                                                          \
     .read = read_url,                                                                                       \
     .offset = offsetof(hf_broker_config, url),                                                              \
     .min = 1,                                                                                               \
     .max = HF_FARM_TEXT_MAX,                                                                                \
     .required = true},                                                                                      \
        PATH_FIELD("ca", ca_path), PATH_FIELD("certificate", certificate_path), PATH_FIELD("key", key_path), \
        {.name = "user",                                                                                     \
         .read = hf_read_text,                                                                               \
         .offset = offsetof(hf_broker_config, user),                                                         \
         .min = 1,                                                                                           \
         .max = HF_FARM_TEXT_MAX},                                                                           \
        PATH_FIELD("password_file", password_path)

static const hf_field agent_fields[] = {FIELDS};
static const hf_field farm_fields[] = {FIELDS,
                                       {.name = "patience",
                                        .read = hf_read_duration_32,
                                        .offset = offsetof(hf_broker_config, patience_ms),
                                        .min = 1000,
                                        .max = MAX_PATIENCE_MS}};

/* One of two keys without the other. */
static void check_pair(hf_reader *r, const hf_yaml_node *section, const char *a, const char *b)
{
    const hf_yaml_node *first = hf_map_get(section, a), *second = hf_map_get(section, b);
    const hf_yaml_node *alone = first ? first : second;
    if (alone && !(first && second))
        HF_READER_ERROR(r, alone->key, "broker: \"%s\" without \"%s\", expected both", first ? a : b,
                        first ? b : a);
}

static void read_section(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at,
                         const hf_field *fields, uint32_t count)
{
    hf_read_fields(r, field->name, value, fields, count, at);
    if (value->kind != HF_NODE_MAP)
        return;
    check_pair(r, value, "certificate", "key");
    check_pair(r, value, "user", "password_file");
}

void hf_read_broker(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    read_section(r, field, value, at, agent_fields, COUNT_OF(agent_fields));
}

void hf_read_farm_broker(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    read_section(r, field, value, at, farm_fields, COUNT_OF(farm_fields));
}
