/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

/* The built images against firmware/bench/INFO.md and the memory maps of the manuals. */

#define ROOM_BYTES   0x10000U
#define FLASH_BASE   0x08000000U
#define RAM_BASE     0x20000000U
#define INFO_OFFSET  0x200U
#define NONCE_BLOCK  0x228U
#define BUILD_ID     0x23CU
#define STATIC_BYTES 0x250U
#define STACK_BYTES  0x254U
#define INFO_END     0x258U
#define VECTOR_COUNT 16U

static uint8_t image[ROOM_BYTES + 1];

static size_t load(const char *chip)
{
    const char *folder = getenv("HILFARM_FIRMWARE_DIR");
    assert_non_null(folder);
    char path[1024];
    snprintf(path, sizeof path, "%s/hilfarm-%s.bin", folder, chip);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s has not been built", path);
    size_t size = fread(image, 1, sizeof image, file);
    fclose(file);
    return size;
}

static uint32_t word(size_t offset)
{
    return image[offset] | (uint32_t)image[offset + 1] << 8 | (uint32_t)image[offset + 2] << 16 |
           (uint32_t)image[offset + 3] << 24;
}

static void check_image(const char *chip)
{
    size_t size = load(chip);
    assert_in_range(size, 4096, ROOM_BYTES);

    /* The stack is at the RAM's bottom; every vector is Thumb code inside the image. */
    assert_in_range(word(0), RAM_BASE + 2048, RAM_BASE + 16384);
    assert_int_equal(word(0) % 8, 0);
    for (uint32_t i = 1; i < VECTOR_COUNT; i++) {
        assert_int_equal(word((size_t)4 * i) & 1, 1);
        assert_in_range(word((size_t)4 * i), FLASH_BASE + (size_t)4 * VECTOR_COUNT, FLASH_BASE + size);
        assert_not_in_range(word((size_t)4 * i), FLASH_BASE + INFO_OFFSET, FLASH_BASE + INFO_END - 1);
    }

    assert_memory_equal(image + INFO_OFFSET, "HFFW", 4);
    assert_int_equal(word(INFO_OFFSET + 4), 3);
    char name[16] = {0};
    snprintf(name, sizeof name, "%s", chip);
    assert_memory_equal(image + INFO_OFFSET + 8, name, sizeof name);
    assert_true(image[INFO_OFFSET + 24] >= '0' && image[INFO_OFFSET + 24] <= '9');
    assert_int_equal(image[INFO_OFFSET + 39], 0);
    /* Below the stack, where neither start-up nor a running firmware writes: SRAM1 of the L4, DTCM
     * of the F7. */
    assert_in_range(word(NONCE_BLOCK), RAM_BASE, word(0) - 2048);
    assert_int_equal(word(NONCE_BLOCK) % 4, 0);
    assert_int_equal(word(0x22C), 4);
    assert_int_equal(word(0x230), 20);
    assert_int_equal(word(0x234), 3);
    assert_memory_equal(image + 0x238, "GNU", 4);
    /* The stack lies between the guard of 512 bytes and the data. */
    assert_int_equal(word(STACK_BYTES), word(0) - RAM_BASE - 512);
    assert_in_range(word(STATIC_BYTES), 1024, 65536);
}

static void test_stm32l4r5zi(void **state)
{
    (void)state;
    check_image("stm32l4r5zi");
}

static void test_stm32f767zi(void **state)
{
    (void)state;
    check_image("stm32f767zi");
}

static void test_images_are_distinguished(void **state)
{
    (void)state;
    uint8_t first[20];
    load("stm32l4r5zi");
    memcpy(first, image + BUILD_ID, sizeof first);
    load("stm32f767zi");
    assert_memory_not_equal(first, image + BUILD_ID, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stm32l4r5zi),
        cmocka_unit_test(test_stm32f767zi),
        cmocka_unit_test(test_images_are_distinguished),
    };
    return cmocka_run_group_tests_name("bench_images", tests, NULL, NULL);
}
