/* SPDX-License-Identifier: Apache-2.0 */
#include "keyboard.h"

#include "hf_test.h"

#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <unistd.h>

static void plug_in(keyboard *keys, int own_end, int their_end)
{
    keys->fd = own_end;
    keys->before = dup(STDIN_FILENO);
    assert_int_equal(dup2(their_end, STDIN_FILENO), STDIN_FILENO);
    close(their_end);
}

void keyboard_plug_in_pipe(keyboard *keys)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    plug_in(keys, ends[1], ends[0]);
}

void keyboard_plug_in_terminal(keyboard *keys)
{
    int own_end, their_end;
    assert_int_equal(openpty(&own_end, &their_end, NULL, NULL, NULL), 0);
    plug_in(keys, own_end, their_end);
}

void keyboard_give_back(keyboard *keys)
{
    assert_int_equal(dup2(keys->before, STDIN_FILENO), STDIN_FILENO);
    close(keys->before);
}

void keyboard_type(const keyboard *keys, const char *text)
{
    assert_int_equal(write(keys->fd, text, strlen(text)), (ssize_t)strlen(text));
}
