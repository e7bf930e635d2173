/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYBOARD_H
#define KEYBOARD_H

/**
 * @file keyboard.h
 * Standard input for the next child process, at which a test types. Fails the test if there is none to be had.
 */

typedef struct keyboard {
    int fd;     /**< what is written here is typed; the test closes it */
    int before; /**< standard input of the test */
} keyboard;

void keyboard_plug_in_pipe(keyboard *keys);
void keyboard_plug_in_terminal(keyboard *keys);
/** The child has its standard input: the test gets its own back. */
void keyboard_give_back(keyboard *keys);
void keyboard_type(const keyboard *keys, const char *text);

#endif
