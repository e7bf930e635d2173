/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "api/run.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "results_source.h"
#include "store/run_tags.h"
#include "store_access.h"

typedef struct values {
    const char *db, *delete;
    bool move, local;
} values;

static const hf_cli_option options[] = {
    {.name = "delete",
     .placeholder = "NAME",
     .help = "delete this tag; the run stays",
     .read = hf_cli_read_text,
     .offset = offsetof(values, delete)},
    {.name = "move",
     .help = "take the tag from the run that has it",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, move)},
    HF_CLI_OPTION_RESULTS_DB(offsetof(values, db)),
    HF_CLI_OPTION_LOCAL_RESULTS(offsetof(values, local)),
};

static const hf_cli_command command = {
    .synopsis = "tag RUN NAME [options]\n"
                "tag --delete NAME [options]\n"
                "tag [options]",
    .description =
        "Gives a run a name of your own, deletes such a name, or lists them. A tag can be used wherever a "
        "RUN "
        "is expected, as in --baseline NAME, and `hilfarm prune` leaves tagged runs alone. A tag belongs to "
        "one run of the store; a run may have several.\n"
        "A RUN is looked up as a number, a key, last-green, latest, a tag, the name of a spec (its newest "
        "run) and the beginning of a key, in this order.\n"
        "Only the user who submitted a run, root and the daemon's user may tag a run on the daemon. To list "
        "or "
        "delete tags, its store must be accessible here.",
    .argument = "the tag's name",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0, 2 = no such run or tag, or another run has the tag, 3 = the store cannot be "
             "written, or the daemon refuses or cannot be reached.\n"
             "Examples:\n"
             "  hilfarm tag latest v1.2\n"
             "  hilfarm run my_sweep.yaml --baseline v1.2",
};

static hf_exit list_tags(const char *db)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_tag_row *tags = NULL;
    size_t count = 0;
    hf_exit exit_status;
    if (hf_cli_open_store_readonly(db, &store, &err) != HF_OK ||
        hf_store_list_tags(store, &tags, &count, &err) != HF_OK) {
        exit_status = hf_cli_fail(&err);
    } else {
        hf_buffer text = HF_BUFFER_INIT;
        hf_render_tags(tags, count, &text);
        exit_status = hf_cli_write(&text, NULL);
        hf_buffer_free(&text);
    }
    hf_rows_free(&hf_tag_row_type, tags, count);
    hf_store_close(store);
    return exit_status;
}

static hf_status tag_run(hf_store *store, const char *run, const char *name, bool move, hf_error *err)
{
    int64_t run_id = 0;
    hf_run_row latest = {0};
    hf_status status = hf_store_find_run(store, run, &run_id, err);
    if (status == HF_OK && !run_id) {
        status = hf_store_load_run(store, 0, &latest, err);
        run_id = latest.id;
        hf_row_clear(&hf_run_row_type, &latest);
    }
    if (status == HF_OK)
        status = hf_store_tag_run(store, name, run_id, move, err);
    return status;
}

static hf_status tag_run_on_daemon(hf_client *client, const char *run, const char *name, bool move,
                                   hf_error *err)
{
    char *path = hf_client_path("/runs/", run, "/tag");
    const hf_api_run_change change = {.tag = (char *)name, .move = move};
    const hf_client_call call = {
        .method = "POST", .path = path, .request_type = &hf_api_run_change_type, .request = &change};
    hf_status status =
        path ? hf_client_do(client, &call, err) : HF_FAIL(err, HF_ENOMEM, "no memory to tag a run");
    free(path);
    return status;
}

/* Prints a failure to tag a run. If another run has the tag, the message names the tag; a store or a daemon that is
 * busy otherwise does not. */
static hf_exit fail_to_tag(const hf_error *err, const char *name)
{
    hf_error taken = {0};
    if (err->status != HF_EBUSY || !strstr(err->message, name))
        return hf_cli_fail(err);
    (void)HF_FAIL(&taken, HF_EINVALID, "tag: %s; --move takes it", err->message);
    return hf_cli_fail(&taken);
}

static hf_exit change_tags(const hf_cli_results_source *source, const values *v, char **arguments)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_exit exit_status = HF_EXIT_OK;
    if (source->db)
        exit_status = hf_cli_open_existing_store(source->db, &store);
    else if (v->delete)
        exit_status = hf_cli_needs_writable_store(source, "tag --delete");
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    if (v->delete) {
        if (hf_store_untag(store, v->delete, &err) != HF_OK)
            exit_status = hf_cli_fail(&err);
    } else {
        hf_status status = store
                               ? tag_run(store, arguments[0], arguments[1], v->move, &err)
                               : tag_run_on_daemon(source->client, arguments[0], arguments[1], v->move, &err);
        if (status != HF_OK)
            exit_status = fail_to_tag(&err, arguments[1]);
    }
    hf_store_close(store);
    return exit_status;
}

static hf_exit list_or_change(const values *v, char **arguments, bool change)
{
    hf_cli_results_source source;
    hf_exit exit_status = change ? hf_cli_results_source_open_writable(v->db, v->local, &source)
                                 : hf_cli_results_source_open(v->db, v->local, &source);
    if (exit_status == HF_EXIT_OK && change)
        exit_status = change_tags(&source, v, arguments);
    else if (exit_status == HF_EXIT_OK)
        exit_status = source.db ? list_tags(source.db) : hf_cli_needs_store(&source, "a list of tags");
    hf_cli_results_source_close(&source);
    return exit_status;
}

int hf_command_tag(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_error err = {0};
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if (v.delete &&(count || v.move))
        (void)HF_FAIL(&err, HF_EINVALID, "tag: --delete takes the tag's name and nothing else");
    else if (count == 1)
        (void)HF_FAIL(&err, HF_EINVALID, "tag: the tag's name is missing: expected RUN NAME");
    else if (!count && v.move)
        (void)HF_FAIL(&err, HF_EINVALID, "tag: --move needs RUN NAME");
    if (err.status != HF_OK)
        return hf_cli_fail(&err);
    return list_or_change(&v, arguments, count || v.delete);
}
