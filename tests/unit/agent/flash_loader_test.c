/* SPDX-License-Identifier: Apache-2.0 */
/* The program that the agent loads into a chip's RAM, executed by the emulated core, and the scans that feed it. */
#include "hf_test.h"

#include "checksum/crc.h"
#include "chips/chips.h"
#include "loader/loader.h"
#include "machine_rig.h"
#include "memory_scans.h"

#define WORD(member)  (HF_LOADER_MAILBOX + (uint32_t)offsetof(hf_loader_mailbox, member))
#define IMAGE_BYTES   3000u /* a multiple of the unit of both chips */
#define IMAGE_ADDRESS 0x08008000u

static void start_job(rig *r, const hf_loader_mailbox *job)
{
    rig_copy(r, HF_LOADER_CODE, hf_loader_code, hf_loader_code_words * 4);
    rig_copy(r, HF_LOADER_MAILBOX, job, sizeof *job);
    rig_start(r, HF_LOADER_CODE);
}

static void fill(uint8_t *image)
{
    for (uint32_t i = 0; i < IMAGE_BYTES; i++)
        image[i] = (uint8_t)(i * 7 + i / 256);
}

/* The data arrives in two parts: the loader waits for the second. */
static void programs_on(const char *chip)
{
    uint8_t image[IMAGE_BYTES];
    fill(image);
    rig *r = rig_new(chip);
    hf_loader_mailbox job = {
        .available_bytes = 1024,
        .program_address = IMAGE_ADDRESS,
        .program_bytes = IMAGE_BYTES,
        .check_address = IMAGE_ADDRESS,
        .check_bytes = IMAGE_BYTES - 1,
        .flash = hf_chip_find(chip)->flash_controller,
    };
    rig_copy(r, HF_LOADER_BUFFER, image, 1024);
    start_job(r, &job);
    assert_int_equal(rig_run(r, 100000, 1000000), VB_STOP_IDLE);
    uint32_t word;
    memcpy(&word, image + 1020, 4);
    assert_int_equal(rig_read(r, IMAGE_ADDRESS + 1020), word);
    assert_int_equal(rig_read(r, IMAGE_ADDRESS + 1024), UINT32_MAX);
    assert_int_equal(rig_read(r, WORD(state)), HF_LOADER_RUNNING);

    rig_copy(r, HF_LOADER_BUFFER + 1024, image + 1024, IMAGE_BYTES - 1024);
    rig_write(r, WORD(available_bytes), IMAGE_BYTES);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, WORD(state)), HF_LOADER_DONE);
    assert_int_equal(rig_read(r, WORD(errors)), 0);
    assert_int_equal(rig_read(r, WORD(crc32)), hf_crc32(0, image, IMAGE_BYTES - 1));
    for (uint32_t i = 0; i < IMAGE_BYTES; i += 4) {
        memcpy(&word, image + i, 4);
        assert_int_equal(rig_read(r, IMAGE_ADDRESS + i), word);
    }
    assert_true(rig_read(r, job.flash.control) & job.flash.lock);
    rig_free(r);
}

static void programs_and_checks(void **state)
{
    (void)state;
    programs_on(L4);
    programs_on(F7);
}

/* Flash that is not erased: the controller's flag is reported, and no checksum. */
static void reports_errors_of_the_controller(void **state)
{
    (void)state;
    uint8_t image[IMAGE_BYTES];
    fill(image);
    rig *r = rig_new(L4);
    rig_program(r, IMAGE_ADDRESS, image, IMAGE_BYTES);
    hf_loader_mailbox job = {
        .available_bytes = IMAGE_BYTES,
        .program_address = IMAGE_ADDRESS,
        .program_bytes = IMAGE_BYTES,
        .check_address = IMAGE_ADDRESS,
        .check_bytes = IMAGE_BYTES,
        .flash = hf_chip_find(L4)->flash_controller,
    };
    rig_copy(r, HF_LOADER_BUFFER, image + 8, IMAGE_BYTES - 8);
    start_job(r, &job);
    rig_run_to_stop(r);
    assert_int_equal(rig_read(r, WORD(state)), HF_LOADER_DONE);
    assert_int_equal(rig_read(r, WORD(errors)), 1u << 3); /* PROGERR */
    assert_int_equal(rig_read(r, WORD(crc32)), 0);
    rig_free(r);
}

static void scans_are_as_documented(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x78, 0x56, 0x34, 0x12, 0xAA};
    hf_buffer out = HF_BUFFER_INIT;
    hf_memory_scans(&out, 0x20001800, 0x20000000, bytes, sizeof bytes, 8);
    /* data << 3 | A[3:2] << 1: TAR is 1, DRW is 3 */
    assert_string_equal(hf_buffer_text(&out), "SIR 4 TDI (B);\n"
                                              "SDR 35 TDI (10000C002) TDO (2) MASK (7);\n"
                                              "SDR 35 TDI (091A2B3C6);\n"
                                              "SDR 35 TDI (7FFFFFD56);\n"
                                              "SDR 35 TDI (100000002);\n"
                                              "SDR 35 TDI (000000046);\n"
                                              "SDR 35 TDI (100000002) TDO (2) MASK (7);\n");
    hf_buffer_free(&out);
}

/* Each 1 KB begins with an address and an answer. */
static void blocks_are_answered(void **state)
{
    (void)state;
    static uint8_t bytes[5000];
    hf_buffer out = HF_BUFFER_INIT;
    hf_memory_scans(&out, 0x20001800, 0x20000000, bytes, sizeof bytes, sizeof bytes);
    int since = 0, answered = 0;
    for (const char *line = hf_buffer_text(&out); *line; line = strchr(line, '\n') + 1) {
        bool answer = memcmp(strchr(line, ')'), ") TDO", 5) == 0;
        since = answer ? 0 : since + 1;
        answered += answer;
        assert_true(since <= 1024 / 4 + 2);
    }
    assert_int_equal(answered, 6); /* five blocks, and the end */
    hf_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_and_checks),
        cmocka_unit_test(reports_errors_of_the_controller),
        cmocka_unit_test(scans_are_as_documented),
        cmocka_unit_test(blocks_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
