/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINING_FIXTURE_H
#define TRAINING_FIXTURE_H

#include <stdbool.h>

#include "process.h"

/**
 * @file training_fixture.h
 * What end-to-end tests of commands that train share: a folder with a small data set, and the program under test.
 */

typedef struct training_fixture {
    char folder[64];
    char hilfarm[512]; /**< path of the program under test */
    process child;     /**< that was started last; its output */
} training_fixture;
extern training_fixture fixture;

/**
 * Makes the folder with shapes of 32 x 32 pixels.
 * @param train, test number of images
 * @return 0, or -1 if there is no folder
 */
int training_fixture_open(uint32_t train, uint32_t test);
/** Ends the child and removes the folder. @return 0 on success */
int training_fixture_close(void);

/** Whether hilfarm-train is built; prints SKIPPED and why if it is not. */
bool has_trainer(void);

/** Path of a file in the folder. Static, overwritten by the fourth call after this one. */
const char *in_folder(const char *name);

/** Fails the test unless the child has printed `text`. */
void assert_says(const char *text);

#endif
