/* SPDX-License-Identifier: Apache-2.0 */
/* Measures instructions per second and memory of a virtual board with its timing model on: the bench firmware
 * runs inferences of a model, directly connected to the serial line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "chips/chips.h"
#include "farm/prepare.h"
#include "machine/setup.h"
#include "proto/frame.h"

/* usage: vboard_mips CHIP FIRMWARE.bin RUNS MODEL[.tflite] prints the records of the wire protocol, one per
 * line, then the speed */

enum { SLICE = 200000, LONGEST_BOOT = 100000000 };

typedef struct board {
    vb_machine *machine;
    hf_line line;
    const char *request; /* the part still to be sent */
    bool answered, refused;
    uint32_t output_crc32;
} board;

static bool always(void *user)
{
    (void)user;
    return true;
}

static bool is(const hf_frame *frame, const char *type)
{
    return strcmp(frame->type, type) == 0;
}

static void handle_line(board *b)
{
    hf_frame frame;
    char text[HF_FRAME_MAX_BYTES + 1];
    snprintf(text, sizeof text, "%.*s", (int)b->line.used, b->line.bytes);
    if (hf_frame_parse(b->line.bytes, b->line.used, &frame) != HF_FRAME_OK)
        return;
    printf("%s\n", text);
    b->refused |= is(&frame, "error") || is(&frame, "fault");
    b->answered |= b->refused || is(&frame, "ok") || is(&frame, "boot");
    if (is(&frame, "output"))
        hf_frame_get_hex32(&frame, "crc32", &b->output_crc32);
}

static void tx(void *user, uint8_t byte)
{
    board *b = user;
    if (!hf_line_push(&b->line, (char)byte))
        return;
    handle_line(b);
    hf_line_next(&b->line);
}

static bool rx_ready(void *user)
{
    board *b = user;
    return b->request && *b->request;
}

static uint8_t rx(void *user)
{
    board *b = user;
    return (uint8_t)*b->request++;
}

static void any_baud(void *user, uint32_t baud)
{
    (void)user;
    (void)baud;
}

static uint32_t debug_read(void *user, uint32_t address)
{
    (void)user;
    return address == 0xE000EDFC ? 1u << 24 : 0; /* DEMCR.TRCENA: the cycle counter runs */
}

static void debug_write(void *user, uint32_t address, uint32_t value, bool from_code)
{
    (void)user;
    (void)address;
    (void)value;
    (void)from_code;
}

/* The emulator has one thread: its CPU time equals the wall clock's time on an idle machine. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

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

static bool program(vb_machine *m, uint32_t address, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += 8) { /* the L4's unit; the F7 takes single words */
        uint32_t words[2] = {UINT32_MAX, UINT32_MAX};
        memcpy(words, bytes + at, size - at < 8 ? size - at : 8);
        for (uint32_t i = 0; i < 2; i++)
            if (!vb_machine_bus_write(m, address + (uint32_t)at + 4 * i, 4, words[i]))
                return false;
    }
    return true;
}

/* KEYR and CR: RM0432 3.7.4, 3.7.7; RM0410 3.7.2, 3.7.5 */
static bool unlock(vb_machine *m, bool m7)
{
    const uint32_t base = m7 ? 0x40023C00 : 0x40022000, keyr = base + (m7 ? 4 : 8),
                   cr = base + (m7 ? 0x10 : 0x14), programming = m7 ? 0x201 : 1; /* PSIZE = 32 bits, PG */
    return vb_machine_bus_write(m, keyr, 4, 0x45670123) && vb_machine_bus_write(m, keyr, 4, 0xCDEF89AB) &&
           vb_machine_bus_write(m, cr, 4, programming);
}

static bool converse(board *b, const char *request)
{
    b->request = request;
    b->answered = false;
    uint64_t end = vb_machine_instructions(b->machine) + LONGEST_BOOT;
    vb_stop stop = VB_STOP_SLICE;
    while (!b->answered && (stop == VB_STOP_SLICE || stop == VB_STOP_IDLE) &&
           (request || vb_machine_instructions(b->machine) < end))
        stop = vb_machine_run(b->machine, SLICE);
    if (!b->answered)
        fprintf(stderr, "vboard_mips: no answer to %s", request ? request : "reset\n");
    return b->answered && !b->refused;
}

static bool measure(board *b, uint32_t runs, const hf_prepared *model)
{
    char request[64];
    snprintf(request, sizeof request, "?run warmup=1 runs=%u layers=1\n", (unsigned)runs);
    if (!converse(b, NULL) || !converse(b, "?hello\n") || !converse(b, "?input seed=1\n"))
        return false;
    uint64_t before = vb_machine_instructions(b->machine);
    double start = cpu_seconds();
    if (!converse(b, request))
        return false;
    double took = cpu_seconds() - start;
    uint64_t instructions = vb_machine_instructions(b->machine) - before;
    if (b->output_crc32 != model->output_crc32) {
        fprintf(stderr, "vboard_mips: the output differs from the reference\n");
        return false;
    }
    printf("vboard_mips: %.0f M instructions/s (%llu in %.2f s), %ld KB resident\n",
           (double)instructions / took * 1e-6, (unsigned long long)instructions, took, resident_kb());
    return true;
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
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (hf_file_read(firmware, chip->firmware_bytes, &bytes, &size, &err) != HF_OK) {
        fprintf(stderr, "vboard_mips: %s\n", err.message);
        return false;
    }
    board b = {0};
    vb_uart_port uart = {&b, always, tx, rx_ready, rx, any_baud};
    vb_debug_port debug = {NULL, debug_read, debug_write};
    b.machine = vb_machine_new(chip->name, &uart, &debug);
    bool good = b.machine && unlock(b.machine, strcmp(chip->core, "cortex-m7") == 0) &&
                program(b.machine, chip->flash_base, bytes, size) &&
                program(b.machine, chip->model_base, model->image.bytes, model->image.size);
    free(bytes);
    if (good)
        vb_machine_reset(b.machine);
    else
        fprintf(stderr, "vboard_mips: cannot program the flash\n");
    good = good && measure(&b, runs, model);
    vb_machine_free(b.machine);
    return good;
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
