/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_tags.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "query.h"

hf_status hf_store_tag_check(const char *name, hf_error *err)
{
    const size_t length = strlen(name);
    bool valid = length >= 1 && length <= HF_TAG_MOST && !strchr(".-", name[0]);
    for (const char *at = name; valid && *at; at++)
        valid = isascii((unsigned char)*at) && (isalnum((unsigned char)*at) || strchr("._+-", *at));
    if (!valid)
        return HF_FAIL(
            err, HF_EINVALID,
            "'%.80s' is not a valid tag: expected 1 to %d letters, digits and . _ + -, not beginning"
            " with . or -",
            name, HF_TAG_MOST);
    if (strspn(name, "0123456789") == length || hf_store_key_is_valid(name) || strcmp(name, "latest") == 0 ||
        strcmp(name, "last-green") == 0)
        return HF_FAIL(
            err, HF_EINVALID,
            "'%s' is not a valid tag: it would be taken for a number, a key, 'latest' or 'last-green'", name);
    return HF_OK;
}

hf_status hf_store_find_tag(hf_store *store, const char *name, int64_t *run_id, hf_error *err)
{
    return hf_query_id(store, "looking for a tag", "SELECT run_id FROM run_tags WHERE name = ?", name, run_id,
                       err);
}

static hf_status put_tag(hf_store *store, const char *name, int64_t run_id, bool move, hf_error *err)
{
    int64_t has_it = 0;
    hf_status status = hf_store_find_tag(store, name, &has_it, err);
    if (status == HF_OK && has_it && has_it != run_id && !move)
        return HF_FAIL(err, HF_EBUSY, "run %lld has the tag '%s'", (long long)has_it, name);
    if (status != HF_OK || has_it == run_id)
        return status;
    hf_sql insert =
        hf_sql_start(store, "tagging a run",
                     "INSERT OR REPLACE INTO run_tags (name, run_id, tagged_ms) SELECT ?, id, ? FROM runs"
                     " WHERE id = ?",
                     "tii", name, hf_wall_ms(), run_id);
    status = hf_sql_finish(&insert, err);
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    return status;
}

hf_status hf_store_tag_run(hf_store *store, const char *name, int64_t run_id, bool move, hf_error *err)
{
    static const char doing[] = "tagging a run";
    hf_status status = hf_store_tag_check(name, err);
    if (status == HF_OK)
        status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    status = put_tag(store, name, run_id, move, err);
    return hf_sql_end_transaction(store, status, doing, err);
}

hf_status hf_store_untag(hf_store *store, const char *name, hf_error *err)
{
    hf_sql delete = hf_sql_start(store, "deleting a tag", "DELETE FROM run_tags WHERE name = ?", "t", name);
    hf_status status = hf_sql_finish(&delete, err);
    if (status == HF_OK && sqlite3_changes(store->db) == 0)
        status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no tag '%.80s'", store->path, name);
    return status;
}

hf_status hf_store_list_tags(hf_store *store, hf_tag_row **rows, size_t *count, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "listing tags",
                                "SELECT run_tags.name, run_id, runs.key, runs.name, tagged_ms FROM run_tags"
                                " JOIN runs ON runs.id = run_id ORDER BY run_tags.name",
                                "");
    hf_tag_row *tags = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_tag_row *row = hf_query_append(&query, (void **)&tags, used, sizeof *row);
        if (!row)
            break;
        used++;
        row->name = hf_sql_needed_text(&query, 0);
        row->run_id = hf_sql_int(&query, 1, 1, INT64_MAX);
        row->run_key = hf_sql_needed_text(&query, 2);
        row->run_name = hf_sql_needed_text(&query, 3);
        row->tagged_ms = hf_sql_time(&query, 4);
    }
    return hf_query_done(&query, &hf_tag_row_type, tags, used, (void **)rows, count, err);
}
