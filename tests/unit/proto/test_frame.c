/* SPDX-License-Identifier: Apache-2.0 */
#include "checksum/crc.h"
#include "hf_test.h"
#include "proto/frame.h"

/* The published check values of the checksums. */
static void test_checksums(void **state)
{
    (void)state;
    assert_int_equal(hf_crc16("123456789", 9), 0x29B1);
    assert_int_equal(hf_crc16("", 0), 0xFFFF);
    assert_int_equal(hf_crc32(0, "123456789", 9), 0xCBF43926U);
    assert_int_equal(hf_crc32(hf_crc32(0, "1234", 4), "56789", 5), 0xCBF43926U);
    assert_int_equal(hf_crc32(0, "", 0), 0);

    /* Both against a bitwise division over all byte values. */
    uint8_t bytes[256];
    uint32_t crc16 = 0xFFFF, crc32 = 0xFFFFFFFFU;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + 3);
        crc16 ^= (uint32_t)bytes[i] << 8;
        crc32 ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc16 = crc16 & 0x8000 ? (crc16 << 1 ^ 0x1021) & 0xFFFF : crc16 << 1;
            crc32 = crc32 & 1 ? crc32 >> 1 ^ 0xEDB88320U : crc32 >> 1;
        }
    }
    assert_int_equal(hf_crc16(bytes, sizeof bytes), crc16);
    assert_int_equal(hf_crc32(0, bytes, sizeof bytes), ~crc32);
}

static size_t write_sample(char *line, size_t capacity)
{
    hf_frame_writer writer;
    hf_frame_begin(&writer, line, capacity, HF_FRAME_TO_HOST, 4294967295U, "sample");
    hf_frame_put_u64(&writer, "index", 0);
    hf_frame_put_u64(&writer, "cycles", UINT64_MAX);
    hf_frame_put_hex32(&writer, "crc32", 0x00ABCDEF);
    hf_frame_put_hex64(&writer, "nonce", 0x00FEDCBA98765432U);
    hf_frame_put_text(&writer, "text", "a b*c%d=\t\xc3\xa9");
    hf_frame_put_bytes(&writer, "data", "\x00\xff\x10\x80", 4);
    hf_frame_put_text(&writer, "empty", "");
    return hf_frame_end(&writer);
}

static void test_write(void **state)
{
    (void)state;
    char line[HF_FRAME_MAX_BYTES];
    size_t length = write_sample(line, sizeof line);
    const char *body =
        "<4294967295 sample index=0 cycles=18446744073709551615 crc32=00abcdef nonce=00fedcba98765432 "
        "text=a%20b%2Ac%25d%3D%09%C3%A9 data=AP8QgA== empty=";
    assert_int_equal(length, strlen(body) + 6);
    assert_memory_equal(line, body, strlen(body));
    char tail[8];
    snprintf(tail, sizeof tail, "*%04X\n", (unsigned)hf_crc16(body, strlen(body)));
    assert_memory_equal(line + strlen(body), tail, 6);
}

static void test_write_exact_capacity(void **state)
{
    (void)state;
    char line[HF_FRAME_MAX_BYTES];
    size_t length = write_sample(line, sizeof line);
    for (size_t capacity = 0; capacity < length; capacity++) {
        char *exact = malloc(capacity + 1);
        assert_int_equal(write_sample(exact, capacity), 0);
        free(exact);
    }
    assert_int_equal(write_sample(line, length), length);
}

static void test_write_limits(void **state)
{
    (void)state;
    char line[1024];
    uint8_t data[HF_FRAME_DATA_BYTES + 90] = {0};
    hf_frame_writer writer;

    /* The longest data field fits together with its offset; a frame over the limit is rejected. */
    hf_frame_begin(&writer, line, sizeof line, '>', UINT32_MAX, "data");
    hf_frame_put_u64(&writer, "offset", UINT32_MAX);
    hf_frame_put_bytes(&writer, "data", data, HF_FRAME_DATA_BYTES);
    assert_true(hf_frame_end(&writer) > 0);
    hf_frame_begin(&writer, line, sizeof line, '>', 1, "data");
    hf_frame_put_bytes(&writer, "data", data, sizeof data);
    assert_int_equal(hf_frame_end(&writer), 0);

    for (uint32_t fields = HF_FRAME_MAX_FIELDS; fields <= HF_FRAME_MAX_FIELDS + 1; fields++) {
        hf_frame_begin(&writer, line, sizeof line, '>', 1, "t");
        for (uint32_t i = 0; i < fields; i++) {
            char key[] = {'k', (char)('a' + i), 0};
            hf_frame_put_u64(&writer, key, i);
        }
        assert_int_equal(hf_frame_end(&writer) > 0, fields == HF_FRAME_MAX_FIELDS);
    }

    hf_frame_begin(&writer, line, sizeof line, '>', 1, "Upper");
    assert_int_equal(hf_frame_end(&writer), 0);
    hf_frame_begin(&writer, line, sizeof line, '>', 1, "");
    assert_int_equal(hf_frame_end(&writer), 0);
    hf_frame_begin(&writer, line, sizeof line, '>', 1, "t");
    hf_frame_put_u64(&writer, "a key", 1);
    assert_int_equal(hf_frame_end(&writer), 0);
}

static void test_write_by_hand(void **state)
{
    (void)state;
    char line[64];
    hf_frame_writer writer;
    hf_frame_begin(&writer, line, sizeof line, HF_FRAME_BY_HAND, 7, "run");
    hf_frame_put_u64(&writer, "runs", 3);
    size_t length = hf_frame_end(&writer);
    assert_int_equal(length, strlen("?run runs=3\n"));
    assert_memory_equal(line, "?run runs=3\n", length);
}

static void test_round_trip(void **state)
{
    (void)state;
    char line[HF_FRAME_MAX_BYTES];
    size_t length = write_sample(line, sizeof line);
    hf_frame frame;
    assert_int_equal(hf_frame_parse(line, length - 1, &frame), HF_FRAME_OK);
    assert_int_equal(frame.direction, HF_FRAME_TO_HOST);
    assert_true(frame.sequence == 4294967295U);
    assert_string_equal(frame.type, "sample");
    assert_int_equal(frame.field_count, 7);
    uint64_t number = 0;
    assert_true(hf_frame_get_u64(&frame, "cycles", &number));
    assert_true(number == UINT64_MAX);
    uint32_t crc = 0;
    assert_true(hf_frame_get_hex32(&frame, "crc32", &crc));
    assert_int_equal(crc, 0x00ABCDEF);
    assert_string_equal(hf_frame_get(&frame, "nonce"), "00fedcba98765432");
    assert_false(hf_frame_get_hex32(&frame, "nonce", &crc)); /* too long */
    assert_true(hf_frame_get_hex64(&frame, "crc32", &number));
    assert_true(number == 0x00ABCDEF);
    assert_true(hf_frame_get_hex64(&frame, "nonce", &number));
    assert_true(number == 0x00FEDCBA98765432U);
    assert_string_equal(hf_frame_get(&frame, "text"), "a b*c%d=\t\xc3\xa9");
    assert_string_equal(hf_frame_get(&frame, "empty"), "");
    uint8_t data[8];
    size_t size = sizeof data;
    assert_true(hf_frame_get_bytes(&frame, "data", data, &size));
    assert_int_equal(size, 4);
    assert_memory_equal(data, "\x00\xff\x10\x80", 4);
    assert_null(hf_frame_get(&frame, "absent"));
    assert_false(hf_frame_get_u64(&frame, "absent", &number));
    assert_false(hf_frame_get_u64(&frame, "text", &number));
    assert_false(hf_frame_get_hex32(&frame, "empty", &crc));
    assert_false(hf_frame_get_hex64(&frame, "empty", &number));
    assert_false(hf_frame_get_hex64(&frame, "text", &number));
    assert_false(hf_frame_get_bytes(&frame, "text", data, &size));
}

/* Base64 round trip for every length, with seeded bytes. */
static void test_base64(void **state)
{
    (void)state;
    uint32_t lcg = 5;
    for (size_t size = 0; size <= HF_FRAME_DATA_BYTES; size++) {
        uint8_t in[HF_FRAME_DATA_BYTES], out[HF_FRAME_DATA_BYTES];
        for (size_t i = 0; i < size; i++) {
            lcg = lcg * 1664525U + 1013904223U;
            in[i] = (uint8_t)(lcg >> 24);
        }
        char line[HF_FRAME_MAX_BYTES];
        hf_frame_writer writer;
        hf_frame_begin(&writer, line, sizeof line, '>', 1, "data");
        hf_frame_put_bytes(&writer, "data", in, size);
        size_t length = hf_frame_end(&writer);
        hf_frame frame;
        assert_int_equal(hf_frame_parse(line, length - 1, &frame), HF_FRAME_OK);
        size_t got = sizeof out;
        assert_true(hf_frame_get_bytes(&frame, "data", out, &got));
        assert_int_equal(got, size);
        assert_memory_equal(out, in, size);
        if (size > 0) { /* a buffer that is too small is rejected and unchanged */
            memset(out, 0x5A, sizeof out);
            got = size - 1;
            assert_false(hf_frame_get_bytes(&frame, "data", out, &got));
            assert_int_equal(got, size - 1);
            assert_int_equal(out[0], 0x5A);
        }
    }
}

/* Every change of a single byte is detected. */
static void test_every_changed_byte(void **state)
{
    (void)state;
    char good[HF_FRAME_MAX_BYTES], line[HF_FRAME_MAX_BYTES];
    size_t length = write_sample(good, sizeof good) - 1;
    for (size_t at = 0; at < length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(line, good, length);
            line[at] = (char)(line[at] ^ 1 << bit);
            hf_frame frame;
            hf_frame_status status = hf_frame_parse(line, length, &frame);
            if (line[0] == '?')
                assert_int_equal(status, HF_FRAME_MALFORMED);
            else if (line[0] != '<' && line[0] != '>')
                assert_int_equal(status, HF_FRAME_NOT_A_FRAME);
            else
                assert_int_equal(status, HF_FRAME_BAD_CHECKSUM);
        }
    }
}

/* Parses `body` with a correct checksum appended. */
static hf_frame_status parse_mended(const char *body)
{
    char line[HF_FRAME_MAX_BYTES * 2];
    snprintf(line, sizeof line, "%s*%04X", body, (unsigned)hf_crc16(body, strlen(body)));
    hf_frame frame;
    return hf_frame_parse(line, strlen(line), &frame);
}

static void test_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        ">",
        ">1",
        ">1 ",
        "> hello",
        ">x hello",
        ">4294967296 hello",
        ">-1 hello",
        ">1  hello",
        ">1 hello ",
        ">1 Hello",
        ">1 hello a",
        ">1 hello =1",
        ">1 hello a=b  c=d",
        ">1 hello a=%0",
        ">1 hello a=%zz",
        ">1 hello a=%00",
        ">1 hello a=b*c",
        ">1 hello a=b=c",
        ">1 hello a====",
        ">1 hello a=\x01",
        ">1 hello a=\xe9",
        ">1 hello a=1 a=2",
        ">1hello",
    };
    static const char *const good[] = {
        ">0 hello",      ">4294967295 hello",       ">1 hello a=",
        ">1 hello a===", ">1 hello a=%41%5a b=x==", ">007 x_9 y=z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse_mended(bad[i]) != HF_FRAME_MALFORMED)
            fail_msg("taken for a frame: %s", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (parse_mended(good[i]) != HF_FRAME_OK)
            fail_msg("refused: %s", good[i]);

    char line[512] = ">1 t";
    for (uint32_t i = 0; i < HF_FRAME_MAX_FIELDS; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " k%c=1", 'a' + (int)i);
    assert_int_equal(parse_mended(line), HF_FRAME_OK);
    snprintf(line + strlen(line), sizeof line - strlen(line), " one=more");
    assert_int_equal(parse_mended(line), HF_FRAME_MALFORMED);
}

static void test_not_frames(void **state)
{
    (void)state;
    hf_frame frame = {.sequence = 77};
    char noise[] = "Info : hello", empty[] = "", short_one[] = "<*FF", lower[] = ">1 hello*26ea";
    assert_int_equal(hf_frame_parse(noise, strlen(noise), &frame), HF_FRAME_NOT_A_FRAME);
    assert_int_equal(hf_frame_parse(empty, 0, &frame), HF_FRAME_NOT_A_FRAME);
    assert_int_equal(hf_frame_parse(short_one, strlen(short_one), &frame), HF_FRAME_BAD_CHECKSUM);
    assert_int_equal(hf_frame_parse(lower, strlen(lower), &frame), HF_FRAME_BAD_CHECKSUM);
    assert_int_equal(frame.sequence, 77);
}

/* A NUL ends a C string, but neither a line nor a field. */
static void test_nul_in_line(void **state)
{
    (void)state;
    static const char body[] = ">7 run warmup=1 runs=10";
    for (size_t i = 1; i < sizeof body - 1; i++) {
        char line[sizeof body + 5];
        hf_frame frame;
        memcpy(line, body, sizeof body - 1);
        line[i] = '\0';
        snprintf(line + sizeof body - 1, 6, "*%04X", (unsigned)hf_crc16(line, sizeof body - 1));
        assert_int_equal(hf_frame_parse(line, sizeof body + 4, &frame), HF_FRAME_MALFORMED);
    }
    char by_hand[] = "?run\0runs=3";
    hf_frame frame;
    assert_int_equal(hf_frame_parse(by_hand, sizeof by_hand - 1, &frame), HF_FRAME_MALFORMED);
}

static void test_by_hand(void **state)
{
    (void)state;
    hf_frame frame;
    char line[] = "?run  runs=3   layers=1 ";
    assert_int_equal(hf_frame_parse(line, strlen(line), &frame), HF_FRAME_OK);
    assert_int_equal(frame.direction, '?');
    assert_int_equal(frame.sequence, 0);
    assert_string_equal(frame.type, "run");
    assert_string_equal(hf_frame_get(&frame, "runs"), "3");
    assert_string_equal(hf_frame_get(&frame, "layers"), "1");
    char bare[] = "?hello", nothing[] = "?", wrong[] = "?run 3";
    assert_int_equal(hf_frame_parse(bare, strlen(bare), &frame), HF_FRAME_OK);
    assert_string_equal(frame.type, "hello");
    assert_int_equal(hf_frame_parse(nothing, 1, &frame), HF_FRAME_MALFORMED);
    assert_int_equal(hf_frame_parse(wrong, strlen(wrong), &frame), HF_FRAME_MALFORMED);
}

static uint32_t push_all(hf_line *line, const char *text, char lines[][HF_FRAME_MAX_BYTES])
{
    uint32_t count = 0;
    for (; *text; text++) {
        if (hf_line_push(line, *text)) {
            memcpy(lines[count], line->bytes, line->used);
            lines[count++][line->used] = '\0';
            hf_line_next(line);
        }
    }
    return count;
}

static void test_lines(void **state)
{
    (void)state;
    char lines[8][HF_FRAME_MAX_BYTES];
    hf_line line = {0};
    assert_int_equal(push_all(&line, "one\n\r\n\ntw\ro\r\nthr", lines), 2);
    assert_string_equal(lines[0], "one");
    assert_string_equal(lines[1], "two");
    assert_int_equal(push_all(&line, "ee\n?hello\r?hello\r\n", lines), 3);
    assert_string_equal(lines[0], "three");
    assert_string_equal(lines[1], "?hello");
    assert_string_equal(lines[2], "?hello");
    assert_int_equal(line.dropped, 0);
}

static void test_over_long_line(void **state)
{
    (void)state;
    char lines[2][HF_FRAME_MAX_BYTES], text[HF_FRAME_MAX_BYTES + 16];
    hf_line line = {0};
    memset(text, 'x', sizeof text);
    memcpy(text + HF_FRAME_MAX_BYTES - 1, "\n", 2); /* exactly the limit, LF included */
    assert_int_equal(push_all(&line, text, lines), 1);
    assert_int_equal(strlen(lines[0]), HF_FRAME_MAX_BYTES - 1);
    memset(text, 'x', sizeof text);
    memcpy(text + HF_FRAME_MAX_BYTES, "\nok\n", 5); /* one more */
    assert_int_equal(push_all(&line, text, lines), 1);
    assert_string_equal(lines[0], "ok");
    assert_int_equal(line.dropped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checksums),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_write_exact_capacity),
        cmocka_unit_test(test_write_limits),
        cmocka_unit_test(test_write_by_hand),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_every_changed_byte),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_not_frames),
        cmocka_unit_test(test_nul_in_line),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_over_long_line),
    };
    return cmocka_run_group_tests_name("proto_frame", tests, NULL, NULL);
}
