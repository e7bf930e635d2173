/* SPDX-License-Identifier: Apache-2.0 */
#include "results_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon_access.h"
#include "locations.h"

hf_exit hf_cli_results_source_open(const char *given, bool local, hf_cli_results_source *out)
{
    *out = (hf_cli_results_source){.db = given};
    if (given)
        return HF_EXIT_OK;
    hf_exit exit_status = local ? HF_EXIT_OK : hf_cli_find_daemon("--local, or --db FILE", &out->client);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    out->db = out->client ? hf_cli_daemon_store(out->client) : hf_cli_default_store();
    if (out->client && isatty(STDERR_FILENO))
        fprintf(stderr, "hilfarm: from the daemon at %s\n", hf_client_where(out->client));
    return HF_EXIT_OK;
}

hf_exit hf_cli_results_source_open_writable(const char *given, bool local, hf_cli_results_source *out)
{
    hf_exit exit_status = hf_cli_results_source_open(given, local, out);
    if (out->client)
        out->db = hf_cli_writable_daemon_store(out->client);
    return exit_status;
}

void hf_cli_results_source_close(hf_cli_results_source *source)
{
    hf_client_free(source->client);
    *source = (hf_cli_results_source){0};
}

hf_exit hf_cli_fetch_rendered(hf_client *client, const char *run, const char *what, hf_buffer *text)
{
    hf_error err = {0};
    hf_buffer after = HF_BUFFER_INIT;
    hf_buffer_printf(&after, "/%s", what);
    char *path = after.failed ? NULL : hf_client_path("/runs/", run ? run : "latest", hf_buffer_text(&after));
    hf_status status = path ? hf_client_get_text(client, path, text, &err)
                            : HF_FAIL(&err, HF_ENOMEM, "no memory for a report");
    free(path);
    hf_buffer_free(&after);
    return status == HF_OK ? HF_EXIT_OK : hf_cli_fail(&err);
}

/* Letters and digits as they are, the rest by its bytes (RFC 3986, 2.1). */
void hf_cli_put_query(hf_buffer *what, const char *name, const char *value)
{
    if (!value)
        return;
    hf_buffer_printf(what, "&%s=", name);
    for (const unsigned char *c = (const unsigned char *)value; *c; c++)
        if ((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
            hf_buffer_putc(what, (char)*c);
        else
            hf_buffer_printf(what, "%%%02X", *c);
}

hf_exit hf_cli_needs_store(const hf_cli_results_source *source, const char *what)
{
    const char *store = hf_client_daemon(source->client)->store;
    fprintf(stderr, "hilfarm: %s needs to read the daemon's store %s; or name another store with --db\n",
            what, store ? store : "");
    return HF_EXIT_FARM;
}

hf_exit hf_cli_needs_writable_store(const hf_cli_results_source *source, const char *what)
{
    const char *store = hf_client_daemon(source->client)->store;
    fprintf(
        stderr,
        "hilfarm: %s needs to write the daemon's store %s: run it as the daemon's user%s, or name another "
        "store with --db\n",
        what, store ? store : "", hf_client_is_local(source->client) ? "" : " on the daemon's host");
    return HF_EXIT_FARM;
}
