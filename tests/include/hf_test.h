/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_H
#define HF_TEST_H

/* What every cmocka program needs, in the order cmocka.h asks for. */
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
 * cmocka calls a program passed whose cases were all skipped. So that CTest shows it as skipped (hf_test() in
 * cmake/HilfarmModule.cmake), skipped cases are counted, and main() returns HF_TEST_SKIPPED if nothing else
 * was there. A program that skipped some of its cases has passed; scripts/test.sh lists them.
 */
#define HF_TEST_SKIPPED 77

__attribute__((weak)) size_t hf_test_skipped_cases; /* one for all files of a program */

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
 * Path of a file in the shared reference folder beside the checkout ($HILFARM_SHARED or ../shared), or NULL
 * after saying on stdout that the test is skipped because it is not there. Static storage, overwritten by the
 * next call.
 */
static inline const char *hf_test_shared(const char *relative)
{
    static char path[1024];
    const char *root = getenv("HILFARM_SHARED");
    snprintf(path, sizeof path, "%s/%s", root && *root ? root : "../shared", relative);
    if (access(path, R_OK) == 0)
        return path;
    printf("SKIPPED: %s is not there\n", path);
    return NULL;
}

#define HF_TEST_NEEDS_SHARED(variable, relative)                                                             \
    const char *variable = hf_test_shared(relative);                                                         \
    if (!(variable))                                                                                         \
    skip()

#endif
