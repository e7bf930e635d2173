/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <stdlib.h>
#include <string.h>

#include "npy/npy.h"

/* A file of version 1.0 with this header text. @return its size */
static size_t make(uint8_t *out, const char *header, const void *values, size_t bytes)
{
    const size_t length = strlen(header);
    const uint8_t start[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)length, (uint8_t)(length >> 8)};
    memcpy(out, start, sizeof start);
    for (size_t i = 0; i < length; i++)
        out[10 + i] = (uint8_t)header[i];
    memcpy(out + 10 + length, values, bytes);
    return 10 + length + bytes;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    static const double values[6] = {1, -2, 0.5, 1e300, -0.0, 6};
    for (int type = 0; type < HF_NPY_TYPES; type++)
        for (int rank = 0; rank <= 3; rank++) {
            hf_npy array = {.type = (hf_npy_type)type,
                            .rank = rank,
                            .shape = {3, 2, 1},
                            .values = (const uint8_t *)values};
            const uint64_t count = rank == 0 ? 1 : rank == 1 ? 3 : 6;
            hf_buffer file = HF_BUFFER_INIT;
            hf_npy back;
            hf_error err = {0};
            hf_npy_write(&array, &file);
            assert_false(file.failed);
            if (hf_npy_parse((const uint8_t *)file.data, file.size, &back, &err))
                fail_msg("%s", err.message);
            assert_int_equal(back.type, type);
            assert_int_equal(back.rank, rank);
            assert_int_equal(back.count, count);
            assert_int_equal((back.values - (const uint8_t *)file.data) % 64, 0);
            assert_memory_equal(back.values, values, count * hf_npy_type_bytes((hf_npy_type)type));
            assert_int_equal(hf_npy_type_find(hf_npy_type_name((hf_npy_type)type)), type);
            hf_buffer_free(&file);
        }
    assert_int_equal(hf_npy_type_find("complex64"), HF_NPY_TYPES);
}

static void values_are_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        uint8_t bytes[8];
        double value;
    } cases[] = {
        {"|i1", {0x80}, -128},
        {"|u1", {0x80}, 128},
        {"<i2", {0x00, 0x80}, -32768},
        {"<i4", {0xfe, 0xff, 0xff, 0xff}, -2},
        {"<f4", {0, 0, 0x20, 0xc0}, -2.5},
        {"=f8", {0, 0, 0, 0, 0, 0, 0x04, 0xc0}, -2.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t file[256];
        char header[128];
        hf_npy array;
        hf_error err = {0};
        snprintf(header, sizeof header, "{\"shape\": (), 'descr':'%s','fortran_order' : True}\n",
                 cases[i].code);
        const size_t bytes = (size_t)(cases[i].code[2] - '0');
        const size_t size = make(file, header, cases[i].bytes, bytes);
        if (hf_npy_parse(file, size, &array, &err))
            fail_msg("%s", err.message);
        assert_true(hf_npy_value(&array, 0) == cases[i].value);
    }
}

static void bad_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        hf_status status;
        const char *says;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", HF_OK, NULL},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (2,1), }", HF_EUNSUPPORTED, "Fortran order"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", HF_EUNSUPPORTED, "type '>f4'"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", HF_EUNSUPPORTED, "type '<c8'"},
        {"{'descr': '', 'fortran_order': False, 'shape': (1,), }", HF_EUNSUPPORTED, "type ''"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", HF_EFORMAT, "as many values"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", HF_EFORMAT, "as many values"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", HF_EFORMAT,
         "as many values"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", HF_EFORMAT,
         "header"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2), }", HF_EFORMAT, "header"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", HF_EFORMAT, "header"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2", HF_EFORMAT, "header"},
        {"{'descr': '<f4', 'fortran_order': False}", HF_EFORMAT, "header"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", HF_EFORMAT, "header"},
        {"{'descr': '<f4", HF_EFORMAT, "header"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", HF_EFORMAT, "header"},
        {"", HF_EFORMAT, "header"},
    };
    uint8_t file[256];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hf_npy array;
        hf_error err = {0};
        const size_t size = make(file, cases[i].header, "\1\2\3\4\5\6\7\10", 8);
        const hf_status status = hf_npy_parse(file, size, &array, &err);
        if (status != cases[i].status || (cases[i].says && !strstr(err.message, cases[i].says)))
            fail_msg("%s: %s", cases[i].header, err.message);
    }
    hf_npy array;
    hf_error err = {0};
    file[6] = 4;
    assert_int_equal(hf_npy_parse(file, sizeof file, &array, &err), HF_EUNSUPPORTED);
    hf_error_clear(&err);
    assert_int_equal(hf_npy_parse((const uint8_t *)"PK\3\4 an .npz file", 17, &array, &err), HF_EFORMAT);
}

/* A file cut off anywhere, or with any byte changed, is refused or has all the values that it says. */
static void damage_does_no_harm(void **state)
{
    (void)state;
    const int16_t values[] = {1, 2, 3, 4, 5, 6};
    const hf_npy array = {
        .type = HF_NPY_INT16, .rank = 2, .shape = {2, 3}, .values = (const uint8_t *)values};
    hf_buffer file = HF_BUFFER_INIT;
    hf_npy_write(&array, &file);
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *copy = malloc(size + 1); /* exactly so large that the sanitizer sees a read beyond its end */
        hf_npy back;
        hf_error err = {0};
        assert_non_null(copy);
        memcpy(copy, file.data, size);
        assert_int_not_equal(hf_npy_parse(copy, size, &back, &err), HF_OK);
        free(copy);
    }
    uint32_t lcg = 1;
    for (int i = 0; i < 20000; i++) {
        uint8_t *copy = malloc(file.size + 1);
        hf_npy back;
        hf_error err = {0};
        assert_non_null(copy);
        memcpy(copy, file.data, file.size);
        for (int change = 0; change < 1 + i % 3; change++) {
            lcg = lcg * 1664525U + 1013904223U;
            copy[(lcg >> 8) % (uint32_t)(file.size + 1)] = (uint8_t)(lcg >> 24);
        }
        double sum = 0;
        if (hf_npy_parse(copy, file.size, &back, &err) == HF_OK)
            for (uint64_t at = 0; at < back.count; at++)
                sum += hf_npy_value(&back, at);
        assert_true(sum != 1e30);
        free(copy);
    }
    hf_buffer_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(values_are_numbers),
        cmocka_unit_test(bad_files_are_refused),
        cmocka_unit_test(damage_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
