/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_asserts.h"
#include "checksum/crc.h"

static fake_board b;

static int setup(void **state)
{
    (void)state;
    fake_board_setup(&b);
    return 0;
}

static void test_boot(void **state)
{
    (void)state;
    bench_announce(&b.bench);
    assert_int_equal(b.frame_count, 1);
    assert_type(&b, 0, "boot");
    assert_int_equal(b.frames[0].sequence, 0);
    assert_field(&b, 0, "chip", "stm32l4r5zi");
    assert_field(&b, 0, "reset", "software");
}

static void test_hello(void **state)
{
    (void)state;
    fake_board_request(&b, 4294967295U, "hello");
    assert_ok(&b, 2);
    assert_type(&b, 0, "id");
    assert_field(&b, 0, "protocol", "2");
    assert_field(&b, 0, "chip", "stm32l4r5zi");
    assert_field(&b, 0, "core", "cortex-m4");
    assert_field(&b, 0, "firmware", "0123456789abcdef0123456789abcdef01234567");
    assert_field(&b, 0, "version", "0.1.0");
    assert_field(&b, 0, "clock_hz", "120000000");
    assert_field(&b, 0, "clock_source", "msi_lse");
    assert_field(&b, 0, "model_base", "08010000");
    assert_field(&b, 0, "model_bytes", "4000");
    assert_field(&b, 0, "arena_bytes", "1024");
    assert_field(&b, 0, "counters", "cycles,instructions");
    assert_field(&b, 0, "reset", "software");
    assert_field(&b, 0, "rx_errors", "3");
    assert_type(&b, 1, "model");
    assert_field(&b, 1, "state", "ok");
    assert_field(&b, 1, "image_bytes", "2000");
    assert_field(&b, 1, "crc32", "cafe0001");
    assert_field(&b, 1, "layers", "3");
    assert_field(&b, 1, "arena_bytes", "512");
    assert_field(&b, 1, "input_bytes", "300");
    assert_field(&b, 1, "output_bytes", "60");
}

/* Sixteen digits, and present even if the probe wrote none. */
static void test_nonce(void **state)
{
    (void)state;
    fake_board_request(&b, 1, "hello");
    assert_field(&b, 0, "nonce", "fedcba9876543210");
    assert_field(&b, 1, "nonce", "fedcba9876543210");
    assert_field(&b, 2, "nonce", "fedcba9876543210");
    b.board.nonce = 0;
    bench_announce(&b.bench);
    assert_field(&b, 3, "nonce", "0000000000000000");
}

static void test_hello_without_instruction_counter(void **state)
{
    (void)state;
    b.hal.instructions = NULL;
    fake_board_request(&b, 1, "hello");
    assert_field(&b, 0, "counters", "cycles");
}

static void test_hello_without_model(void **state)
{
    (void)state;
    the_engine.open_status = HF_ENGINE_NO_IMAGE;
    fake_board_request(&b, 1, "hello");
    assert_ok(&b, 2);
    assert_field(&b, 1, "state", "none");
    the_engine.open_status = HF_ENGINE_CHECKSUM;
    fake_board_request(&b, 2, "hello");
    assert_ok(&b, 2);
    assert_field(&b, 1, "state", "bad");
    assert_field(&b, 1, "reason", "image CRC-32 wrong");
}

static void test_requests_without_model(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "input seed=1", "data offset=0 data=AA==", "staged",
        "run runs=1",   "read offset=0 bytes=1",   "carry from=0 to=0 bytes=1"};
    the_engine.open_status = HF_ENGINE_CHECKSUM;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        fake_board_request(&b, 5, requests[i]);
        assert_error(&b, 0, "model");
    }
    the_engine.open_status = HF_ENGINE_OK; /* checked again only by `hello` */
    fake_board_request(&b, 6, "input seed=1");
    assert_error(&b, 0, "model");
    fake_board_request(&b, 7, "hello");
    fake_board_request(&b, 8, "input seed=1");
    assert_ok(&b, 1);
}

static void test_model_too_large_for_the_ram(void **state)
{
    (void)state;
    /* 300 bytes of input leave 720 after alignment. */
    the_engine.arena_bytes = 720;
    fake_board_request(&b, 1, "input seed=1");
    assert_ok(&b, 1);
    static const uint32_t too_large[][2] = {{721, 300}, {UINT32_MAX, 300}, {16, 1025}, {16, UINT32_MAX}};
    for (size_t i = 0; i < sizeof too_large / sizeof too_large[0]; i++) {
        setup(state);
        the_engine.arena_bytes = too_large[i][0];
        the_engine.input_bytes = too_large[i][1];
        fake_board_request(&b, 1, "input seed=1");
        assert_error(&b, 0, "arena");
    }
}

static void test_baud(void **state)
{
    (void)state;
    fake_board_request(&b, 1, "baud rate=921600");
    assert_ok(&b, 0);
    assert_int_equal(b.baud, 921600);
    assert_int_equal(b.sent_at_baud_change, 1); /* only after the ok */
    static const char *const bad[] = {"baud",           "baud rate=1199",       "baud rate=2000001",
                                      "baud rate=fast", "baud rate=4294968496", "baud rate=1234567"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        fake_board_request(&b, 2, bad[i]);
        assert_error(&b, 0, "argument");
        assert_int_equal(b.baud, 921600);
    }
}

/* An independent implementation of the generator in SPEC.md. */
static uint32_t crc_of_seed(uint32_t seed, uint32_t bytes)
{
    uint8_t input[1024];
    for (uint32_t i = 0; i < bytes; i++) {
        seed = (uint32_t)((uint64_t)seed * 1664525 + 1013904223);
        input[i] = (uint8_t)(seed / 16777216);
    }
    return hf_crc32(0, input, bytes);
}

static void test_input_by_seed(void **state)
{
    (void)state;
    fake_board_request(&b, 1, "staged");
    assert_error(&b, 0, "input");
    static const uint32_t seeds[] = {0, 1, 4294967295U};
    for (size_t i = 0; i < 3; i++) {
        char request[64], crc[16];
        snprintf(request, sizeof request, "input seed=%u", (unsigned)seeds[i]);
        snprintf(crc, sizeof crc, "%08x", (unsigned)crc_of_seed(seeds[i], 300));
        fake_board_request(&b, 2, request);
        assert_ok(&b, 1);
        assert_type(&b, 0, "input");
        assert_field(&b, 0, "bytes", "300");
        assert_field(&b, 0, "crc32", crc);
        fake_board_request(&b, 3, "staged");
        assert_ok(&b, 1);
        assert_field(&b, 0, "crc32", crc);
    }
    fake_board_request(&b, 4, "input");
    assert_error(&b, 0, "argument");
    fake_board_request(&b, 4, "input seed=-1");
    assert_error(&b, 0, "argument");
}

static void stage(uint32_t offset, const uint8_t *bytes, size_t size)
{
    char line[HF_FRAME_MAX_BYTES];
    hf_frame_writer writer;
    hf_frame_begin(&writer, line, sizeof line, '>', 9, "data");
    hf_frame_put_u64(&writer, "offset", offset);
    hf_frame_put_bytes(&writer, "data", bytes, size);
    size_t length = hf_frame_end(&writer);
    assert_true(length > 0);
    fake_board_push(&b, line, length);
}

static void test_input_by_data(void **state)
{
    (void)state;
    uint8_t input[300];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 5);
    stage(0, input, 288);
    assert_ok(&b, 0);
    stage(288, input + 288, 12);
    assert_ok(&b, 0);
    stage(288, input + 288, 12); /* a repeated request is harmless */
    assert_ok(&b, 0);
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)hf_crc32(0, input, sizeof input));
    fake_board_request(&b, 1, "staged");
    assert_field(&b, 0, "crc32", crc);

    stage(288, input, 13); /* beyond the end: rejected, nothing written */
    assert_error(&b, 0, "argument");
    stage(301, input, 1);
    assert_error(&b, 0, "argument");
    fake_board_request(&b, 1, "data offset=0 data=A");
    assert_error(&b, 0, "argument");
    fake_board_request(&b, 1, "data offset=0");
    assert_error(&b, 0, "argument");
    fake_board_request(&b, 1, "staged");
    assert_field(&b, 0, "crc32", crc);
}

static void test_another_image_discards_the_input(void **state)
{
    (void)state;
    fake_board_request(&b, 1, "input seed=1");
    fake_board_request(&b, 2, "hello"); /* the same image: kept */
    fake_board_request(&b, 3, "staged");
    assert_ok(&b, 1);
    the_engine.crc32 = 0xCAFE0002;
    fake_board_request(&b, 4, "hello");
    fake_board_request(&b, 5, "staged");
    assert_error(&b, 0, "input");
}

static void test_crash(void **state)
{
    (void)state;
    static const char *const kinds[] = {"udf", "bus", "stack", "hang"};
    for (int i = 0; i < 4; i++) {
        char request[64];
        snprintf(request, sizeof request, "crash kind=%s", kinds[i]);
        fake_board_request(&b, 1, request);
        assert_int_equal(b.crashed, i);
        assert_int_equal(b.frame_count, 0);
    }
    fake_board_request(&b, 1, "crash kind=gently");
    assert_error(&b, 0, "argument");
    fake_board_request(&b, 1, "crash");
    assert_error(&b, 0, "argument");
}

static void test_rejected_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *code; /* code NULL: no answer at all */
    } lines[] = {
        {">1 hello*0000\n", "checksum"},
        {">1 hello\n", "checksum"},
        {">\n", "checksum"},
        {"?\n", "malformed"},
        {"?run 3\n", "malformed"},
        {"noise\n", NULL},
        {"\n\r\n", NULL},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        fake_board_push(&b, lines[i].line, strlen(lines[i].line));
        if (!lines[i].code) {
            assert_int_equal(b.frame_count, 0);
            continue;
        }
        assert_error(&b, 0, lines[i].code);
        assert_int_equal(b.frames[0].sequence, 0);
    }
    fake_board_request(&b, 12, "sing loud=1");
    assert_error(&b, 0, "unknown");
    assert_field(&b, 0, "text", "unknown request sing");

    char line[700];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    fake_board_push(&b, line, sizeof line);
    assert_error(&b, 0, "malformed");
    fake_board_request(&b, 13, "hello");
    assert_ok(&b, 2);

    /* A well-formed echo of the board's own output is not answered, or it would never end. */
    char echo[64];
    snprintf(echo, sizeof echo, "<1 hello*%04X\n", (unsigned)hf_crc16("<1 hello", 8));
    fake_board_push(&b, echo, strlen(echo));
    assert_int_equal(b.frame_count, 0);
}

static void test_long_unknown_type(void **state)
{
    (void)state;
    char type[400];
    memset(type, 'z', sizeof type - 1);
    type[sizeof type - 1] = '\0';
    fake_board_request(&b, 12, type);
    assert_error(&b, 0, "unknown");
}

static void test_by_hand(void **state)
{
    (void)state;
    fake_board_push(&b, "?hello\r", 7);
    assert_ok(&b, 2);
    assert_int_equal(b.frames[0].sequence, 0);
}

/* Random bytes: every answer is a complete frame (fake_send() checks), and the board still works. */
static void test_noise(void **state)
{
    (void)state;
    uint32_t lcg = 9;
    for (int i = 0; i < 200000; i++) {
        lcg = lcg * 1664525U + 1013904223U;
        char byte = (char)(lcg >> 24);
        if ((lcg & 0x3F00) == 0)
            byte = "\n>?\r"[lcg & 3];
        fake_board_push(&b, &byte, 1);
    }
    fake_board_push(&b, "\n", 1);
    fake_board_request(&b, 13, "hello");
    assert_ok(&b, 2);
}

static void test_clock(void **state)
{
    (void)state;
    b.cycles = 4000000000U;
    fake_board_request(&b, 7, "clock");
    assert_ok(&b, 1);
    assert_type(&b, 0, "clock");
    assert_field(&b, 0, "cycles", "4000000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_boot, setup),
        cmocka_unit_test_setup(test_hello, setup),
        cmocka_unit_test_setup(test_nonce, setup),
        cmocka_unit_test_setup(test_clock, setup),
        cmocka_unit_test_setup(test_hello_without_instruction_counter, setup),
        cmocka_unit_test_setup(test_hello_without_model, setup),
        cmocka_unit_test_setup(test_requests_without_model, setup),
        cmocka_unit_test_setup(test_model_too_large_for_the_ram, setup),
        cmocka_unit_test_setup(test_baud, setup),
        cmocka_unit_test_setup(test_input_by_seed, setup),
        cmocka_unit_test_setup(test_input_by_data, setup),
        cmocka_unit_test_setup(test_another_image_discards_the_input, setup),
        cmocka_unit_test_setup(test_crash, setup),
        cmocka_unit_test_setup(test_rejected_lines, setup),
        cmocka_unit_test_setup(test_long_unknown_type, setup),
        cmocka_unit_test_setup(test_by_hand, setup),
        cmocka_unit_test_setup(test_noise, setup),
    };
    return cmocka_run_group_tests_name("bench_requests", tests, NULL, NULL);
}
