/* SPDX-License-Identifier: Apache-2.0 */
#include "direct_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "machine/setup.h"
#include "proto/frame.h"

enum { SLICE = 200000, LONGEST_BOOT = 100000000 };

typedef struct board {
    vb_machine *machine;
    hf_line line;
    const char *request; /* the part still to be sent */
    bool echo, answered, refused;
    hf_direct_result result;
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
    if (b->echo)
        printf("%s\n", text);
    b->refused |= is(&frame, "error") || is(&frame, "fault");
    b->answered |= b->refused || is(&frame, "ok") || is(&frame, "boot");
    if (is(&frame, "output"))
        hf_frame_get_hex32(&frame, "crc32", &b->result.output_crc32);
    if (is(&frame, "sample"))
        hf_frame_get_u64(&frame, "cycles", &b->result.cycles);
    uint64_t index = 0;
    if (is(&frame, "layer") && hf_frame_get_u64(&frame, "index", &index) && index < HF_DIRECT_MAX_LAYERS &&
        hf_frame_get_u64(&frame, "cycles", &b->result.layer_cycles[index]) && index >= b->result.layers)
        b->result.layers = (uint32_t)index + 1;
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
        fprintf(stderr, "direct_board: no answer to %s", request ? request : "reset\n");
    return b->answered && !b->refused;
}

static bool measure(board *b, uint32_t runs)
{
    char request[64];
    snprintf(request, sizeof request, "?run warmup=1 runs=%u layers=1\n", (unsigned)runs);
    if (!converse(b, NULL) || !converse(b, "?hello\n") || !converse(b, "?input seed=1\n"))
        return false;
    const uint64_t before = vb_machine_instructions(b->machine);
    const double start = cpu_seconds();
    if (!converse(b, request))
        return false;
    b->result.cpu_seconds = cpu_seconds() - start;
    b->result.instructions = vb_machine_instructions(b->machine) - before;
    return true;
}

bool hf_direct_run(const hf_chip *chip, const char *firmware, const uint8_t *image, size_t image_bytes,
                   uint32_t runs, bool echo, hf_direct_result *out)
{
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (hf_file_read(firmware, chip->firmware_bytes, &bytes, &size, &err) != HF_OK) {
        fprintf(stderr, "direct_board: %s\n", err.message);
        return false;
    }
    board b = {.echo = echo};
    vb_uart_port uart = {&b, always, tx, rx_ready, rx, any_baud};
    vb_debug_port debug = {NULL, debug_read, debug_write};
    b.machine = vb_machine_new(chip->name, &uart, &debug);
    bool good = b.machine && unlock(b.machine, strcmp(chip->core, "cortex-m7") == 0) &&
                program(b.machine, chip->flash_base, bytes, size) &&
                program(b.machine, chip->model_base, image, image_bytes);
    free(bytes);
    if (good)
        vb_machine_reset(b.machine);
    else
        fprintf(stderr, "direct_board: cannot program the flash\n");
    good = good && measure(&b, runs);
    vb_machine_free(b.machine);
    if (good)
        *out = b.result;
    return good;
}
