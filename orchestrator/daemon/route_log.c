/* SPDX-License-Identifier: Apache-2.0 */
#include "answers.h"
#include "dispatch.h"
#include "log.h"
#include "report/json_members.h"
#include "routes.h"

static const char *level_name(hf_log_level level)
{
    switch (level) {
    case HF_LOG_ERROR:
        return "error";
    case HF_LOG_WARNING:
        return "warning";
    case HF_LOG_NOTICE:
        return "notice";
    default:
        return "info";
    }
}

static void add(void *user, int64_t at_ms, hf_log_level level, const char *text)
{
    json_t *line = json_object();
    hf_json_set_int(line, "at_ms", at_ms);
    hf_json_set_text(line, "level", level_name(level));
    hf_json_set_text(line, "text", text);
    json_array_append_new(user, line);
}

static void answer(const hf_dispatched *task)
{
    json_t *lines = json_array();
    hf_log_recent(add, lines);
    hf_answer_json(task->request, 200, json_pack("{s:o}", "lines", lines));
}

void hf_get_log(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, answer);
}
