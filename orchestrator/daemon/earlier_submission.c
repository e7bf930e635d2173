/* SPDX-License-Identifier: Apache-2.0 */
#include "earlier_submission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hf_status hf_newest_submission(hf_daemon *daemon, const char *key, char newest[HF_SPOOL_KEY_SIZE],
                               unsigned *count, hf_error *err)
{
    hf_spool_entry *entries = NULL;
    uint32_t entry_count = 0;
    const size_t length = strlen(key);
    *newest = '\0';
    *count = 0;
    pthread_mutex_lock(&daemon->spool_mutex);
    hf_status status = hf_spool_list(daemon->spool, &entries, &entry_count, err);
    pthread_mutex_unlock(&daemon->spool_mutex);
    for (uint32_t i = 0; status == HF_OK && i < entry_count; i++) {
        const char *entry = entries[i].key;
        unsigned number = 0;
        if (strncmp(entry, key, length) != 0 ||
            (entry[length] && sscanf(entry + length, "-r%u", &number) != 1)) /* NOLINT(cert-err34-c) */
            continue;
        if (number >= *count) {
            *count = number + 1;
            snprintf(newest, HF_SPOOL_KEY_SIZE, "%s", entry);
        }
    }
    free(entries);
    return status;
}

static hf_status read_entry(hf_daemon *daemon, const char *spool_key, hf_submitted *out, hf_error *err)
{
    char *text = NULL;
    size_t size = 0;
    pthread_mutex_lock(&daemon->spool_mutex);
    hf_status status = hf_spool_read(daemon->spool, spool_key, &text, &size, err);
    pthread_mutex_unlock(&daemon->spool_mutex);
    if (status == HF_OK)
        status = hf_submitted_read(spool_key, text, size, out, err);
    free(text);
    return status;
}

/* The spec as the store has it. The comments that record a part of the sweep are no part of it. */
static hf_status take_spec(const hf_report *earlier, hf_submitted *out, hf_error *err)
{
    hf_api_spec *spec = &out->submission.spec;
    spec->path = strdup(earlier->run.spec_path);
    spec->text = strdup(earlier->run.spec_text);
    if (!spec->path || !spec->text)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the spec of run %lld", (long long)earlier->run.id);
    char *part = strstr(spec->text, HF_PARTIAL_RUN_COMMENT);
    if (part)
        *part = '\0';
    return HF_OK;
}

static hf_status replace(char **text, const char *with, hf_error *err)
{
    free(*text);
    *text = with ? strdup(with) : NULL;
    return with && !*text ? HF_FAIL(err, HF_ENOMEM, "no memory for the options") : HF_OK;
}

/* The part of the sweep is that of the run; what concerns this continuation is taken from the request. */
static hf_status take_options(const hf_api_options *options, hf_submitted *out, hf_error *err)
{
    hf_api_options *own = &out->submission.options;
    hf_status status = replace(&own->only, NULL, err);
    if (status == HF_OK)
        status = replace(&own->boards, NULL, err);
    if (status == HF_OK)
        status = replace(&own->failed, NULL, err);
    if (status == HF_OK)
        status = replace(&own->resume, NULL, err);
    if (status == HF_OK && options->baseline)
        status = replace(&own->baseline, options->baseline, err);
    if (status == HF_OK && options->tag)
        status = replace(&own->tag, options->tag, err);
    if (status == HF_OK && options->title)
        status = replace(&own->title, options->title, err);
    own->priority = options->priority ? options->priority : own->priority;
    return status;
}

hf_status hf_earlier_submission(hf_daemon *daemon, const hf_report *earlier, const hf_api_options *options,
                                hf_submitted *out, hf_error *err)
{
    const char *key = earlier->run.key;
    char newest[HF_SPOOL_KEY_SIZE] = "";
    unsigned count = 0;
    *out = (hf_submitted){0};
    hf_status status = hf_newest_submission(daemon, key, newest, &count, err);
    if (status == HF_OK && *newest)
        status = read_entry(daemon, newest, out, err);
    if (status == HF_OK && !*newest)
        status = take_spec(earlier, out, err);
    if (status == HF_OK)
        status = take_options(options, out, err);
    if (status != HF_OK) {
        hf_submitted_clear(out);
        return status;
    }
    snprintf(out->key, sizeof out->key, "%s", key);
    snprintf(out->spool_key, sizeof out->spool_key, "%s-r%u", key, count ? count : 1);
    out->resumes = true;
    return HF_OK;
}
