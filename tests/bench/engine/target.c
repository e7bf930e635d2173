/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include "base/file.h"
#include "engine/format.h"
#include "harness.h"
#include "layer_rows.h"

#define RETURN_ADDRESS (HARNESS_CODE_BASE + HARNESS_CODE_BYTES - 16U)
#define STACK_PAINT    0xC5
#define INFERENCE      UINT32_MAX /* the event that brackets the whole inference */

struct engine_target {
    uint8_t *code;
    size_t code_bytes;
};

/* One run. */
typedef struct session {
    uc_engine *uc;
    const engine_target *target;
    uint64_t instructions;
    uint64_t it_first, it_end; /* addresses of the last IT block */
    uint64_t inference_start, layer_start;
    engine_target_result *result;
    hf_status status;
} session;

static uint32_t halfword(const session *s, uint64_t address)
{
    const uint64_t at = address - HARNESS_CODE_BASE;
    return at + 2 <= s->target->code_bytes ? s->target->code[at] | (uint32_t)s->target->code[at + 1] << 8 : 0;
}

/* Unicorn does not report instructions of an IT block whose condition is false, although a core spends a cycle on
 * them: the whole block is counted with the IT instruction and not again. */
static void count(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
    (void)uc;
    session *s = user;
    if (address >= s->it_first && address < s->it_end)
        return;
    s->instructions++;
    const uint32_t opcode = size == 2 ? halfword(s, address) : 0;
    if ((opcode & 0xFF00U) != 0xBF00U || (opcode & 0xFU) == 0)
        return;
    s->it_first = s->it_end = address + 2;
    const uint32_t conditional =
        4 - (uint32_t)__builtin_ctz(opcode & 0xFU); /* DDI0403E A7.7.38: the mask's last 1 */
    for (uint32_t i = 0; i < conditional; i++)
        s->it_end += halfword(s, s->it_end) >> 11 >= 0x1DU ? 4 : 2; /* A5.1 */
    s->instructions += conditional;
}

/* Appends the rows to the layer's output. */
static void take_rows(session *s, const harness_event *event)
{
    engine_target_layer *layer = &s->result->layers[event->index];
    const uint64_t at = HARNESS_IMAGE_BASE + sizeof(hf_image_header) + event->index * sizeof(hf_op_record);
    hf_op_record r;
    layer->instructions += s->instructions - s->layer_start;
    if (uc_mem_read(s->uc, at, &r, sizeof r) != UC_ERR_OK) {
        s->status = HF_EIO;
        return;
    }
    const uint32_t rows = event->end_row - event->first_row;
    const size_t spread_bytes = rows * layer_row_pitch(&r);
    const size_t bytes = rows * layer_row_bytes(&r);
    int8_t *spread = malloc(spread_bytes);
    uint8_t *output = realloc(layer->output, layer->output_bytes + bytes);
    if (output)
        layer->output = output;
    if (!spread || !output || uc_mem_read(s->uc, event->output, spread, spread_bytes) != UC_ERR_OK) {
        s->status = HF_EIO;
    } else {
        layer_rows_copy(&r, spread, rows, (int8_t *)output + layer->output_bytes);
        layer->output_bytes += (uint32_t)bytes;
    }
    free(spread);
    if (s->result->layer_count <= event->index)
        s->result->layer_count = event->index + 1;
}

/* The write itself happens after this: `phase` comes from the hook, the other members from memory. */
static void event_written(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                          void *user)
{
    (void)type;
    (void)size;
    session *s = user;
    harness_event event;
    if (address != HARNESS_EVENT_PHASE ||
        uc_mem_read(uc, HARNESS_EVENT_BASE, &event, sizeof event) != UC_ERR_OK)
        return;
    if (event.index == INFERENCE) {
        if (value == 0)
            s->inference_start = s->instructions;
        else
            s->result->instructions = s->instructions - s->inference_start;
        return;
    }
    if (event.index >= ENGINE_TARGET_MAX_LAYERS)
        return;
    if (value == 0)
        s->layer_start = s->instructions;
    else
        take_rows(s, &event);
}

hf_status engine_target_new(const char *binary, engine_target **out, hf_error *err)
{
    engine_target *t = calloc(1, sizeof *t);
    if (!t)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a target");
    hf_status status = hf_file_read(binary, HARNESS_CODE_BYTES / 2, &t->code, &t->code_bytes, err);
    if (status) {
        free(t);
        return status;
    }
    *out = t;
    return HF_OK;
}

void engine_target_free(engine_target *t)
{
    if (!t)
        return;
    free(t->code);
    free(t);
}

static uc_err set_up(const engine_target *t, session *s, const engine_target_job *job)
{
    static uint8_t paint[HARNESS_STACK_BYTES];
    memset(paint, STACK_PAINT, sizeof paint);
    uc_hook hooks[2];
    uc_err failed = uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &s->uc);
    if (!failed)
        failed = uc_ctl_set_cpu_model(s->uc, UC_CPU_ARM_CORTEX_M4);
    if (!failed)
        failed = uc_mem_map(s->uc, HARNESS_CODE_BASE, HARNESS_CODE_BYTES, UC_PROT_READ | UC_PROT_EXEC);
    if (!failed)
        failed = uc_mem_map(s->uc, HARNESS_IMAGE_BASE, HARNESS_IMAGE_BYTES, UC_PROT_READ);
    if (!failed)
        failed = uc_mem_map(s->uc, HARNESS_RAM_BASE, HARNESS_RAM_BYTES, UC_PROT_READ | UC_PROT_WRITE);
    if (!failed)
        failed = uc_mem_map(s->uc, HARNESS_EVENT_BASE, HARNESS_EVENT_BYTES, UC_PROT_READ | UC_PROT_WRITE);
    if (!failed)
        failed = uc_mem_write(s->uc, HARNESS_CODE_BASE, t->code, t->code_bytes);
    if (!failed)
        failed = uc_mem_write(s->uc, HARNESS_IMAGE_BASE, job->image, job->image_bytes);
    if (!failed)
        failed = uc_mem_write(s->uc, HARNESS_RAM_BASE, paint, sizeof paint);
    if (!failed)
        failed = uc_mem_write(s->uc, HARNESS_ARENA_BASE + job->input_offset, job->input, job->input_bytes);
    if (!failed)
        failed = uc_hook_add(s->uc, &hooks[0], UC_HOOK_CODE, (void *)count, s, 1, 0);
    if (!failed)
        failed = uc_hook_add(s->uc, &hooks[1], UC_HOOK_MEM_WRITE, (void *)event_written, s,
                             HARNESS_EVENT_BASE, HARNESS_EVENT_BASE + HARNESS_EVENT_BYTES - 1);
    return failed;
}

static uc_err call(session *s, const engine_target_job *job, uint32_t *returned)
{
    uint32_t r0 = (uint32_t)job->image_bytes;
    uint32_t r1 = job->with_hooks ? 1 : 0;
    uint32_t sp = HARNESS_RAM_BASE + HARNESS_STACK_BYTES;
    uint32_t lr = RETURN_ADDRESS | 1U;
    uc_reg_write(s->uc, UC_ARM_REG_R0, &r0);
    uc_reg_write(s->uc, UC_ARM_REG_R1, &r1);
    uc_reg_write(s->uc, UC_ARM_REG_SP, &sp);
    uc_reg_write(s->uc, UC_ARM_REG_LR, &lr);
    uc_err failed = uc_emu_start(s->uc, HARNESS_CODE_BASE | 1U, RETURN_ADDRESS, 0, 0);
    uc_reg_read(s->uc, UC_ARM_REG_R0, returned);
    return failed;
}

static uint64_t stack_used(session *s)
{
    static uint8_t stack[HARNESS_STACK_BYTES];
    size_t untouched = 0;
    if (uc_mem_read(s->uc, HARNESS_RAM_BASE, stack, sizeof stack) != UC_ERR_OK)
        return 0;
    while (untouched < sizeof stack && stack[untouched] == STACK_PAINT)
        untouched++;
    return sizeof stack - untouched;
}

static hf_status finish(session *s, const engine_target_job *job, hf_error *err)
{
    s->result->stack_bytes = stack_used(s);
    s->result->output = malloc(job->output_bytes);
    uint64_t address = HARNESS_ARENA_BASE + job->output_offset;
    if (s->status || !s->result->output ||
        uc_mem_read(s->uc, address, s->result->output, job->output_bytes) != UC_ERR_OK)
        return HF_FAIL(err, HF_EIO, "cannot read the emulated core's results");
    return HF_OK;
}

hf_status engine_target_run(engine_target *t, const engine_target_job *job, engine_target_result *out,
                            hf_error *err)
{
    if (job->image_bytes > HARNESS_IMAGE_BYTES || job->arena_bytes > HARNESS_RAM_BYTES - HARNESS_STACK_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "image of %zu or arena of %u bytes is too large for the harness",
                       job->image_bytes, job->arena_bytes);
    engine_target_result result = {0};
    session s = {.target = t, .result = &result};
    uint32_t returned = 0;
    uc_err failed = set_up(t, &s, job);
    if (!failed)
        failed = call(&s, job, &returned);
    hf_status status;
    if (failed)
        status = HF_FAIL(err, HF_ETARGET, "emulated core: %s", uc_strerror(failed));
    else if (returned != 0)
        status = HF_FAIL(err, HF_ETARGET, "engine on the emulated core returned %u", returned);
    else
        status = finish(&s, job, err);
    if (s.uc)
        uc_close(s.uc);
    if (status) {
        engine_target_result_free(&result);
        return status;
    }
    *out = result;
    return HF_OK;
}

void engine_target_result_free(engine_target_result *result)
{
    if (!result)
        return;
    for (uint32_t i = 0; i < result->layer_count; i++)
        free(result->layers[i].output);
    free(result->output);
    *result = (engine_target_result){0};
}
