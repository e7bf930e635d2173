/* SPDX-License-Identifier: Apache-2.0 */
/* What can be tested without a board: identity, outputs, firmware files, invalid options. */
#include "hf_test.h"

#include "base/file.h"
#include "board_internal.h"
#include "engine/format.h"
#include "firmware_shared.h"

static const hf_session_id good_id = {.chip = "stm32l4r5zi", .firmware = "aa55"};
static const hf_session_model good_model = {
    .state = "ok", .image_bytes = 20, .crc32 = 0x44332211, .layers = 2};
static const uint8_t image[20] = {'H', 'F', 'I', 'M', 1, 0, 0, 0, 20, 0, 0, 0, 0x11, 0x22, 0x33, 0x44};

static void another_board_is_refused(void **state)
{
    (void)state;
    const hf_board board = {.chip = hf_chip_find("stm32l4r5zi"),
                            .firmware = &(const hf_firmware){.id = "aa55"}};
    const hf_attempt_request request = {.image = image, .image_bytes = sizeof image, .layer_count = 2};
    hf_error err = {0};
    assert_int_equal(hf_board_check_identity(&board, &request, &good_id, &good_model, &err), HF_OK);

    struct {
        hf_session_id id;
        hf_session_model model;
        hf_fault fault;
        const char *says;
    } cases[6];
    for (size_t i = 0; i < 6; i++) {
        cases[i].id = good_id;
        cases[i].model = good_model;
        cases[i].fault = HF_FAULT_BOARD;
    }
    strcpy(cases[0].id.chip, "stm32f767zi");
    cases[0].says = "reports chip 'stm32f767zi', the farm file has 'stm32l4r5zi'";
    strcpy(cases[1].id.firmware, "aa56");
    cases[1].says = "runs firmware aa56, but aa55 was just verified";
    cases[2].model.crc32++;
    cases[2].says = "20 bytes with CRC-32 44332212, but 20 bytes with 44332211";
    cases[3].model.image_bytes++;
    cases[3].says = "model image of 21 bytes";
    strcpy(cases[4].model.state, "bad");
    strcpy(cases[4].model.reason, "image CRC-32 wrong");
    cases[4].fault = HF_FAULT_JOB;
    cases[4].says = "rejects the model image: bad (image CRC-32 wrong)";
    cases[5].model.layers = 3;
    cases[5].fault = HF_FAULT_JOB;
    cases[5].says = "3 layers on the board, expected 2";
    for (size_t i = 0; i < 6; i++) {
        hf_error_clear(&err);
        assert_int_not_equal(hf_board_check_identity(&board, &request, &cases[i].id, &cases[i].model, &err),
                             HF_OK);
        assert_int_equal(err.fault, cases[i].fault);
        if (!strstr(err.message, cases[i].says))
            fail_msg("case %zu says '%s'", i, err.message);
    }
}

static void the_first_wrong_layer_is_named(void **state)
{
    (void)state;
    hf_layer layers[3] = {
        {.op = "conv2d", .crc32 = 1}, {.op = "dense", .crc32 = 2}, {.op = "softmax", .crc32 = 3}};
    const hf_session_measured measured = {.layers = layers, .output_crc32 = 3};
    uint32_t expected[3] = {1, 2, 3};
    hf_attempt_request request = {
        .layers = true, .layer_count = 3, .layer_crc32 = expected, .output_crc32 = 3};
    hf_error err = {0};
    assert_int_equal(hf_board_check_outputs(&request, 0, &measured, &err), HF_OK);
    expected[1] = expected[2] = 9;
    assert_int_equal(hf_board_check_outputs(&request, 0, &measured, &err), HF_EMISMATCH);
    assert_int_equal(err.fault, HF_FAULT_JOB);
    assert_non_null(strstr(err.message, "layer 1 (dense) is the first"));
    hf_error_clear(&err);
    request.layers = false;
    request.output_crc32 = 4;
    assert_int_equal(hf_board_check_outputs(&request, 0, &measured, &err), HF_EMISMATCH);
    assert_non_null(strstr(err.message, "00000003 on the board, 00000004 expected"));
}

static void every_inference_has_its_own_output(void **state)
{
    (void)state;
    const hf_attempt_step further[] = {{.output_crc32 = 4}, {.output_crc32 = 5}};
    const hf_attempt_request request = {.output_crc32 = 3, .further = further, .further_count = 2};
    hf_error err = {0};
    for (uint32_t step = 0; step < 3; step++) {
        hf_session_measured measured = {.output_crc32 = 3 + step};
        assert_int_equal(hf_board_check_outputs(&request, step, &measured, &err), HF_OK);
        measured.output_crc32 = 3 + (step + 1) % 3;
        assert_int_equal(hf_board_check_outputs(&request, step, &measured, &err), HF_EMISMATCH);
        hf_error_clear(&err);
    }
}

typedef struct seen_steps {
    hf_phase phase;
    uint32_t done, of;
} seen_steps;

static void see_steps(void *user, hf_phase phase, uint32_t done, uint32_t of)
{
    *(seen_steps *)user = (seen_steps){phase, done, of};
}

/* With several inputs the board is in the same phases again and again, and what is done does not begin again. */
static void several_inputs_have_one_progress(void **state)
{
    (void)state;
    seen_steps seen = {0};
    hf_board board = {0};
    const hf_attempt_request request = {.progress = see_steps, .progress_user = &seen};
    hf_attempt_result result = {0};
    hf_phase phase = HF_PHASE_RESET;
    hf_attempt attempt = {.board = &board, .request = &request, .result = &result, .phase = &phase};
    hf_attempt_enter(&attempt, HF_PHASE_INPUT);
    assert_int_equal(seen.phase, HF_PHASE_INPUT);
    assert_int_equal(seen.done, 0);
    assert_int_equal(seen.of, 1);
    attempt.to_infer = 30;
    attempt.inferred = 10;
    for (phase = HF_PHASE_CHECK; phase != HF_PHASE_RUN;) {
        hf_attempt_enter(&attempt, phase == HF_PHASE_CHECK ? HF_PHASE_INPUT : HF_PHASE_RUN);
        assert_int_equal(seen.phase, phase);
        assert_int_equal(seen.done, 10);
        assert_int_equal(seen.of, 30);
    }
}

/* An image with one operator of a number, as large as the test needs it. */
typedef struct one_operator {
    hf_image_header header;
    hf_op_record record;
    uint8_t rest[1000];
} one_operator;

static void the_small_firmware_is_chosen_only_if_it_must_and_can(void **state)
{
    (void)state;
    uint8_t bytes[1];
    hf_board board = {.flavours = {[HF_FIRMWARE_FULL] = {.bytes = bytes, .size = 38000},
                                   [HF_FIRMWARE_SMALL] = {.bytes = bytes, .size = 24000}}};
    one_operator given = {.header = {.op_count = 1}, .record = {.op = HF_IMAGE_OP_CONV2D}};
    hf_attempt_request request = {.image = (const uint8_t *)&given, .image_bytes = sizeof given};
    const hf_firmware *full = &board.flavours[HF_FIRMWARE_FULL], *small = &board.flavours[HF_FIRMWARE_SMALL];
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), full); /* no limit */
    request.rom_limit_bytes = 38000 + sizeof given;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), full); /* fits exactly */
    request.rom_limit_bytes--;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), small);
    request.rom_limit_bytes = 24000 + sizeof given;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), small);
    request.rom_limit_bytes--;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request),
                     full); /* neither fits: the limit is missed */

    request.rom_limit_bytes++;
    for (int op = 0; op < HF_IMAGE_OP_COUNT; op++) {
        given.record.op = (uint8_t)op;
        assert_ptr_equal(hf_board_choose_firmware(&board, &request),
                         op < HF_IMAGE_OP_FIRST_RARE ? small : full);
    }
    given.record.op = HF_IMAGE_OP_CONV2D;
    board.flavours[HF_FIRMWARE_SMALL].bytes = NULL; /* not built */
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), full);
    board.flavours[HF_FIRMWARE_SMALL].bytes = bytes;

    /* A damaged image: records that it claims but does not have are not read. */
    given.header.op_count = UINT32_MAX;
    request.image_bytes = sizeof given.header + sizeof given.record + 1;
    request.rom_limit_bytes = 24000 + request.image_bytes;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), small);
    request.image_bytes = 3;
    request.rom_limit_bytes = 24000 + request.image_bytes;
    assert_ptr_equal(hf_board_choose_firmware(&board, &request), small);
}

static void bad_options_start_nothing(void **state)
{
    (void)state;
    hf_board_config config = {.id = "b", .chip = "stm32l4r5zi", .is_virtual = true};
    hf_board_options options = {
        .firmware_dir = "/nonexistent", .work_dir = "/tmp", .cpu = -1, .cancel_fd = -1};
    hf_board *board = NULL;
    hf_error err = {0};
    assert_int_equal(hf_board_open(&config, &options, &board, &err), HF_ENOTFOUND);
    assert_int_equal(err.fault, HF_FAULT_FARM);
    assert_non_null(strstr(err.message, "reading the firmware for stm32l4r5zi"));

    hf_error_clear(&err);
    config.chip = "z80";
    assert_int_equal(hf_board_open(&config, &options, &board, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "unknown chip 'z80'"));

    hf_error_clear(&err);
    config = (hf_board_config){.id = "b", .chip = "stm32l4r5zi"};
    assert_int_equal(hf_board_open(&config, &options, &board, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "interface script"));

    hf_error_clear(&err);
    options.work_dir = "/a/path/that/is/longer/than/what/leaves/room/for/a/socket/in/it";
    assert_int_equal(hf_board_open(&config, &options, &board, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "shorter than 60 characters"));
    assert_null(board);
}

static const uint8_t *share(const char *text)
{
    uint8_t *bytes = (uint8_t *)strdup(text);
    assert_non_null(bytes);
    return hf_firmware_share(bytes, strlen(text));
}

/* Boards with the same firmware hold it once, until the last of them is closed. */
static void equal_firmware_is_held_once(void **state)
{
    (void)state;
    const uint8_t *first = share("one firmware");
    const uint8_t *second = share("one firmware");
    const uint8_t *other = share("one firmwarE");
    const uint8_t *shorter = share("one");
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, other);
    assert_memory_equal(shorter, "one", 3);
    hf_firmware_unshare(first);
    assert_memory_equal(second, "one firmware", 12);
    hf_firmware_unshare(second);
    hf_firmware_unshare(shorter);
    assert_memory_equal(other, "one firmwarE", 12);
    hf_firmware_unshare(other);
    hf_firmware_unshare(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_board_is_refused),
        cmocka_unit_test(the_first_wrong_layer_is_named),
        cmocka_unit_test(every_inference_has_its_own_output),
        cmocka_unit_test(several_inputs_have_one_progress),
        cmocka_unit_test(the_small_firmware_is_chosen_only_if_it_must_and_can),
        cmocka_unit_test(bad_options_start_nothing),
        cmocka_unit_test(equal_firmware_is_held_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
