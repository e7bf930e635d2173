/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_board.h"

#include "checksum/crc.h"
#include "hf_test.h"

static void fake_send(void *user, const char *bytes, size_t size)
{
    fake_board *self = user;
    assert_true(size > 0 && size <= HF_FRAME_MAX_BYTES);
    for (size_t i = 0; i < size; i++) {
        if (!hf_line_push(&self->line, bytes[i]))
            continue;
        uint32_t n = self->frame_count++;
        assert_true(n < FAKE_MAX_FRAMES);
        memcpy(self->lines[n], self->line.bytes, self->line.used);
        assert_int_equal(hf_frame_parse(self->lines[n], self->line.used, &self->frames[n]), HF_FRAME_OK);
        assert_int_equal(self->frames[n].direction, HF_FRAME_TO_HOST);
        uint64_t nonce = 0; /* in every frame */
        assert_true(hf_frame_get_hex64(&self->frames[n], "nonce", &nonce));
        assert_true(nonce == self->board.nonce);
        hf_line_next(&self->line);
    }
    assert_int_equal(self->line.used, 0); /* whole lines only */
}

static bool fake_baud_possible(void *user, uint32_t rate)
{
    (void)user;
    return rate != 1234567;
}

static void fake_set_baud(void *user, uint32_t rate)
{
    fake_board *self = user;
    self->baud = rate;
    self->sent_at_baud_change = self->frame_count;
}

static uint32_t fake_cycles(void *user)
{
    return ((fake_board *)user)->cycles;
}

static uint64_t fake_instructions(void *user)
{
    return ((fake_board *)user)->instructions;
}

static uint32_t fake_stack_bytes(void *user)
{
    (void)user;
    return 777;
}

static uint32_t fake_rx_errors(void *user)
{
    (void)user;
    return 3;
}

static void fake_note(void *user, const char *doing)
{
    ((fake_board *)user)->doing = doing;
}

static void fake_crash(void *user, bench_crash_kind kind)
{
    ((fake_board *)user)->crashed = (int)kind;
}

void fake_board_setup(fake_board *self)
{
    memset(self, 0, sizeof *self);
    self->crashed = -1;
    self->baud = 115200;
    self->hal = (bench_hal){
        .user = self,
        .send = fake_send,
        .baud_possible = fake_baud_possible,
        .set_baud = fake_set_baud,
        .cycles = fake_cycles,
        .instructions = fake_instructions,
        .stack_bytes = fake_stack_bytes,
        .rx_errors = fake_rx_errors,
        .note = fake_note,
        .crash = fake_crash,
    };
    self->board = (bench_board){
        .chip = "stm32l4r5zi",
        .core = "cortex-m4",
        .firmware = "0123456789abcdef0123456789abcdef01234567",
        .version = "0.1.0",
        .reset = "software",
        .clock_hz = 120000000,
        .clock_source = "msi_lse",
        .model = (const uint8_t *)self->model,
        .model_address = 0x08010000,
        .model_bytes = 4000,
        .arena = self->arena,
        .arena_bytes = FAKE_ARENA_BYTES,
        .static_bytes = 99,
        .nonce = FAKE_NONCE,
    };
    the_engine = (fake_engine){
        .crc32 = 0xCAFE0001,
        .arena_bytes = 512,
        .input_bytes = 300,
        .output_bytes = 60,
        .layer_cycles = 1000,
        .board = self,
    };
    bench_init(&self->bench, &self->hal, &self->board);
}

void fake_board_push(fake_board *self, const char *bytes, size_t size)
{
    self->frame_count = 0;
    for (size_t i = 0; i < size; i++)
        bench_receive(&self->bench, bytes[i]);
}

void fake_board_request(fake_board *self, uint32_t sequence, const char *body)
{
    char head[HF_FRAME_MAX_BYTES], line[HF_FRAME_MAX_BYTES + 8];
    snprintf(head, sizeof head, ">%u %s", (unsigned)sequence, body);
    snprintf(line, sizeof line, "%s*%04X\n", head, (unsigned)hf_crc16(head, strlen(head)));
    fake_board_push(self, line, strlen(line));
    for (uint32_t i = 0; i < self->frame_count; i++)
        assert_int_equal(self->frames[i].sequence, sequence);
}
