/* SPDX-License-Identifier: Apache-2.0 */
/* Programming over any back end, and a board's use of its flasher. */
#include "hf_test.h"

#include "board_internal.h"
#include "fake_flasher.h"

#define RAM_BLOCK     0x20000040u
#define ROM_TABLE     0xE00FF000u
#define COUNTER       0xE0045000u
#define COUNTER_ENTRY (COUNTER - ROM_TABLE + 3)
#define COMPONENT_IDS 0xFE0u

typedef struct fixture {
    fake_flasher fake;
    const hf_chip *chip;
    hf_flasher *flasher;
    hf_error err;
} fixture;

static void set_up(fixture *f, const char *chip)
{
    *f = (fixture){.chip = hf_chip_find(chip)};
    assert_int_equal(fake_flasher_open(&f->fake, f->chip, &f->flasher, &f->err), HF_OK);
}

static void tear_down(fixture *f)
{
    hf_flasher_close(f->flasher);
    assert_int_equal(f->fake.closes, 1);
    fake_flasher_free(&f->fake);
}

static hf_deadline soon(void)
{
    return hf_deadline_in_ms(5000);
}

static hf_status program(fixture *f, const uint8_t *bytes, size_t size, uint32_t *written)
{
    hf_error_clear(&f->err);
    f->fake.writes = f->fake.verifies = 0;
    return hf_flasher_program(f->flasher, f->chip->model_base, bytes, size, soon(), written, &f->err);
}

/* On a chip whose erase units have three sizes: only the units that differ are written, adjacent ones at
 * once. */
static void erase_units_of_different_sizes(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, "stm32f767zi");
    const size_t size = f.chip->model_bytes;
    uint8_t *image = malloc(size);
    assert_non_null(image);
    for (size_t i = 0; i < size; i++)
        image[i] = (uint8_t)(i * 31 + i / 4096);
    uint32_t written = 0;
    assert_int_equal(program(&f, image, size, &written), HF_OK);
    assert_int_equal(written, size);
    assert_int_equal(f.fake.written_bytes, size);

    assert_int_equal(program(&f, image, size, &written), HF_OK);
    assert_int_equal(written, 0);
    assert_int_equal(f.fake.writes, 0);
    assert_int_equal(f.fake.verifies, 1); /* remembered contents are verified first */

    /* A byte of the first unit and of the last. */
    const hf_flash_span *last = &f.chip->spans[f.chip->span_count - 1];
    uint32_t first_bytes = 0;
    for (uint32_t i = 0; i < f.chip->span_count; i++)
        if (f.chip->model_base >= f.chip->spans[i].base)
            first_bytes = f.chip->spans[i].unit_bytes;
    image[1] ^= 1;
    image[size - 1] ^= 1;
    assert_int_equal(program(&f, image, size, &written), HF_OK);
    assert_int_equal(f.fake.writes, 2);
    assert_int_equal(written, first_bytes + last->unit_bytes);
    assert_memory_equal(f.fake.flash + (f.chip->model_base - f.chip->flash_base), image, size);
    free(image);
    tear_down(&f);
}

static void a_failure_invalidates_the_known_contents(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, "stm32l4r5zi");
    uint8_t image[3 * 4096];
    memset(image, 0x5a, sizeof image);
    uint32_t written = 77;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);

    f.fake.fails = HF_ETIMEOUT;
    image[0] ^= 1;
    written = 77;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_ETIMEOUT);
    assert_int_equal(f.err.fault, HF_FAULT_PROBE); /* from the back end */
    assert_non_null(strstr(f.err.message, "programming 0x08010000..0x08011000: the probe is gone"));
    assert_int_equal(written, 77);

    f.fake.fails = HF_OK;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_OK);
    assert_int_equal(written, sizeof image); /* everything, not only the unit that differs */

    f.fake.wears_out = true;
    image[0] ^= 1;
    assert_int_equal(program(&f, image, sizeof image, &written), HF_EMISMATCH);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "does not hold what was just written to it"));
    tear_down(&f);
}

static void the_nonce_is_written_and_verified(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, "stm32l4r5zi");
    hf_board board = {
        .flasher = f.flasher, .chip = f.chip, .firmware = &(const hf_firmware){.nonce_block = RAM_BLOCK}};
    uint64_t nonce = 0, second = 0;
    assert_int_equal(hf_board_write_nonce(&board, soon(), &nonce, &f.err), HF_OK);
    assert_int_equal(f.fake.halts, 1);
    uint32_t block[4];
    for (uint32_t i = 0; i < 4; i++)
        block[i] = fake_flasher_peek(&f.fake, RAM_BLOCK + 4 * i);
    assert_int_equal(block[0], 0x434E4648);
    assert_true(nonce != 0 && ((uint64_t)block[2] << 32 | block[1]) == nonce);
    assert_int_equal(block[3], ~(block[0] ^ block[1] ^ block[2]));
    assert_int_equal(hf_board_write_nonce(&board, soon(), &second, &f.err), HF_OK);
    assert_true(second != nonce); /* random: equal once in 2^64 */

    f.fake.forgets_words = true;
    fake_flasher_poke(&f.fake, RAM_BLOCK, 0xdeadbeef);
    second = 5;
    assert_int_equal(hf_board_write_nonce(&board, soon(), &second, &f.err), HF_EMISMATCH);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "RAM at 0x20000040 does not hold what was written to it: 0xdead"));
    assert_int_equal(second, 5);

    hf_error_clear(&f.err);
    f.fake.fails = HF_ECHILD;
    assert_int_equal(hf_board_write_nonce(&board, soon(), &second, &f.err), HF_ECHILD);
    assert_non_null(strstr(f.err.message, "writing the nonce to the chip's RAM: the probe is gone"));
    tear_down(&f);
}

static void list_component(fixture *f, uint32_t index, uint32_t entry, uint32_t base, const uint8_t id[8])
{
    fake_flasher_poke(&f->fake, ROM_TABLE + 4 * index, entry);
    for (uint32_t i = 0; i < 8; i++)
        fake_flasher_poke(&f->fake, base + COMPONENT_IDS + 4 * i, 0xABCDEF00u | id[i]);
}

/* A virtual board that the farm file calls a real one, and silicon with a component that cannot be read. */
static void a_virtual_board_declared_real_is_detected(void **state)
{
    (void)state;
    static const uint8_t counter[8] = {0x1C, 0x5F, 0x00, 0x44, 0x0D, 0xF0, 0x05, 0xB1};
    static const uint8_t scs[8] = {0x0C, 0xB0, 0x0B, 0x00, 0x0D, 0xE0, 0x05, 0xB1};
    fixture f;
    set_up(&f, "stm32l4r5zi");
    const hf_board_config config = {.id = "b"};
    hf_board board = {.flasher = f.flasher, .chip = f.chip, .config = &config};
    list_component(&f, 0, 0xFFF0F003u, 0xE000E000u, scs);
    list_component(&f, 1, 0xFFF02003u, 0xE0001000u, scs);
    list_component(&f, 2, COUNTER_ENTRY - 1, COUNTER, counter); /* listed, but not present */
    f.fake.refused_address = 0xE0001000u + COMPONENT_IDS;
    assert_int_equal(hf_board_check_silicon(&board, soon(), &f.err), HF_OK);

    fake_flasher_poke(&f.fake, ROM_TABLE + 8, COUNTER_ENTRY);
    assert_int_equal(hf_board_check_silicon(&board, soon(), &f.err), HF_EMISMATCH);
    assert_int_equal(f.err.fault, HF_FAULT_BOARD);
    assert_non_null(strstr(f.err.message, "an instruction counter at 0xe0045000"));
    assert_non_null(strstr(f.err.message, "expected \"modelled: true\""));

    hf_error_clear(&f.err);
    fake_flasher_poke(&f.fake, ROM_TABLE + 4, 0); /* the end of the list */
    assert_int_equal(hf_board_check_silicon(&board, soon(), &f.err), HF_OK);
    f.fake.refused_address = ROM_TABLE;
    assert_int_equal(hf_board_check_silicon(&board, soon(), &f.err), HF_ETARGET);
    assert_non_null(strstr(f.err.message, "reading the chip's table of debug components: no answer"));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erase_units_of_different_sizes),
        cmocka_unit_test(a_failure_invalidates_the_known_contents),
        cmocka_unit_test(the_nonce_is_written_and_verified),
        cmocka_unit_test(a_virtual_board_declared_real_is_detected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
