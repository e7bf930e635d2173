/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "checksum/crc.h"
#include "proto/frame.h"

#define MAX_SEEN 256

struct peer {
    peer_script script;
    int master;
    int slave; /* kept open, as a virtual board does, so that the line outlives its readers */
    char path[64];
    int stop_pipe[2];
    pthread_t thread;
    pthread_mutex_t mutex;
    char seen[MAX_SEEN][16];
    int seen_count;
    int lines_sent;
    bool deaf;
    uint64_t nonce;
    uint8_t staged[1024];
    hf_frame_writer writer;
    char bytes[HF_FRAME_MAX_BYTES];
};

static void begin(peer *self, uint32_t sequence, const char *type)
{
    hf_frame_begin(&self->writer, self->bytes, sizeof self->bytes, HF_FRAME_TO_HOST, sequence, type);
}

static void put(peer *self, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t count = write(self->master, from, size);
        if (count <= 0)
            return;
        from += count;
        size -= (size_t)count;
    }
}

/* "<SEQUENCE type ...*CRC\n" with the sequence number of no request. */
static size_t as_of_another_request(const char *line, size_t size, char *out)
{
    const char *rest = memchr(line, ' ', size);
    const char *star = memrchr(line, '*', size);
    size_t head = (size_t)sprintf(out, "<4294967295%.*s", (int)(star - rest), rest);
    return head + (size_t)sprintf(out + head, "*%04X\n", (unsigned)hf_crc16(out, head));
}

static void end(peer *self)
{
    int number = ++self->lines_sent;
    if (number == self->script.lose_nonce_line)
        self->nonce = 0;
    if (!self->script.no_nonce)
        hf_frame_put_hex64(&self->writer, "nonce", self->nonce);
    size_t size = hf_frame_end(&self->writer);
    if (self->script.mute || number == self->script.drop_line)
        return;
    if (number == self->script.noise_before_line) {
        const char *noise = self->script.noise ? self->script.noise : "some text for people\r\n";
        put(self, noise, strlen(noise));
    }
    if (number == self->script.late_line) {
        char late[HF_FRAME_MAX_BYTES + 16];
        size_t late_size = as_of_another_request(self->bytes, size, late);
        put(self, late, late_size);
    }
    if (number == self->script.garble_line)
        self->bytes[size / 2] ^= 1;
    put(self, self->bytes, size);
}

static void ok(peer *self, uint32_t sequence, uint64_t records)
{
    begin(self, sequence, "ok");
    hf_frame_put_u64(&self->writer, "records", records);
    end(self);
}

static void refuse(peer *self, uint32_t sequence, const char *code)
{
    begin(self, sequence, "error");
    hf_frame_put_text(&self->writer, "code", code);
    hf_frame_put_text(&self->writer, "text", "no, thank you");
    end(self);
}

static void identity(peer *self, uint32_t sequence, const char *type)
{
    begin(self, sequence, type);
    hf_frame_put_u64(&self->writer, "protocol",
                     self->script.protocol ? self->script.protocol : HF_PROTOCOL_VERSION);
    hf_frame_put_text(&self->writer, "chip", "stm32l4r5zi");
    hf_frame_put_text(&self->writer, "core", "cortex-m4");
    hf_frame_put_text(&self->writer, "firmware", "0123456789abcdef0123456789abcdef01234567");
    hf_frame_put_text(&self->writer, "version", "1.2.3");
    hf_frame_put_u64(&self->writer, "clock_hz", 120000000);
    hf_frame_put_text(&self->writer, "clock_source", "msi_lse");
    hf_frame_put_hex32(&self->writer, "model_base", 0x08010000);
    hf_frame_put_u64(&self->writer, "model_bytes", 2031616);
    hf_frame_put_u64(&self->writer, "arena_bytes", 500000);
    hf_frame_put_text(&self->writer, "reset", "software");
    end(self);
}

static void answer_hello(peer *self, uint32_t sequence)
{
    identity(self, sequence, "id");
    begin(self, sequence, "model");
    hf_frame_put_text(&self->writer, "state", "ok");
    hf_frame_put_u64(&self->writer, "image_bytes", 4000);
    hf_frame_put_hex32(&self->writer, "crc32", 0xdeadbeef);
    hf_frame_put_u64(&self->writer, "layers", self->script.layers);
    hf_frame_put_u64(&self->writer, "arena_bytes", 1000);
    hf_frame_put_u64(&self->writer, "input_bytes", sizeof self->staged);
    hf_frame_put_u64(&self->writer, "output_bytes", 10);
    end(self);
    ok(self, sequence, 2);
}

static void answer_clock(peer *self, uint32_t sequence)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
    uint64_t cycles = (uint64_t)(seconds * 120e6 * self->script.clock_factor);
    if (self->script.no_clock_record) {
        ok(self, sequence, 0);
        return;
    }
    begin(self, sequence, "clock");
    hf_frame_put_u64(&self->writer, "cycles", (uint32_t)cycles);
    end(self);
    ok(self, sequence, 1);
}

static void report_fault(peer *self)
{
    begin(self, 0, "fault");
    hf_frame_put_text(&self->writer, "kind", "bus");
    hf_frame_put_text(&self->writer, "pc", "08001234");
    hf_frame_put_text(&self->writer, "doing", "layer 3");
    end(self);
}

static void answer_run(peer *self, const hf_frame *request)
{
    uint64_t runs = 0, layers = 0;
    hf_frame_get_u64(request, "runs", &runs);
    hf_frame_get_u64(request, "layers", &layers);
    uint32_t sequence = request->sequence;
    uint64_t records = 0;
    for (uint64_t i = 0; i < runs; i++, records++) {
        int number = (int)i + 1;
        if (number == self->script.silent_at_sample)
            return;
        if (number == self->script.fault_at_sample) {
            report_fault(self);
            return;
        }
        if (number == self->script.boot_at_sample) {
            self->nonce = 0;
            identity(self, 0, "boot");
            return;
        }
        begin(self, sequence, "sample");
        hf_frame_put_u64(&self->writer, "index", i);
        hf_frame_put_u64(&self->writer, "cycles", 1000 + i);
        hf_frame_put_u64(&self->writer, "instructions", 700 + i);
        end(self);
    }
    for (uint32_t i = 0; layers && i < self->script.layers; i++, records++) {
        begin(self, sequence, "layer");
        hf_frame_put_u64(&self->writer, "index", i);
        hf_frame_put_text(&self->writer, "op", "conv2d");
        hf_frame_put_u64(&self->writer, "cycles", 100 + i);
        hf_frame_put_hex32(&self->writer, "crc32", 0xc0de0000 + i);
        end(self);
    }
    begin(self, sequence, "memory");
    hf_frame_put_u64(&self->writer, "arena_bytes", 1000);
    hf_frame_put_u64(&self->writer, "static_bytes", 2000);
    hf_frame_put_u64(&self->writer, "stack_bytes", 300);
    end(self);
    begin(self, sequence, "output");
    hf_frame_put_u64(&self->writer, "bytes", 10);
    hf_frame_put_hex32(&self->writer, "crc32", 0xfeedf00d);
    end(self);
    ok(self, sequence, records + 2);
}

static void answer_input(peer *self, uint32_t sequence, uint32_t crc32)
{
    begin(self, sequence, "input");
    hf_frame_put_u64(&self->writer, "bytes", sizeof self->staged);
    hf_frame_put_hex32(&self->writer, "crc32", crc32);
    end(self);
    ok(self, sequence, 1);
}

static void answer_data(peer *self, const hf_frame *request)
{
    uint64_t offset = 0;
    uint8_t bytes[HF_FRAME_DATA_BYTES];
    size_t size = sizeof bytes;
    if (!hf_frame_get_u64(request, "offset", &offset) || !hf_frame_get_bytes(request, "data", bytes, &size) ||
        offset + size > sizeof self->staged) {
        refuse(self, request->sequence, "argument");
        return;
    }
    memcpy(self->staged + offset, bytes, size);
    ok(self, request->sequence, 0);
}

/* Its output is what is staged. */
static void answer_carry(peer *self, const hf_frame *request)
{
    uint64_t from = 0, to = 0, size = 0;
    hf_frame_get_u64(request, "from", &from);
    hf_frame_get_u64(request, "to", &to);
    hf_frame_get_u64(request, "bytes", &size);
    memmove(self->staged + to, self->staged + from, size);
    ok(self, request->sequence, 0);
}

static void answer_read(peer *self, const hf_frame *request)
{
    uint64_t offset = 0, size = 0;
    hf_frame_get_u64(request, "offset", &offset);
    hf_frame_get_u64(request, "bytes", &size);
    begin(self, request->sequence, "data");
    hf_frame_put_u64(&self->writer, "offset", offset);
    hf_frame_put_bytes(&self->writer, "data", self->staged + offset, size);
    end(self);
    ok(self, request->sequence, 1);
}

static void answer_baud(peer *self, uint32_t sequence)
{
    if (self->script.refuses_baud) {
        refuse(self, sequence, "argument");
        return;
    }
    ok(self, sequence, 0);
    self->deaf = self->script.deaf_after_baud;
}

static void answer(peer *self, const hf_frame *request)
{
    pthread_mutex_lock(&self->mutex);
    int number = ++self->seen_count;
    if (number <= MAX_SEEN)
        snprintf(self->seen[number - 1], sizeof self->seen[0], "%.15s", request->type);
    pthread_mutex_unlock(&self->mutex);
    if (self->deaf || number == self->script.drop_request)
        return;
    if (self->script.faulted)
        report_fault(self);
    else if (strcmp(request->type, "hello") == 0)
        answer_hello(self, request->sequence);
    else if (strcmp(request->type, "clock") == 0)
        answer_clock(self, request->sequence);
    else if (strcmp(request->type, "baud") == 0)
        answer_baud(self, request->sequence);
    else if (strcmp(request->type, "input") == 0)
        answer_input(self, request->sequence, self->script.input_crc32);
    else if (strcmp(request->type, "data") == 0)
        answer_data(self, request);
    else if (strcmp(request->type, "staged") == 0)
        answer_input(self, request->sequence, hf_crc32(0, self->staged, sizeof self->staged));
    else if (strcmp(request->type, "carry") == 0)
        answer_carry(self, request);
    else if (strcmp(request->type, "read") == 0)
        answer_read(self, request);
    else if (strcmp(request->type, "run") == 0 && self->script.refuse_run)
        refuse(self, request->sequence, self->script.refuse_run);
    else if (strcmp(request->type, "run") == 0)
        answer_run(self, request);
    else
        refuse(self, request->sequence, "unknown");
}

static void *serve(void *user)
{
    peer *self = user;
    hf_line line = {0};
    if (self->script.boots)
        identity(self, 0, "boot");
    for (;;) {
        struct pollfd polled[2] = {{self->master, POLLIN, 0}, {self->stop_pipe[0], POLLIN, 0}};
        if (poll(polled, 2, -1) < 0 || polled[1].revents)
            return NULL;
        char bytes[256];
        ssize_t count = read(self->master, bytes, sizeof bytes);
        for (ssize_t i = 0; i < count; i++) {
            if (!hf_line_push(&line, bytes[i]))
                continue;
            hf_frame request;
            hf_frame_status status = hf_frame_parse(line.bytes, line.used, &request);
            if (status == HF_FRAME_OK)
                answer(self, &request);
            else if (status == HF_FRAME_BAD_CHECKSUM && !self->deaf)
                refuse(self, 0, "checksum");
            hf_line_next(&line);
        }
    }
}

peer *peer_start(const peer_script *script, const char **path)
{
    peer *self = calloc(1, sizeof *self);
    if (!self)
        abort();
    self->script = *script;
    self->nonce = script->nonce ? script->nonce : PEER_NONCE;
    self->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (self->master < 0 || grantpt(self->master) != 0 || unlockpt(self->master) != 0 ||
        ptsname_r(self->master, self->path, sizeof self->path) != 0 || pipe2(self->stop_pipe, O_CLOEXEC) != 0)
        abort();
    self->slave = open(self->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios mode;
    tcgetattr(self->slave, &mode);
    cfmakeraw(&mode);
    tcsetattr(self->slave, TCSANOW, &mode);
    pthread_mutex_init(&self->mutex, NULL);
    if (pthread_create(&self->thread, NULL, serve, self) != 0)
        abort();
    *path = self->path;
    return self;
}

void peer_stop(peer *self)
{
    if (write(self->stop_pipe[1], "x", 1) != 1)
        abort();
    pthread_join(self->thread, NULL);
    close(self->stop_pipe[0]);
    close(self->stop_pipe[1]);
    close(self->slave);
    close(self->master);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}

int peer_seen(peer *self, const char *type)
{
    int count = 0;
    pthread_mutex_lock(&self->mutex);
    for (int i = 0; i < self->seen_count && i < MAX_SEEN; i++)
        count += strcmp(self->seen[i], type) == 0;
    pthread_mutex_unlock(&self->mutex);
    return count;
}
