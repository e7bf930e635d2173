/* SPDX-License-Identifier: Apache-2.0 */
#include "two_boards.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "board/board.h"

#define READY_MS 20000
#define LONG_RUN 10000u /* inferences: longer than any test */

const char *const other_state_names[OTHER_STATE_COUNT] = {
    [OTHER_FINISHED] = "finished", [OTHER_RESET_AGAIN] = "reset again",
    [OTHER_MID_RUN] = "in a run",  [OTHER_FAULTED] = "faulted",
    [OTHER_HUNG] = "hung",         [OTHER_BLANK] = "blank",
};

static const hf_board_deadlines patient = {
    .start_ms = 60000, .boot_ms = 30000, .reply_ms = 30000, .sample_ms = 60000};

static const char *const names[2] = {"left", "right"};

static bool write_text(const char *path, const char *text)
{
    hf_error err = {0};
    if (hf_file_write(path, text, strlen(text), &err) == HF_OK)
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

static bool power_on(two_boards *self, int which)
{
    char socket[80], link[80], script[512];
    snprintf(socket, sizeof socket, "%s/jtag%d", self->dir, which);
    snprintf(link, sizeof link, "%s/tty%d", self->dir, which);
    const char *const argv[] = {self->vboard, "--chip", self->chip,          "--socket", socket,
                                "--pty-link", link,     "--die-with-parent", NULL};
    if (!process_start(&self->processes[which], argv) ||
        !process_wait_output(&self->processes[which], "ready", READY_MS)) {
        fprintf(stderr, "%s does not start: %s\n", self->vboard, self->processes[which].output);
        return false;
    }
    ssize_t length = readlink(link, self->ports[which], sizeof self->ports[which] - 1);
    self->ports[which][length > 0 ? length : 0] = '\0';
    /* The adapter has no clock: `adapter speed` would end the target script's reset handlers
     * with an error. */
    snprintf(script, sizeof script,
             "adapter driver remote_bitbang\nremote_bitbang port 0\nremote_bitbang host %s\n"
             "transport select jtag\nrename {adapter speed} {}\nproc {adapter speed} {khz} {}\n",
             socket);
    return write_text(self->scripts[which], script);
}

/* Both farm files, after a change of a port. */
static bool describe(two_boards *self)
{
    for (int swapped = 0; swapped < 2; swapped++) {
        char text[1024];
        int used = snprintf(text, sizeof text, "boards:\n");
        for (int i = 0; i < 2; i++)
            used += snprintf(text + used, sizeof text - (size_t)used,
                             "  - {id: %s, chip: %s, modelled: true, probe: {interface: %s}, port: "
                             "\"pty:%s\", baud: 921600}\n",
                             names[i], self->chip, self->scripts[i], self->ports[i ^ swapped]);
        if (!write_text(self->farm_paths[swapped], text))
            return false;
        hf_farm_free(self->farms[swapped]);
        self->farms[swapped] = NULL;
        hf_error err = {0};
        hf_diagnostics *diagnostics = hf_diagnostics_new();
        hf_status status = hf_farm_load(self->farm_paths[swapped], &self->farms[swapped], diagnostics, &err);
        if (status != HF_OK)
            fprintf(stderr, "%s%s\n",
                    hf_diagnostics_total(diagnostics) ? hf_diagnostics_render(diagnostics) : "", err.message);
        hf_diagnostics_free(diagnostics);
        if (status != HF_OK)
            return false;
    }
    return true;
}

static bool prepare_model(two_boards *self, const char *model)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    if (hf_source_parse(model, &request.source, &err) == HF_OK &&
        hf_prepare(&request, &self->model, &err) == HF_OK)
        return true;
    fprintf(stderr, "%s\n", err.message);
    return false;
}

bool two_boards_start(two_boards *self, const char *bin_dir, const char *firmware_dir, const char *chip,
                      const char *model)
{
    *self = (two_boards){.chip = chip, .dir = "/tmp/hf-two-XXXXXX"};
    if (!mkdtemp(self->dir)) {
        perror(self->dir);
        return false;
    }
    self->hooks.lock_dir = self->dir;
    snprintf(self->vboard, sizeof self->vboard, "%s/hilfarm-vboard", bin_dir);
    snprintf(self->firmware_dir, sizeof self->firmware_dir, "%s", firmware_dir);
    for (int i = 0; i < 2; i++) {
        snprintf(self->scripts[i], sizeof self->scripts[i], "%s/probe%d.cfg", self->dir, i);
        snprintf(self->farm_paths[i], sizeof self->farm_paths[i], "%s/%s.yaml", self->dir,
                 i ? "swapped" : "right");
    }
    return prepare_model(self, model) && power_on(self, 0) && power_on(self, 1) && describe(self);
}

void two_boards_stop(two_boards *self)
{
    for (int i = 0; i < 2; i++) {
        if (self->processes[i].pid)
            process_stop(&self->processes[i], READY_MS);
        hf_farm_free(self->farms[i]);
    }
    hf_prepared_free(&self->model);
    (void)hf_remove_tree(self->dir, NULL); /* a leftover folder in /tmp is harmless */
}

static hf_attempt_request request_of(const two_boards *self, uint32_t runs)
{
    return (hf_attempt_request){
        .name = "a model",
        .image = self->model.image.bytes,
        .image_bytes = self->model.image.size,
        .layer_count = self->model.image.op_count,
        .input_bytes = self->model.input_bytes,
        .input_seed = 1,
        .input_crc32 = self->model.input_crc32,
        .output_crc32 = self->model.output_crc32,
        .layer_crc32 = self->model.layer_crc32,
        .warmup = 1,
        .runs = runs,
        .layers = true,
    };
}

static hf_status attempt(two_boards *self, int which, bool swapped, const hf_attempt_request *request,
                         int cancel_fd, hf_attempt_result *result, hf_error *err)
{
    const hf_board_config *config = &self->farms[swapped]->boards[which].config;
    const hf_board_options options = {
        .vboard_path = self->vboard,
        .firmware_dir = self->firmware_dir,
        .work_dir = self->dir,
        .cpu = -1,
        .cancel_fd = cancel_fd,
        .deadlines = swapped ? self->deadlines : patient,
    };
    *result = (hf_attempt_result){0};
    hf_board *handle = NULL;
    hf_status status = hf_board_open_hooked(config, &options, &self->hooks, &handle, err);
    if (status != HF_OK)
        return status;
    status = hf_board_attempt(handle, request, result, err);
    const char *said = hf_board_transcript(handle);
    size_t length = strlen(said), room = sizeof self->said[which];
    snprintf(self->said[which], room, "%s", said + (length >= room ? length - room + 1 : 0));
    hf_board_close(handle);
    return status;
}

hf_status two_boards_attempt(two_boards *self, int which, bool swapped, uint32_t runs,
                             hf_attempt_result *result, hf_error *err)
{
    const hf_attempt_request request = request_of(self, runs);
    return attempt(self, which, swapped, &request, -1, result, err);
}

/* ---- states ---- */

static bool finish_attempt(two_boards *self, int which)
{
    hf_attempt_result result;
    hf_error err = {0};
    hf_status status = two_boards_attempt(self, which, false, 1, &result, &err);
    hf_attempt_result_free(&result);
    if (status != HF_OK)
        fprintf(stderr, "%s\n%s\n", err.message, self->said[which]);
    return status == HF_OK;
}

static void cancel_in_run(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    (void)of;
    if (phase == HF_PHASE_RUN && done == 1 && write(*(const int *)user, "x", 1) != 1)
        perror("cancelling");
}

/* The host aborts a run; the board continues, because a run cannot be stopped. */
static bool abandon_run(two_boards *self, int which)
{
    int cancel[2];
    if (pipe2(cancel, O_CLOEXEC) != 0)
        return false;
    hf_attempt_request request = request_of(self, LONG_RUN);
    request.progress = cancel_in_run;
    request.progress_user = &cancel[1];
    hf_attempt_result result;
    hf_error err = {0};
    hf_status status = attempt(self, which, false, &request, cancel[0], &result, &err);
    hf_attempt_result_free(&result);
    close(cancel[0]);
    close(cancel[1]);
    if (status != HF_ECANCELLED)
        fprintf(stderr, "a run to be cancelled ended otherwise: %s\n", err.message);
    return status == HF_ECANCELLED;
}

/* Resets a board through its probe and lets it run, like a user with OpenOCD. */
static bool reset_by_hand(two_boards *self, int which)
{
    char target[64];
    snprintf(target, sizeof target, "%s", hf_chip_find(self->chip)->openocd_target);
    const char *const argv[] = {"openocd",
                                "-c",
                                "gdb_port disabled; telnet_port disabled; tcl_port disabled",
                                "-f",
                                self->scripts[which],
                                "-f",
                                target,
                                "-c",
                                "init; reset run; shutdown",
                                NULL};
    process openocd = {0};
    if (process_start(&openocd, argv) && process_wait_exit(&openocd, READY_MS) == 0)
        return true;
    fprintf(stderr, "OpenOCD: %s\n", openocd.output);
    return false;
}

/* Types a request on the board's serial line. */
static bool type(two_boards *self, int which, const char *line)
{
    int fd = open(self->ports[which], O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
    if (!written)
        perror(self->ports[which]);
    if (fd >= 0)
        close(fd);
    return written;
}

static bool power_on_again(two_boards *self, int which)
{
    process_stop(&self->processes[which], READY_MS);
    return power_on(self, which) && describe(self);
}

bool two_boards_bring(two_boards *self, int which, other_state state)
{
    if (state == OTHER_BLANK)
        return power_on_again(self, which);
    if (state == OTHER_MID_RUN)
        return abandon_run(self, which);
    if (!finish_attempt(self, which))
        return false;
    switch (state) {
    case OTHER_RESET_AGAIN:
        return reset_by_hand(self, which);
    case OTHER_FAULTED:
        return type(self, which, "?crash kind=udf\n");
    case OTHER_HUNG:
        return type(self, which, "?crash kind=hang\n");
    default:
        return true;
    }
}
