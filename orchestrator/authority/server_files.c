/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of the NATS server. Names and addresses in it were checked when they were given (setup.c, token.c), so that
 * nothing needs quoting. */
#include <stdio.h>

#include "authority_state.h"
#include "broker/subjects.h"

#define USERS_FILE "users.conf"

void hf_server_config_render(const hf_authority *authority, const hf_registry *registry, hf_buffer *out)
{
    hf_buffer_printf(
        out,
        "# Written by `hilfarm agent init`, which writes it again. What it protects: docs/security.md.\n"
        "listen: \"%s\"\n"
        "server_name: \"hilfarm\"\n"
        "pid_file: \"%s/nats-server.pid\"\n"
        "# TLS for everybody; a certificate of the farm's authority is the user.\n"
        "tls {\n"
        "  cert_file: \"%s/server.pem\"\n"
        "  key_file: \"%s/server.key\"\n"
        "  ca_file: \"%s/ca.pem\"\n"
        "  verify_and_map: true\n"
        "  timeout: 5\n"
        "}\n",
        registry->listen, authority->folder, authority->folder, authority->folder, authority->folder);
    hf_buffer_printf(
        out,
        "# The leases of boards; a few kilobytes.\n"
        "jetstream { store_dir: \"%s/jetstream\", max_memory_store: 16MB, max_file_store: 64MB }\n"
        "# Nobody can fill the memory of the server.\n"
        "max_payload: 1MB\n"
        "max_pending: 16MB\n"
        "max_connections: 1000\n"
        "max_subscriptions: 256\n"
        "max_control_line: 4KB\n"
        "write_deadline: \"10s\"\n"
        "# No monitoring port, cluster, leaf nodes, websockets, MQTT or system users.\n"
        "include \"./" USERS_FILE "\"\n",
        authority->folder);
}

/* ---- Users ---- */

static void put_subjects(hf_buffer *out, const char *what, const char (*subjects)[HF_SUBJECT_SIZE],
                         size_t count)
{
    hf_buffer_printf(out, "%s: {allow: [", what);
    for (size_t i = 0; i < count; i++)
        hf_buffer_printf(out, "%s\"%s\"", i > 0 ? ", " : "", subjects[i]);
    hf_buffer_puts(out, "]}");
}

static void put_user(hf_buffer *out, const char *kind, const hf_entry *entry)
{
    char identity[HF_IDENTITY_SIZE];
    hf_identity_make(identity, kind, entry->name, entry->id);
    hf_buffer_printf(out, "    {user: \"%s\", permissions: {", identity);
}

/* The farm's own programs: all messages of hosts, and of JetStream what leases need. */
static void put_farm(const hf_entry *entry, hf_buffer *out)
{
#define STORE "KV_" HF_BROKER_LEASES
    static const char publish[][HF_SUBJECT_SIZE] = {"hf.v1.>",
                                                    "$JS.API.INFO",
                                                    "$JS.API.STREAM.INFO." STORE,
                                                    "$JS.API.STREAM.CREATE." STORE,
                                                    "$JS.API.STREAM.MSG.GET." STORE,
                                                    "$JS.API.DIRECT.GET." STORE,
                                                    "$JS.API.DIRECT.GET." STORE ".>",
                                                    "$KV." HF_BROKER_LEASES ".>"};
    static const char subscribe[][HF_SUBJECT_SIZE] = {"hf.v1.>"};
    put_user(out, HF_IDENTITY_FARM, entry);
    put_subjects(out, "publish", publish, sizeof publish / sizeof publish[0]);
    hf_buffer_puts(out, ", ");
    put_subjects(out, "subscribe", subscribe, 1);
    hf_buffer_puts(out, "}}\n");
}

/* A host speaks with its own name only, and hears what is meant for it. */
static void put_host(const hf_entry *entry, hf_buffer *out)
{
    char publish[4][HF_SUBJECT_SIZE], subscribe[5][HF_SUBJECT_SIZE];
    snprintf(publish[0], HF_SUBJECT_SIZE, HF_SUBJECT_OWNER, "*", entry->name);
    snprintf(publish[1], HF_SUBJECT_SIZE, HF_SUBJECT_BLOB, "*", entry->name);
    snprintf(publish[2], HF_SUBJECT_SIZE, HF_SUBJECT_CONSOLE, "*", entry->name);
    snprintf(publish[3], HF_SUBJECT_SIZE, HF_SUBJECT_ANNOUNCE, entry->name);
    snprintf(subscribe[0], HF_SUBJECT_SIZE, HF_SUBJECT_HOST, entry->name);
    snprintf(subscribe[1], HF_SUBJECT_SIZE, HF_SUBJECT_HELLO, entry->name);
    snprintf(subscribe[2], HF_SUBJECT_SIZE, HF_SUBJECT_ANSWER, entry->name);
    snprintf(subscribe[3], HF_SUBJECT_SIZE, HF_SUBJECT_INBOX ".>", entry->name);
    snprintf(subscribe[4], HF_SUBJECT_SIZE, "%s", HF_SUBJECT_WHO);
    put_user(out, HF_IDENTITY_HOST, entry);
    put_subjects(out, "publish", publish, 4);
    hf_buffer_puts(out, ", ");
    put_subjects(out, "subscribe", subscribe, 5);
    hf_buffer_puts(out, ", allow_responses: true}}\n");
}

/* An invitation can ask for a certificate, and hear the reply. */
static void put_invitation(const hf_entry *entry, hf_buffer *out)
{
    char publish[1][HF_SUBJECT_SIZE], subscribe[1][HF_SUBJECT_SIZE], name[32];
    snprintf(name, sizeof name, "join=%s", entry->id);
    snprintf(publish[0], HF_SUBJECT_SIZE, HF_SUBJECT_JOIN, entry->name, entry->id);
    snprintf(subscribe[0], HF_SUBJECT_SIZE, HF_SUBJECT_INBOX ".>", name);
    put_user(out, HF_IDENTITY_INVITATION, entry);
    put_subjects(out, "publish", publish, 1);
    hf_buffer_puts(out, ", ");
    put_subjects(out, "subscribe", subscribe, 1);
    hf_buffer_puts(out, "}}\n");
}

void hf_server_users_render(const hf_registry *registry, hf_buffer *out)
{
    hf_buffer_puts(
        out, "# Written by hilfarm at every change of its hosts. The user is the URI in a certificate.\n"
             "authorization {\n"
             "  timeout: 5\n"
             "  users: [\n");
    for (uint32_t i = 0; i < registry->entry_count; i++) {
        const hf_entry *entry = &registry->entries[i];
        if (entry->revoked_s)
            continue;
        switch (entry->kind) {
        case HF_ENTRY_FARM:
            put_farm(entry, out);
            break;
        case HF_ENTRY_HOST:
            put_host(entry, out);
            break;
        case HF_ENTRY_INVITATION:
            put_invitation(entry, out);
            break;
        }
    }
    hf_buffer_puts(out, "  ]\n}\n");
}

hf_status hf_authority_commit(const hf_authority *authority, const hf_registry *registry, hf_error *err)
{
    hf_buffer users = HF_BUFFER_INIT;
    hf_server_users_render(registry, &users);
    hf_status status = hf_registry_save(authority, registry, err);
    if (status == HF_OK)
        status = hf_authority_save(authority, USERS_FILE, &users, err);
    hf_buffer_free(&users);
    return status;
}
