/* SPDX-License-Identifier: Apache-2.0 */
/* Measures instructions per second and memory of a virtual board with its timing model on: the bench firmware
 * runs inferences of a model, directly connected to the serial line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "direct_board.h"
#include "farm/prepare.h"

/* usage: vboard_mips CHIP FIRMWARE.bin RUNS MODEL[.tflite] prints the records of the wire protocol, one per
 * line, then the speed */

static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kb;
}

static bool prepare(const char *name, hf_prepared *out)
{
    hf_error err = {0};
    hf_prepare_request request = {.input_seed = 1};
    if (hf_source_parse(name, &request.source, &err) == HF_OK && hf_prepare(&request, out, &err) == HF_OK)
        return true;
    fprintf(stderr, "vboard_mips: %s\n", err.message);
    return false;
}

static bool bench(const hf_chip *chip, const char *firmware, uint32_t runs, const hf_prepared *model)
{
    hf_direct_result result;
    if (!hf_direct_run(chip, firmware, model->image.bytes, model->image.size, runs, true, &result))
        return false;
    if (result.output_crc32 != model->output_crc32) {
        fprintf(stderr, "vboard_mips: the output differs from the reference\n");
        return false;
    }
    printf("vboard_mips: %.0f M instructions/s (%llu in %.2f s), %ld KB resident\n",
           (double)result.instructions / result.cpu_seconds * 1e-6, (unsigned long long)result.instructions,
           result.cpu_seconds, resident_kb());
    return true;
}

int main(int argc, char **argv)
{
    const hf_chip *chip = argc == 5 ? hf_chip_find(argv[1]) : NULL;
    uint32_t runs = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    if (!chip || runs == 0) {
        fprintf(stderr, "usage: %s CHIP FIRMWARE.bin RUNS MODEL[.tflite]\n", argv[0]);
        return 2;
    }
    hf_prepared model = {0};
    bool good = prepare(argv[4], &model) && bench(chip, argv[2], runs, &model);
    hf_prepared_free(&model);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
