/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a sample report's page, to view it in a browser: page_write_sample sweep > report.html. A number makes a run of
 * that many variations on two chips, with 30 layers each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "sample.h"

static void write_page(hf_report *report)
{
    hf_buffer page = HF_BUFFER_INIT;
    hf_page_render(report, NULL, &page);
    fwrite(hf_buffer_text(&page), 1, page.size, stdout);
    hf_buffer_free(&page);
    hf_report_free(report);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(hf_report *report);
    } samples[] = {{"sweep", sample_sweep},
                   {"small", sample_small},
                   {"hostile", sample_hostile},
                   {"empty", sample_empty}};
    hf_report report;
    const unsigned long variations = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (variations > 0 && variations <= 100000) {
        sample_large((uint32_t)variations, &report);
        write_page(&report);
        return 0;
    }
    for (size_t i = 0; argc == 2 && i < sizeof samples / sizeof samples[0]; i++) {
        if (strcmp(argv[1], samples[i].name) != 0)
            continue;
        samples[i].make(&report);
        write_page(&report);
        return 0;
    }
    fprintf(stderr, "usage: %s sweep|small|hostile|empty|VARIATIONS > report.html\n", argv[0]);
    return 2;
}
