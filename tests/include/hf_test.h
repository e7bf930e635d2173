/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_H
#define HF_TEST_H

/* Common to all cmocka programs, in the order that cmocka.h requires. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * cmocka reports success if all cases of a program were skipped. Count skipped cases and return
 * HF_TEST_SKIPPED from main() if there were no others, so that CTest shows the program as skipped (hf_test()
 * in cmake/HilfarmModule.cmake). A program that skipped only some cases has passed; scripts/test.sh lists
 * them.
 */
#define HF_TEST_SKIPPED 77

__attribute__((weak)) size_t hf_test_skipped_cases; /* shared by all files of a program */

static inline int hf_test_result(int failures, size_t cases)
{
    return failures == 0 && cases > 0 && hf_test_skipped_cases == cases ? HF_TEST_SKIPPED : failures;
}

#undef skip
#define skip() (hf_test_skipped_cases++, _skip(__FILE__, __LINE__))
#undef cmocka_run_group_tests_name
#define cmocka_run_group_tests_name(name, tests, setup, teardown)                                            \
    hf_test_result(                                                                                          \
        _cmocka_run_group_tests(name, tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown),           \
        sizeof(tests) / sizeof((tests)[0]))
#undef cmocka_run_group_tests
#define cmocka_run_group_tests(tests, setup, teardown)                                                       \
    cmocka_run_group_tests_name(#tests, tests, setup, teardown)

/**
 * Path of a file in the reference folder ($HILFARM_SHARED or ../shared). If it does not exist, prints that
 * the test is skipped and returns NULL. Static storage, overwritten by the next call.
 */
static inline const char *hf_test_shared(const char *relative)
{
    static char path[1024];
    const char *root = getenv("HILFARM_SHARED");
    snprintf(path, sizeof path, "%s/%s", root && *root ? root : "../shared", relative);
    if (access(path, R_OK) == 0)
        return path;
    printf("SKIPPED: %s does not exist\n", path);
    return NULL;
}

#define HF_TEST_NEEDS_SHARED(variable, relative)                                                             \
    const char *variable = hf_test_shared(relative);                                                         \
    if (!(variable))                                                                                         \
    skip()

#endif
