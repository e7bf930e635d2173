/* SPDX-License-Identifier: Apache-2.0 */
#include "check_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checksum/crc.h"
#include "proto/frame.h"

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void check_getters(const hf_frame *frame)
{
    for (uint32_t i = 0; i < frame->field_count; i++) {
        const char *key = frame->fields[i].key;
        REQUIRE(hf_frame_get(frame, key) == frame->fields[i].value);
        uint64_t number = 0;
        uint32_t hex = 0;
        if (hf_frame_get_u64(frame, key, &number))
            REQUIRE(number == strtoull(frame->fields[i].value, NULL, 10));
        if (hf_frame_get_hex32(frame, key, &hex))
            REQUIRE(hex == strtoul(frame->fields[i].value, NULL, 16));
        if (hf_frame_get_hex64(frame, key, &number))
            REQUIRE(number == strtoull(frame->fields[i].value, NULL, 16));
        uint8_t data[HF_FRAME_DATA_BYTES];
        size_t size = sizeof data;
        if (hf_frame_get_bytes(frame, key, data, &size)) {
            REQUIRE(size <= sizeof data);
            char again[HF_FRAME_MAX_BYTES];
            hf_frame_writer writer;
            hf_frame_begin(&writer, again, sizeof again, HF_FRAME_BY_HAND, 0, "t");
            hf_frame_put_bytes(&writer, "k", data, size);
            size_t length = hf_frame_end(&writer);
            REQUIRE(length == strlen("?t k=\n") + strlen(frame->fields[i].value));
            REQUIRE(memcmp(again + 5, frame->fields[i].value, length - 6) == 0);
        }
    }
}

static void check_round_trip(const hf_frame *frame)
{
    char line[HF_FRAME_MAX_BYTES];
    hf_frame_writer writer;
    hf_frame_begin(&writer, line, sizeof line, frame->direction, frame->sequence, frame->type);
    for (uint32_t i = 0; i < frame->field_count; i++)
        hf_frame_put_text(&writer, frame->fields[i].key, frame->fields[i].value);
    size_t length = hf_frame_end(&writer);
    if (length == 0) /* '=' is longer once escaped */
        return;
    hf_frame again;
    REQUIRE(line[length - 1] == '\n');
    REQUIRE(hf_frame_parse(line, length - 1, &again) == HF_FRAME_OK);
    REQUIRE(again.direction == frame->direction && again.field_count == frame->field_count);
    REQUIRE(again.sequence == frame->sequence && strcmp(again.type, frame->type) == 0);
    for (uint32_t i = 0; i < frame->field_count; i++) {
        REQUIRE(strcmp(again.fields[i].key, frame->fields[i].key) == 0);
        REQUIRE(strcmp(again.fields[i].value, frame->fields[i].value) == 0);
    }
}

/* The line is on the heap, of its exact size and one byte, so that AddressSanitizer sees any
 * step beside it. */
static void check_line(const uint8_t *bytes, size_t size, bool mend)
{
    char *line = calloc(1, size + 6);
    REQUIRE(line);
    if (size > 0)
        memcpy(line, bytes, size);
    if (mend) {
        char tail[6];
        snprintf(tail, sizeof tail, "*%04X", (unsigned)hf_crc16(line, size));
        memcpy(line + size, tail, 5);
        size += 5;
    }
    char *exact = realloc(line, size + 1);
    REQUIRE(exact);
    hf_frame frame;
    if (hf_frame_parse(exact, size, &frame) == HF_FRAME_OK) {
        check_getters(&frame);
        check_round_trip(&frame);
    }
    free(exact);
}

void check_frame(const uint8_t *bytes, size_t size)
{
    hf_line stream = {0};
    for (size_t i = 0; i < size; i++) {
        if (!hf_line_push(&stream, (char)bytes[i]))
            continue;
        REQUIRE(stream.used > 0 && stream.used < HF_FRAME_MAX_BYTES);
        check_line((const uint8_t *)stream.bytes, stream.used, false);
        hf_line_next(&stream);
    }
    check_line(bytes, size, false);
    check_line(bytes, size, true);
}
