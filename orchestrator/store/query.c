/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <stdlib.h>
#include <string.h>

void *hf_query_append(hf_sql *sql, void **array, size_t count, size_t size_bytes)
{
    /* The capacity is a power of two. */
    if ((count & (count - 1)) == 0) {
        void *grown = reallocarray(*array, count ? count * 2 : 1, size_bytes);
        if (!grown) {
            sql->failed = SQLITE_NOMEM;
            return NULL;
        }
        *array = grown;
    }
    void *row = (char *)*array + count * size_bytes;
    memset(row, 0, size_bytes);
    return row;
}

hf_status hf_query_done(hf_sql *sql, const hf_row_type *type, void *rows, size_t used, void **out,
                        size_t *count, hf_error *err)
{
    hf_status status = hf_sql_done(sql, err);
    if (status == HF_OK) {
        *out = rows;
        *count = used;
    } else {
        hf_rows_free(type, rows, used);
    }
    return status;
}

hf_status hf_query_id(hf_store *store, const char *doing, const char *text, const char *parameter,
                      int64_t *run_id, hf_error *err)
{
    hf_sql query = hf_sql_start(store, doing, text, "t", parameter);
    int64_t found = hf_sql_row(&query) ? hf_sql_int(&query, 0, 1, INT64_MAX) : 0;
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK)
        *run_id = found;
    return status;
}

int hf_query_choice(hf_sql *sql, int column, const char *const *names, int count)
{
    char *name = hf_sql_needed_text(sql, column);
    int choice = 0;
    while (name && choice < count && strcmp(name, names[choice]) != 0)
        choice++;
    free(name);
    if (choice < count)
        return choice;
    hf_sql_complain(sql, column, "has an unknown value");
    return 0;
}
