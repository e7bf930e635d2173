/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes to the import of boards: it must report mistakes, or write a draft that is YAML, and a farm file
 * whose boards a reader accepts but for conflicts that only the file system shows. Used by libFuzzer, and by
 * replay_corpus.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdlib.h>
#include <string.h>

#include "inventory/import.h"
#include "spec/farm_file.h"
#include "spec/yaml_tree.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

/* A draft of which every board is complete must be readable as a farm file. */
static void check_farm(const hf_buffer *draft)
{
    hf_diagnostics *mistakes = hf_diagnostics_new();
    hf_farm *farm = NULL;
    CHECK(mistakes);
    if (hf_farm_parse("draft", hf_buffer_text(draft), draft->size, &farm, mistakes, NULL) == HF_OK)
        CHECK(farm->board_count >= 1);
    else
        CHECK(hf_diagnostics_total(mistakes) > 0);
    hf_farm_free(farm);
    hf_diagnostics_free(mistakes);
}

static void check_draft(const hf_buffer *draft, const hf_draft_summary *summary)
{
    hf_pool pool = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    CHECK(mistakes && !draft->failed);
    CHECK(hf_yaml_parse("draft", hf_buffer_text(draft), draft->size, &pool, mistakes));
    CHECK(hf_diagnostics_total(mistakes) == 0);
    hf_pool_free(&pool);
    hf_diagnostics_free(mistakes);
    if (summary->ready)
        check_farm(draft);
}

static void import(const uint8_t *bytes, size_t size, hf_import_format format, const char *chip)
{
    static hf_found_port ports[] = {
        {.path = "/dev/ttyACM0", .vendor_id = 0x483, .product_id = 0x374b, .serial = "1"}};
    static hf_found_probe probes[] = {{.kind = "ST-LINK", .serial = "1", .script = "interface/stlink.cfg"}};
    const hf_discovery found = {.probes = probes, .probe_count = 1, .ports = ports, .port_count = 1};
    hf_diagnostics *mistakes = hf_diagnostics_new();
    hf_buffer draft = HF_BUFFER_INIT;
    hf_draft_summary summary = {0};
    CHECK(mistakes);
    const hf_status status = hf_draft_import("f", (const char *)bytes, size, format, chip ? &found : NULL,
                                             chip, &draft, &summary, mistakes, NULL);
    CHECK((status == HF_OK) == (hf_diagnostics_total(mistakes) == 0));
    if (status == HF_OK)
        check_draft(&draft, &summary);
    hf_buffer_free(&draft);
    hf_diagnostics_free(mistakes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    import(bytes, size, HF_IMPORT_DETECT, NULL);
    import(bytes, size, HF_IMPORT_DETECT, "stm32l4r5zi");
    import(bytes, size, HF_IMPORT_TWISTER, NULL);
    import(bytes, size, HF_IMPORT_LABGRID, NULL);
    return 0;
}
