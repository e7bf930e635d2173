/* SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

#include "hf_test.h"

#include <dirent.h>
#include <sys/wait.h>

#include "checksum/crc.h"
#include "compile/compile.h"
#include "families/families.h"
#include "graph/graph.h"
#include "proto/frame.h"
#include "reference/reference.h"
#include "weights/weights.h"

static void must(hf_status status, const hf_error *err)
{
    if (status != HF_OK)
        fail_msg("%s", err->message);
}

void job_make(job *self, const char *name, uint32_t weight_seed)
{
    hf_error err = {0};
    hf_variation variation;
    hf_graph *graph = NULL;
    hf_image image = {0};
    hf_reference reference = {0};
    must(hf_variation_parse(name, &variation, &err), &err);
    must(hf_variation_build(&variation, &graph, &err), &err);
    must(hf_weights_generate(graph, weight_seed, &err), &err);
    must(hf_compile(graph, &image, &err), &err);
    size_t input_bytes = (size_t)hf_tensor_bytes(&graph->tensors[graph->input]);
    uint8_t *input = malloc(input_bytes);
    assert_non_null(input);
    hf_input_generate(1, (int8_t *)input, input_bytes);
    must(hf_reference_run(graph, (const int8_t *)input, &reference, &err), &err);

    *self = (job){.image = image.bytes, .input = input};
    self->layer_crc32 = calloc(image.op_count, sizeof *self->layer_crc32);
    assert_non_null(self->layer_crc32);
    for (uint32_t i = 0; i < image.op_count; i++) {
        const size_t bytes = (size_t)hf_image_op_bytes(graph, &image, i);
        int8_t *expected = malloc(bytes);
        assert_non_null(expected);
        hf_image_op_expect(graph, &image, i, reference.outputs, expected);
        self->layer_crc32[i] = hf_crc32(0, expected, bytes);
        free(expected);
    }
    const hf_tensor *output = &graph->tensors[graph->output];
    self->request = (hf_attempt_request){
        .name = "a small network",
        .image = image.bytes,
        .image_bytes = image.size,
        .layer_count = image.op_count,
        .input_bytes = input_bytes,
        .input_seed = 1,
        .input_crc32 = hf_crc32(0, input, input_bytes),
        .output_crc32 = hf_crc32(0, reference.outputs[output->producer], (size_t)hf_tensor_bytes(output)),
        .layer_crc32 = self->layer_crc32,
        .warmup = 1,
        .runs = 3,
        .layers = true,
    };
    image.bytes = NULL; /* ours now */
    hf_image_free(&image);
    hf_reference_free(&reference);
    hf_graph_free(graph);
}

void job_free(job *self)
{
    free(self->image);
    free(self->input);
    free(self->layer_crc32);
    *self = (job){0};
}

void job_sign(job *self)
{
    uint32_t crc32 = hf_crc32(0, self->image + 16, self->request.image_bytes - 16);
    for (int i = 0; i < 4; i++)
        self->image[12 + i] = (uint8_t)(crc32 >> (8 * i));
}

void bench_make(bench *self, const char *chip)
{
    static char vboard[512];
    *self = (bench){.config = {.id = "bench 1", .chip = chip, .is_virtual = true, .baud = 921600}};
    strcpy(self->dir, "/tmp/hf-agent-XXXXXX");
    assert_non_null(mkdtemp(self->dir));
    assert_non_null(getenv("HILFARM_BIN_DIR"));
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", getenv("HILFARM_BIN_DIR"));
    self->options = (hf_board_options){
        .vboard_path = vboard,
        .firmware_dir = getenv("HILFARM_FIRMWARE_DIR"),
        .work_dir = self->dir,
        .cpu = -1,
        .cancel_fd = -1,
    };
    self->hooks.lock_dir = self->dir;
}

hf_status bench_open(bench *self)
{
    hf_error_clear(&self->err);
    return hf_board_open_hooked(&self->config, &self->options, &self->hooks, &self->board, &self->err);
}

hf_status bench_attempt(bench *self, const job *work, hf_attempt_result *result)
{
    hf_error_clear(&self->err);
    return hf_board_attempt(self->board, &work->request, result, &self->err);
}

static int count_entries(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

int open_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

void bench_free(bench *self)
{
    hf_board_close(self->board);
    self->board = NULL;
    /* All children have been reaped. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    DIR *dir = opendir(self->dir);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        if (!strstr(entry->d_name, ".lock"))
            fail_msg("%s/%s was left behind", self->dir, entry->d_name);
        char path[320];
        snprintf(path, sizeof path, "%s/%s", self->dir, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    assert_int_equal(rmdir(self->dir), 0);
}

void assert_attempt(bench *self, hf_status status, hf_status expected)
{
    if (status == expected)
        return;
    fputs(self->board ? hf_board_transcript(self->board) : "", stderr);
    fail_msg("%s instead of %s: (%s) %s", hf_status_name(status), hf_status_name(expected),
             hf_fault_name(self->err.fault), self->err.message);
}

void assert_failure(bench *self, hf_fault fault, const char *says)
{
    if (self->err.fault == fault && strstr(self->err.message, says))
        return;
    fputs(self->board ? hf_board_transcript(self->board) : "", stderr);
    fail_msg("expected a failure of class %s saying '%s', got %s: %s", hf_fault_name(fault), says,
             hf_fault_name(self->err.fault), self->err.message);
}

long child_named(const char *name)
{
    char path[64], line[256];
    DIR *dir = opendir("/proc");
    assert_non_null(dir);
    long pid = 0;
    for (struct dirent *entry; !pid && (entry = readdir(dir));) {
        snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
        FILE *file = fopen(path, "r");
        long parent = 0;
        if (!file)
            continue;
        /* proc(5): "pid (name) state parent ..." */
        char *start = fgets(line, sizeof line, file) ? strchr(line, '(') : NULL;
        char *end = start ? strrchr(start, ')') : NULL;
        if (end && strlen(end) > 4)
            parent = strtol(end + 4, NULL, 10);
        if (start && parent == (long)getpid() &&
            strncmp(start + 1, name, strlen(name) < 15 ? strlen(name) : 15) == 0)
            pid = strtol(entry->d_name, NULL, 10);
        fclose(file);
    }
    closedir(dir);
    return pid;
}
