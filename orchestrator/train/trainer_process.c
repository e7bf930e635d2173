/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define MAX_HISTORY_BYTES ((size_t)64 << 20)
#define STOP_MS           20000
#define VERSION_MS        120000 /* on a busy machine it takes long to load torch */

static double real(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) ? json_number_value(value) : -1;
}

static void keep_figures(hf_trainer *t, const json_t *event)
{
    hf_training_progress *p = &t->last;
    p->epoch = (uint32_t)json_integer_value(json_object_get(event, "epoch"));
    p->epochs = (uint32_t)json_integer_value(json_object_get(event, "epochs"));
    p->loss = real(event, "loss");
    p->training_percent = real(event, "training_percent");
}

/* Replaces what an earlier process said of this epoch and of those after it: it is trained again after a crash. */
static void add_to_history(hf_trainer *t, json_t *event)
{
    const json_int_t epoch = json_integer_value(json_object_get(event, "epoch"));
    for (size_t i = json_array_size(t->history); i-- > 0;)
        if (json_integer_value(json_object_get(json_array_get(t->history, i), "epoch")) >= epoch)
            json_array_remove(t->history, i);
    json_object_del(event, "event");
    json_array_append(t->history, event);
    char *text = json_dumps(t->history, JSON_COMPACT | JSON_REAL_PRECISION(7));
    if (text)
        (void)hf_file_write(t->history_path, text, strlen(text),
                            NULL); /* a curve may lack points after a crash */
    free(text);
}

static void take_event(hf_trainer *t, json_t *event)
{
    const char *name = json_string_value(json_object_get(event, "event"));
    const char *message = json_string_value(json_object_get(event, "message"));
    const char *torch = json_string_value(json_object_get(event, "torch"));
    t->changed = true;
    if (strcmp(name, "started") == 0) {
        t->last.epoch = (uint32_t)json_integer_value(json_object_get(event, "first_epoch"));
        t->last.epochs = (uint32_t)json_integer_value(json_object_get(event, "epochs"));
        snprintf(t->torch, sizeof t->torch, "%s", torch ? torch : "");
    } else if (strcmp(name, "batch") == 0) {
        keep_figures(t, event);
        t->last.seconds_left = real(event, "seconds_left");
    } else if (strcmp(name, "epoch") == 0) {
        keep_figures(t, event);
        t->last.validation_percent = real(event, "validation_percent");
        t->epoch_ended = true;
        add_to_history(t, event);
    } else if (strcmp(name, "done") == 0) {
        t->is_done = true;
        t->is_stopped = json_is_true(json_object_get(event, "stopped"));
        t->is_paused = json_is_true(json_object_get(event, "paused"));
        t->validation_percent = real(event, "validation_percent");
        t->seconds = real(event, "seconds");
    } else if (strcmp(name, "failed") == 0) {
        snprintf(t->message, sizeof t->message, "%s", message ? message : "failed");
    }
}

/* Lines that are no events are warnings of torch and the like; the last one may explain a failure. */
static void take_line(void *user, const char *line)
{
    hf_trainer *t = user;
    json_t *event = json_loads(line, 0, NULL);
    if (json_is_string(json_object_get(event, "event")))
        take_event(t, event);
    else if (*line && !t->is_done)
        snprintf(t->message, sizeof t->message, "%s", line);
    json_decref(event);
}

static json_t *read_history(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    json_t *history = NULL;
    if (hf_file_read(path, MAX_HISTORY_BYTES, &bytes, &size, NULL) == HF_OK)
        history = json_loadb((const char *)bytes, size, 0, NULL);
    free(bytes);
    if (json_is_array(history))
        return history;
    json_decref(history);
    return json_array();
}

hf_status hf_trainer_start(const char *program, const char *folder, hf_trainer *out, hf_error *err)
{
    const char *const argv[] = {program, folder, NULL};
    const hf_child_options options = {.name = "hilfarm-train",
                                      .argv = argv,
                                      .cpu = -1,
                                      .fault = HF_FAULT_FARM,
                                      .speaker = HF_SPEAKER_AGENT,
                                      .line = take_line,
                                      .line_user = out};
    *out = (hf_trainer){.validation_percent = -1, .last = {.validation_percent = -1, .seconds_left = -1}};
    if (asprintf(&out->history_path, "%s/history", folder) < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a path");
    out->history = read_history(out->history_path);
    hf_status status = hf_child_start(&options, &out->child, err);
    if (status != HF_OK)
        hf_trainer_end(out);
    return status;
}

void hf_trainer_end(hf_trainer *trainer)
{
    hf_child_stop(trainer->child, STOP_MS);
    json_decref(trainer->history);
    free(trainer->history_path);
    *trainer = (hf_trainer){0};
}

static void take_version(void *user, const char *line)
{
    const char *torch = strstr(line, "torch ");
    if (torch)
        snprintf(user, 32, "%s", torch + strlen("torch "));
}

void hf_trainer_torch_version(const char *program, char *version)
{
    const char *const argv[] = {program, "--version", NULL};
    const hf_child_options options = {.name = "hilfarm-train",
                                      .argv = argv,
                                      .cpu = -1,
                                      .fault = HF_FAULT_FARM,
                                      .speaker = HF_SPEAKER_AGENT,
                                      .line = take_version,
                                      .line_user = version};
    hf_child *child = NULL;
    *version = '\0';
    if (hf_child_start(&options, &child, NULL) != HF_OK)
        return;
    (void)hf_child_ended(child, VERSION_MS, NULL); /* its output tells */
    hf_child_stop(child, 0);
}
