/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes to the parsers of job specs and farm files: they must return a result that satisfies
 * its invariants, or diagnostics. Used by libFuzzer, and by replay.c as an ordinary test. */
#include "replay_corpus.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "spec/farm_file.h"
#include "spec/spec.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static void check_name(const char *name)
{
    CHECK(isalnum((unsigned char)*name));
    for (; *name; name++)
        CHECK(isalnum((unsigned char)*name) || strchr("_-.", *name));
}

static void check_spec(const hf_spec *spec)
{
    check_name(spec->name);
    CHECK(spec->variation_count >= 1 && spec->variation_count <= HF_SPEC_MAX_VARIATIONS);
    for (uint32_t i = 0; i < spec->variation_count; i++) {
        const hf_spec_variation *v = &spec->variations[i];
        check_name(v->name);
        CHECK(v->line >= 1 && v->column >= 1);
        CHECK((v->kind == HF_SPEC_TFLITE) == (v->path != NULL));
        if (v->kind == HF_SPEC_FAMILY) { /* the name must describe the variation */
            char name[HF_VARIATION_NAME_SIZE];
            hf_variation parsed;
            CHECK(hf_variation_check(&v->variation, NULL) == HF_OK);
            CHECK(hf_variation_name(&v->variation, name, NULL) == HF_OK && strcmp(name, v->name) == 0);
            CHECK(hf_variation_parse(v->name, &parsed, NULL) == HF_OK && parsed.set == v->variation.set);
        }
    }
    CHECK(spec->measure.runs >= 1 && spec->measure.runs <= 10000 && spec->measure.warmup <= 1000);
    CHECK(spec->retries.attempts >= 1 && spec->retries.attempts <= 20 && spec->retries.strikes >= 1);
    for (uint32_t i = 0; i < spec->tag_count; i++)
        CHECK(*spec->tags[i] && spec->tag_lines[i]);
}

static void check_farm(const hf_farm *farm)
{
    CHECK(farm->board_count >= 1 && farm->board_count <= HF_FARM_MAX_BOARDS);
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_board_config *c = &farm->boards[i].config;
        check_name(c->id);
        CHECK(farm->boards[i].chip && c->chip == farm->boards[i].chip->name);
        CHECK(c->baud >= HF_FARM_BAUD_MIN && c->baud <= HF_FARM_BAUD_MAX);
        CHECK(c->is_virtual == !(c->port_path || c->usb_vendor_id));
        CHECK(c->is_virtual == !c->probe_interface);
        for (uint32_t k = 0; k < i; k++)
            CHECK(strcmp(c->id, farm->boards[k].config.id) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    CHECK(diagnostics);
    hf_spec *spec = NULL;
    hf_status status = hf_spec_parse("f", (const char *)bytes, size, false, &spec, diagnostics, NULL);
    CHECK((status == HF_OK) == (spec != NULL));
    CHECK((status == HF_OK) == (hf_diagnostics_total(diagnostics) == 0));
    if (spec)
        check_spec(spec);
    uint32_t before = hf_diagnostics_total(diagnostics);
    hf_farm *farm = NULL;
    status = hf_farm_parse("f", (const char *)bytes, size, &farm, diagnostics, NULL);
    CHECK((status == HF_OK) == (farm != NULL));
    CHECK((status == HF_OK) == (hf_diagnostics_total(diagnostics) == before));
    if (farm)
        check_farm(farm);
    char *rendered = hf_diagnostics_render(diagnostics);
    CHECK(rendered && !strpbrk(rendered, "\033\t\r"));
    free(rendered);
    hf_spec_free(spec);
    hf_farm_free(farm);
    hf_diagnostics_free(diagnostics);
    return 0;
}
