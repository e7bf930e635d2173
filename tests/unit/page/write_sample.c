/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a sample report's page, to view it in a browser: page_write_sample sweep > report.html */
#include <stdio.h>
#include <string.h>

#include "page/page.h"
#include "sample.h"

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*make)(hf_report *report);
    } samples[] = {{"sweep", sample_sweep},
                   {"small", sample_small},
                   {"hostile", sample_hostile},
                   {"empty", sample_empty}};
    for (size_t i = 0; argc == 2 && i < sizeof samples / sizeof samples[0]; i++) {
        if (strcmp(argv[1], samples[i].name) != 0)
            continue;
        hf_report report;
        hf_buffer page = HF_BUFFER_INIT;
        samples[i].make(&report);
        hf_page_render(&report, NULL, &page);
        fwrite(hf_buffer_text(&page), 1, page.size, stdout);
        hf_buffer_free(&page);
        hf_report_free(&report);
        return 0;
    }
    fprintf(stderr, "usage: %s sweep|small|hostile|empty > report.html\n", argv[0]);
    return 2;
}
