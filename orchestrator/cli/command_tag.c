/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "store/run_tags.h"
#include "store_access.h"

typedef struct values {
    const char *db, *delete;
    bool move;
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
    HF_CLI_OPTION_DB(offsetof(values, db)),
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
        "run) and the beginning of a key, in this order.",
    .argument = "the tag's name",
    .max_arguments = 2,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0, 2 = no such run or tag, or another run has the tag, 3 = the store cannot be "
             "written.\n"
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
    hf_report latest = {0};
    hf_status status = hf_store_find_run(store, run, &run_id, err);
    if (status == HF_OK && !run_id) {
        status = hf_store_load_report(store, 0, &latest, err);
        run_id = latest.run.id;
        hf_report_free(&latest);
    }
    if (status == HF_OK)
        status = hf_store_tag_run(store, name, run_id, move, err);
    if (status == HF_EBUSY) {
        const hf_error other = *err;
        hf_error_clear(err);
        status = HF_FAIL(err, HF_EINVALID, "tag: %s; --move takes it", other.message);
    }
    return status;
}

static hf_exit change_tags(const values *v, char **arguments)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_exit exit_status = hf_cli_open_existing_store(v->db, &store);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_status status = v->delete ? hf_store_untag(store, v->delete, &err)
                                 : tag_run(store, arguments[0], arguments[1], v->move, &err);
    if (status != HF_OK)
        exit_status = hf_cli_fail(&err);
    hf_store_close(store);
    return exit_status;
}

int hf_command_tag(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
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
    if (!count && !v.delete)
        return list_tags(v.db);
    return change_tags(&v, arguments);
}
