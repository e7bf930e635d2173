/* SPDX-License-Identifier: Apache-2.0 */
#include "console_terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

void hf_cli_console_begin(hf_cli_console_terminal *terminal, bool watch, bool escape, uint64_t timeout_ms)
{
    *terminal = (hf_cli_console_terminal){
        .escape = escape, .reads = !watch, .timeout_ms = timeout_ms, .signals.fd = -1};
    hf_cli_signals_catch(&terminal->signals);
}

void hf_cli_console_opened(hf_cli_console_terminal *terminal, const char *board, uint32_t baud)
{
    char line[HF_CLI_CONSOLE_LINE];
    if (!terminal->reads) {
        snprintf(line, sizeof line, "watching board %s; Ctrl-C leaves", board);
        hf_cli_console_say(terminal, line);
        terminal->input_over = terminal->timeout_ms != HF_CLI_CONSOLE_FOREVER;
        if (terminal->input_over)
            terminal->stay = hf_deadline_in_ms(terminal->timeout_ms);
        return;
    }
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal->before) != 0)
        return;
    snprintf(line, sizeof line, "console of board %s, %u baud, 8N1; Ctrl-] or ~. leaves", board, baud);
    hf_cli_console_say(terminal, line);
    struct termios raw = terminal->before;
    cfmakeraw(&raw);
    terminal->typing = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

void hf_cli_console_end(hf_cli_console_terminal *terminal)
{
    if (terminal->typing) {
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->before);
        terminal->typing = false;
        fputc('\n', stderr);
    }
    terminal->interrupted |= hf_cli_signals_release(&terminal->signals);
}

int hf_cli_console_input_fd(const hf_cli_console_terminal *terminal)
{
    return terminal->reads && !terminal->input_over ? STDIN_FILENO : -1;
}

size_t hf_cli_console_input(hf_cli_console_terminal *terminal, uint8_t *bytes, size_t size)
{
    uint8_t typed[4096];
    /* One byte less: a ~ that was held back may come along. */
    const size_t most = size - 1 < sizeof typed ? size - 1 : sizeof typed;
    const ssize_t got = read(STDIN_FILENO, terminal->typing ? typed : bytes, most);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (got <= 0) {
        terminal->input_over = true;
        terminal->leave |= terminal->typing; /* the terminal is gone */
        terminal->stay = hf_deadline_in_ms(terminal->timeout_ms);
        return 0;
    }
    return terminal->typing
               ? hf_cli_console_type(&terminal->keys, typed, (size_t)got, bytes, &terminal->leave)
               : (size_t)got;
}

void hf_cli_console_escape(const uint8_t *bytes, size_t size, hf_buffer *out)
{
    for (size_t i = 0; i < size; i++) {
        const uint8_t c = bytes[i];
        const bool line_end = c == '\n' || (c == '\r' && i + 1 < size && bytes[i + 1] == '\n');
        if (line_end || c == '\t' || (c >= ' ' && c < 0x7f))
            hf_buffer_putc(out, (char)c);
        else
            hf_buffer_printf(out, "\\x%02x", c);
    }
}

void hf_cli_console_output(hf_cli_console_terminal *terminal, const uint8_t *bytes, size_t size)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (terminal->escape)
        hf_cli_console_escape(bytes, size, &text);
    else
        hf_buffer_append(&text, bytes, size);
    if (hf_write_all(STDOUT_FILENO, "standard output", text.data, text.size, NULL) != HF_OK)
        terminal->output_failed = true;
    hf_buffer_free(&text);
}

void hf_cli_console_say(const hf_cli_console_terminal *terminal, const char *line)
{
    fprintf(stderr, "hilfarm: %s%s", line, terminal->typing ? "\r\n" : "\n");
}

bool hf_cli_console_leaving(hf_cli_console_terminal *terminal)
{
    struct pollfd signalled = {.fd = terminal->signals.fd, .events = POLLIN};
    if (poll(&signalled, 1, 0) > 0)
        terminal->interrupted = true;
    return terminal->leave || terminal->interrupted || terminal->output_failed ||
           (terminal->input_over && hf_deadline_passed(terminal->stay));
}
