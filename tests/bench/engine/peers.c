/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const peer_names[ENGINE_PEERS][2] = {
    {"tflite-micro", "reference"}, {"tflite-micro", "+ CMSIS-NN"}, {"", "TinyEngine"}};

/* Peers: measured with tflite-micro and TinyEngine on the same models, instruction by instruction on an
 * emulated Cortex-M4F; the figures are those of the golden data's README. */
static const engine_model models[] = {
    {.name = "vww_96_int8.tflite",
     .peers = {{100249509, 0}, {24101941, 100708}, {19711696, 60728}},
     .goal = {11000000, 40000},
     .stretch = {9000000, 30000},
     .over_goal_percent = 6},
    {.name = "kws_ref_model.tflite", .peers = {{43040121, 0}, {7697873, 22820}}, .goal = {4000000, 0}},
    {.name = "mobilenetv1_0.7_96_c3_o2_l5ll32pl64b0.3", .goal = {0, 102400}},
};

/* Code and constants. TinyEngine generates code for one network, this is vww_96_int8's: about 13 KB. */
static const uint64_t peer_code_bytes[ENGINE_PEERS] = {0, 53432, 13000};
#define CODE_GOAL_BYTES 24000U

const engine_model *engine_model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

/* The smallest known value; 0 if none is known. */
static uint64_t least(const uint64_t values[ENGINE_PEERS])
{
    uint64_t best = 0;
    for (int p = 0; p < ENGINE_PEERS; p++)
        if (values[p] && (!best || values[p] < best))
            best = values[p];
    return best;
}

uint64_t engine_model_fewest_instructions(const engine_model *model)
{
    uint64_t values[ENGINE_PEERS];
    for (int p = 0; p < ENGINE_PEERS; p++)
        values[p] = model->peers[p].instructions;
    return least(values);
}

static void put_figure(hf_buffer *out, uint64_t value)
{
    if (value)
        hf_buffer_printf(out, " %12" PRIu64, value);
    else
        hf_buffer_printf(out, " %12s", "-");
}

static void put_line(hf_buffer *out, const char *name, int64_t macs, const uint64_t peers[ENGINE_PEERS],
                     uint64_t ours, uint64_t goal, uint64_t stretch)
{
    hf_buffer_printf(out, "  %-24s", name);
    put_figure(out, (uint64_t)macs);
    for (int p = 0; p < ENGINE_PEERS; p++)
        put_figure(out, peers[p]);
    put_figure(out, ours);
    const uint64_t best = least(peers);
    if (best)
        hf_buffer_printf(out, " %9.3f", (double)ours / (double)best);
    else
        hf_buffer_printf(out, " %9s", "-");
    put_figure(out, goal);
    put_figure(out, stretch);
    hf_buffer_putc(out, '\n');
}

void engine_peers_render(const engine_measured *measured, size_t count, uint64_t engine_bytes,
                         uint64_t firmware_bytes, hf_buffer *out)
{
    for (int line = 0; line < 2; line++) {
        hf_buffer_printf(out, "  %-24s %12s", "", line ? "MACs" : "");
        for (int p = 0; p < ENGINE_PEERS; p++)
            hf_buffer_printf(out, " %12s", peer_names[p][line]);
        hf_buffer_printf(out, " %12s %9s %12s %12s\n", line ? "hilfarm" : "", line ? "best peer" : "of the",
                         line ? "goal" : "", line ? "stretch" : "");
    }
    hf_buffer_puts(out, "executed instructions of an inference, Cortex-M4F\n");
    for (size_t i = 0; i < count; i++) {
        const engine_model *model = measured[i].model;
        uint64_t peers[ENGINE_PEERS];
        for (int p = 0; p < ENGINE_PEERS; p++)
            peers[p] = model->peers[p].instructions;
        put_line(out, model->name, measured[i].macs, peers, measured[i].figures.instructions,
                 model->goal.instructions, model->stretch.instructions);
    }
    hf_buffer_puts(out, "arena, scratch memory included (bytes)\n");
    for (size_t i = 0; i < count; i++) {
        const engine_model *model = measured[i].model;
        uint64_t peers[ENGINE_PEERS];
        for (int p = 0; p < ENGINE_PEERS; p++)
            peers[p] = model->peers[p].arena_bytes;
        put_line(out, model->name, 0, peers, measured[i].figures.arena_bytes, model->goal.arena_bytes,
                 model->stretch.arena_bytes);
    }
    const uint64_t none[ENGINE_PEERS] = {0};
    hf_buffer_puts(out, "code and constants (bytes)\n");
    put_line(out, "engine, all operators", 0, peer_code_bytes, engine_bytes, 0, 0);
    put_line(out, "with the bench firmware", 0, none, firmware_bytes, CODE_GOAL_BYTES, 0);
    hf_buffer_puts(
        out,
        "Peers were measured on the same models in the same way (the golden data's README). Of TinyEngine: "
        "outputs differ\nfrom TensorFlow Lite's, the arena is all of its .bss, the code, about 13 KB, is "
        "vww_96_int8's alone.\n");
}
