/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "signals.h"

#define PERIOD_MS    1000
#define CLEAR_SCREEN "\033[H\033[2J"

hf_exit hf_cli_show_once(hf_cli_render *render, void *user)
{
    hf_error err = {0};
    hf_buffer text = HF_BUFFER_INIT;
    hf_exit exit_status = render(user, &text, &err) == HF_OK ? hf_cli_write(&text, NULL) : hf_cli_fail(&err);
    hf_buffer_free(&text);
    return exit_status;
}

/* Prints the list if it differs from what is shown. @return false: the reader of standard output is gone */
static bool show(hf_buffer *text, hf_buffer *shown, bool in_place)
{
    if (shown->size && strcmp(hf_buffer_text(text), hf_buffer_text(shown)) == 0)
        return true;
    hf_buffer_clear(shown);
    hf_buffer_append(shown, text->data, text->size);
    if (in_place)
        fputs(CLEAR_SCREEN, stdout);
    return fputs(hf_buffer_text(text), stdout) >= 0 && fflush(stdout) == 0;
}

hf_exit hf_cli_watch(hf_cli_render *render, void *user)
{
    const bool in_place = hf_cli_is_terminal(STDOUT_FILENO);
    hf_cli_signals signals;
    hf_buffer text = HF_BUFFER_INIT, shown = HF_BUFFER_INIT;
    hf_exit exit_status = HF_EXIT_OK;
    hf_cli_signals_catch(&signals);
    struct pollfd stop = {.fd = signals.fd, .events = POLLIN};
    do {
        hf_error err = {0};
        hf_buffer_clear(&text);
        if (render(user, &text, &err) != HF_OK) {
            if (!shown.size) {
                exit_status = hf_cli_fail(&err);
                break;
            }
            hf_buffer_clear(&text);
            hf_buffer_printf(&text, "%s\n", err.message);
        }
        if (!show(&text, &shown, in_place))
            break;
    } while (poll(&stop, 1, PERIOD_MS) == 0);
    hf_cli_signals_release(&signals);
    hf_buffer_free(&text);
    hf_buffer_free(&shown);
    return exit_status;
}
