/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <fcntl.h>
#include <poll.h>

#include "base/clock.h"
#include "checksum/crc.h"

#define RATE_CHANGE_MS 20 /* after the `ok`; the UART loses bytes while it is off */
#define DEADLINE_MS    20000

static size_t read_file(const char *path, uint8_t *bytes, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot read %s", path);
    size_t size = fread(bytes, 1, capacity, file);
    fclose(file);
    return size;
}

size_t wire_firmware(const char *chip, uint8_t *bytes)
{
    char path[1024];
    const char *folder = getenv("HILFARM_FIRMWARE_DIR");
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/hilfarm-%s.bin", folder, chip);
    return read_file(path, bytes, WIRE_MODEL_OFFSET);
}

static void fill_flash(const char *path, const char *chip, const uint8_t *model, size_t model_bytes)
{
    uint8_t *flash = malloc(WIRE_FLASH_BYTES);
    assert_non_null(flash);
    memset(flash, 0xFF, WIRE_FLASH_BYTES);
    wire_firmware(chip, flash);
    assert_true(model_bytes <= WIRE_FLASH_BYTES - WIRE_MODEL_OFFSET);
    if (model)
        memcpy(flash + WIRE_MODEL_OFFSET, model, model_bytes);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(flash, 1, WIRE_FLASH_BYTES, file), WIRE_FLASH_BYTES);
    assert_int_equal(fclose(file), 0);
    free(flash);
}

void wire_open(wire *self, const char *chip, const uint8_t *model, size_t model_bytes)
{
    wire_open_faulty(self, chip, model, model_bytes, NULL);
}

void wire_open_faulty(wire *self, const char *chip, const uint8_t *model, size_t model_bytes,
                      const char *fault)
{
    memset(self, 0, sizeof *self);
    snprintf(self->folder, sizeof self->folder, "/tmp/hilfarm-wire-XXXXXX");
    assert_non_null(mkdtemp(self->folder));
    char program[1024], flash[64], socket[64], pty[64];
    const char *bin = getenv("HILFARM_BIN_DIR");
    assert_non_null(bin);
    snprintf(program, sizeof program, "%s/hilfarm-vboard", bin);
    snprintf(flash, sizeof flash, "%s/flash", self->folder);
    snprintf(socket, sizeof socket, "%s/socket", self->folder);
    snprintf(pty, sizeof pty, "%s/pty", self->folder);
    fill_flash(flash, chip, model, model_bytes);
    const char *const argv[] = {program,
                                "--chip",
                                chip,
                                "--socket",
                                socket,
                                "--pty-link",
                                pty,
                                "--flash",
                                flash,
                                "--die-with-parent",
                                fault ? "--fault" : NULL,
                                fault,
                                NULL};
    assert_true(process_start(&self->board, argv));
    if (!process_wait_output(&self->board, "ready", DEADLINE_MS))
        fail_msg("hilfarm-vboard does not start:\n%s", self->board.output);
    self->fd = open(pty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    assert_true(self->fd >= 0);
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

void wire_close(wire *self)
{
    wire_close_after(self, NULL);
}

void wire_close_after(wire *self, const char *complaint)
{
    close(self->fd);
    assert_int_equal(process_stop(&self->board, DEADLINE_MS), 0);
    if (count_of(self->board.output, "hilfarm-vboard: ") != (complaint != NULL) ||
        (complaint && !strstr(self->board.output, complaint)))
        fail_msg("the board said:\n%s", self->board.output);
    char path[64];
    snprintf(path, sizeof path, "%s/flash", self->folder);
    unlink(path);
    assert_int_equal(rmdir(self->folder), 0);
}

/* Takes one more frame; lines that are none fail the test, but for one that a fault cut short. */
static const hf_frame *next_frame(wire *self, hf_deadline deadline, bool after_fault)
{
    for (;;) {
        char byte;
        ssize_t n = read(self->fd, &byte, 1);
        if (n != 1) {
            struct pollfd poll_fd = {.fd = self->fd, .events = POLLIN};
            if (hf_deadline_passed(deadline))
                fail_msg("no answer in time; so far: %.*s", (int)self->line.used, self->line.bytes);
            poll(&poll_fd, 1, hf_deadline_left_ms(deadline));
            continue;
        }
        if (!hf_line_push(&self->line, byte))
            continue;
        assert_true(self->count < WIRE_MAX_FRAMES);
        char *line = self->lines[self->count];
        size_t size = self->line.used;
        memcpy(line, self->line.bytes, size);
        line[size] = '\0';
        hf_line_next(&self->line);
        char whole[HF_FRAME_MAX_BYTES + 1];
        snprintf(whole, sizeof whole, "%s", line);
        hf_frame *frame = &self->frames[self->count];
        if (hf_frame_parse(line, size, frame) == HF_FRAME_OK) {
            self->count++;
            return frame;
        }
        if (!after_fault)
            fail_msg("not a frame: %s", whole);
    }
}

const hf_frame *wire_wait(wire *self, const char *type)
{
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    self->count = 0;
    for (;;) {
        const hf_frame *frame = next_frame(self, deadline, strcmp(type, "fault") == 0);
        if (strcmp(frame->type, type) == 0)
            return frame;
    }
}

static void send_line(wire *self, const char *bytes, size_t size)
{
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (size > 0) {
        ssize_t n = write(self->fd, bytes, size);
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
            continue;
        }
        struct pollfd poll_fd = {.fd = self->fd, .events = POLLOUT};
        assert_false(hf_deadline_passed(deadline));
        poll(&poll_fd, 1, hf_deadline_left_ms(deadline));
    }
}

static void send_request(wire *self, const char *body, const char *behind)
{
    char head[HF_FRAME_MAX_BYTES], line[HF_FRAME_MAX_BYTES + 8];
    snprintf(head, sizeof head, ">%u %s", (unsigned)++self->sequence, body);
    snprintf(line, sizeof line, "%s*%04X\n", head, (unsigned)hf_crc16(head, strlen(head)));
    send_line(self, line, strlen(line));
    send_line(self, behind, strlen(behind));
}

static const hf_frame *take_answer(wire *self)
{
    hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    self->count = 0;
    for (;;) {
        const hf_frame *frame = next_frame(self, deadline, false);
        if (strcmp(frame->type, "fault") == 0)
            return frame;
        if (strcmp(frame->type, "boot") == 0) { /* from before the request */
            self->count = 0;
            continue;
        }
        assert_int_equal(frame->sequence, self->sequence);
        if (strcmp(frame->type, "ok") == 0 || strcmp(frame->type, "error") == 0)
            return frame;
    }
}

const hf_frame *wire_request(wire *self, const char *body)
{
    send_request(self, body, "");
    return take_answer(self);
}

void wire_ask(wire *self, const char *body)
{
    wire_ask_and(self, body, "");
}

void wire_ask_and(wire *self, const char *body, const char *behind)
{
    send_request(self, body, behind);
    const hf_frame *last = take_answer(self);
    if (strcmp(last->type, "ok") != 0)
        fail_msg("%.60s: %s %s", body, last->type,
                 hf_frame_get(last, "text") ? hf_frame_get(last, "text") : "");
    assert_int_equal(wire_number(last, "records"), self->count - 1);
}

void wire_stage(wire *self, const uint8_t *input, size_t size)
{
    for (size_t offset = 0; offset < size; offset += HF_FRAME_DATA_BYTES) {
        size_t part = size - offset < HF_FRAME_DATA_BYTES ? size - offset : HF_FRAME_DATA_BYTES;
        char body[HF_FRAME_MAX_BYTES];
        hf_frame_writer writer;
        hf_frame_begin(&writer, body, sizeof body, HF_FRAME_BY_HAND, 0, "data");
        hf_frame_put_u64(&writer, "offset", offset);
        hf_frame_put_bytes(&writer, "data", input + offset, part);
        size_t length = hf_frame_end(&writer);
        assert_true(length > 0);
        body[length - 1] = '\0';
        wire_ask(self, body + 1); /* without the '?' */
    }
    wire_ask(self, "staged");
    assert_int_equal(wire_number(&self->frames[0], "bytes"), size);
    uint32_t crc32 = 0;
    assert_true(hf_frame_get_hex32(&self->frames[0], "crc32", &crc32));
    assert_int_equal(crc32, hf_crc32(0, input, size));
}

const char *wire_text(const hf_frame *frame, const char *key)
{
    const char *text = hf_frame_get(frame, key);
    if (!text)
        fail_msg("%s has no %s", frame->type, key);
    return text;
}

uint64_t wire_number(const hf_frame *frame, const char *key)
{
    uint64_t number = 0;
    if (!hf_frame_get_u64(frame, key, &number))
        fail_msg("%s has no number %s", frame->type, key);
    return number;
}

void wire_change_rate(wire *self, uint32_t baud)
{
    char request[32];
    snprintf(request, sizeof request, "baud rate=%u", (unsigned)baud);
    wire_ask(self, request);
    poll(NULL, 0, RATE_CHANGE_MS);
}
