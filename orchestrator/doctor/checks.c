/* SPDX-License-Identifier: Apache-2.0 */
#include "checks.h"

#include <libgen.h>
#include <unistd.h>

#include "base/buffer.h"

void hf_doctor_report(const hf_doctor_options *options, hf_doctor_verdict verdict, const char *subject,
                      const char *remedy, const char *format, ...)
{
    hf_buffer text = HF_BUFFER_INIT;
    va_list args;
    va_start(args, format);
    hf_buffer_vprintf(&text, format, args);
    va_end(args);
    options->report(options->user, verdict, subject, hf_buffer_text(&text), remedy);
    hf_buffer_free(&text);
}

const hf_chip *hf_doctor_next_chip(const hf_farm *farm, uint32_t *next)
{
    while (*next < farm->board_count) {
        const hf_chip *chip = farm->boards[*next].chip;
        uint32_t first = 0;
        while (farm->boards[first].chip != chip)
            first++;
        if (first == (*next)++)
            return chip;
    }
    return NULL;
}

const char *hf_doctor_existing_folder(char *path)
{
    char *folder = dirname(path);
    while (access(folder, F_OK) != 0)
        folder = dirname(folder);
    return folder;
}
