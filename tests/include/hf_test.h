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
