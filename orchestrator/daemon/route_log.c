/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "answers.h"
#include "dispatch.h"
#include "log.h"
#include "query_numbers.h"
#include "report/json_members.h"
#include "routes.h"

#define MOST_LINES 5000

static json_t *line_object(const hf_log_line *line)
{
    json_t *object = json_object();
    hf_json_set_int(object, "number", line->number);
    hf_json_set_int(object, "at_ms", line->at_ms);
    hf_json_set_text(object, "level", hf_log_level_name(line->level));
    hf_json_set_text(object, "text", line->text);
    return object;
}

static void answer(const hf_dispatched *task)
{
    int64_t limit = HF_LOG_KEPT, before = INT64_MAX;
    if (!hf_query_number(task->request, "limit", MOST_LINES, &limit) ||
        !hf_query_number(task->request, "before", INT64_MAX, &before))
        return;
    hf_log_line *lines = calloc((size_t)limit, sizeof *lines);
    if (!lines) {
        hf_http_respond_error(task->request, 500, "no memory for %lld lines", (long long)limit);
        return;
    }
    const size_t count = hf_log_page(before, (size_t)limit, lines);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, line_object(&lines[i]));
        free(lines[i].text);
    }
    free(lines);
    hf_answer_json(task->request, 200, json_pack("{s:o}", "lines", list));
}

void hf_get_log(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, answer);
}
