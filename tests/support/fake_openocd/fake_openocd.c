/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for OpenOCD and one board, for tests with hundreds of boards and with failures at a chosen step. It takes
 * OpenOCD's command line, answers the commands that agents/openocd sends to its Tcl port, and serves the board's serial line
 * on a TCP port. The farm file names the board by the probe's serial number "fake-CHIP-PORT"; PORT is the serial line's.
 *
 * Environment:
 *   FAKE_FLASH_MS   how long programming takes (0)
 *   FAKE_LOG        a file; a line "PORT command" is appended for every command before it is carried out
 *   FAKE_KILL       "PORT COUNT FILE": the process kills itself at this command, counted over its life from 1, unless
 *                   FILE exists, and creates FILE: it dies once
 *   FAKE_KILL_PARENT  likewise, but kills the process that started it, and so itself
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "board.h"

#define END_OF_MESSAGE '\x1a'
#define REQUEST_BYTES  65536

typedef struct fake {
    board board;
    uint32_t port; /* of the serial line */
    unsigned commands;
    char request[REQUEST_BYTES];
    size_t request_bytes;
} fake;

static void fail(const char *what)
{
    fprintf(stderr, "Error: fake OpenOCD: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* @param port 0 = any; set to the one chosen */
static int listen_on(uint32_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) != 0 ||
        bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 4) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        fail("cannot listen");
    *port = ntohs(address.sin_port);
    return fd;
}

/* Parses a number, decimal or with 0x, after blanks and '{'. @return what follows; NULL if there is none */
static const char *read_number(const char *at, uint32_t *number)
{
    char *end = NULL;
    at = at ? at + strspn(at, " {") : "";
    errno = 0;
    *number = (uint32_t)strtoul(at, &end, 0);
    return end == at || errno ? NULL : end;
}

/* ---- Commands ---- */

static void pause_ms(const char *variable)
{
    const char *text = getenv(variable);
    const long ms = text ? strtol(text, NULL, 10) : 0;
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Parses `"FILE" 0xADDRESS bin` and reads the file. @return the place in the flash, NULL if there is none */
static uint8_t *open_file(fake *self, const char *at, uint8_t **bytes, size_t *size)
{
    char path[4096];
    uint32_t address = 0;
    const char *quote = strchr(at, '"'), *end = quote ? strchr(quote + 1, '"') : NULL;
    if (!end || (size_t)(end - quote) > sizeof path || !read_number(end + 1, &address))
        return NULL;
    snprintf(path, sizeof path, "%.*s", (int)(end - quote - 1), quote + 1);
    FILE *file = fopen(path, "rb");
    const uint32_t offset = address - self->board.chip->flash_base;
    *bytes = malloc(self->board.chip->flash_bytes);
    if (!file || !*bytes)
        fail(path);
    *size = fread(*bytes, 1, self->board.chip->flash_bytes, file);
    fclose(file);
    return offset < self->board.chip->flash_bytes && *size <= self->board.chip->flash_bytes - offset
               ? self->board.flash + offset
               : NULL;
}

static const char *program(fake *self, const char *arguments)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint8_t *place = open_file(self, arguments, &bytes, &size);
    if (place)
        memcpy(place, bytes, size);
    free(bytes);
    pause_ms("FAKE_FLASH_MS");
    return place ? "0 " : "1 ";
}

static const char *verify(fake *self, const char *arguments)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const uint8_t *place = open_file(self, arguments, &bytes, &size);
    const bool equal = place && memcmp(place, bytes, size) == 0;
    free(bytes);
    if (!equal)
        fprintf(stderr, "Error: checksum mismatch\n");
    return equal ? "0 " : "1 ";
}

/* Only the nonce's four words are memory. */
static const char *write_words(fake *self, const char *arguments)
{
    uint32_t *words = self->board.nonce_words, width = 0;
    const char *at = read_number(read_number(arguments, &self->board.nonce_address), &width);
    for (int i = 0; i < 4; i++)
        at = read_number(at, &words[i]);
    return at ? "0 " : "1 ";
}

static const char *read_words(fake *self)
{
    static char reply[64];
    const uint32_t *words = self->board.nonce_words;
    snprintf(reply, sizeof reply, "0 0x%x 0x%x 0x%x 0x%x", words[0], words[1], words[2], words[3]);
    return reply;
}

/* Whether the time has come that a variable sets for a kill. */
static bool is_time(const fake *self, const char *variable)
{
    uint32_t port = 0, count = 0;
    const char *path = read_number(read_number(getenv(variable), &port), &count);
    return path && port == self->port && count == self->commands &&
           open(path + strspn(path, " "), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0;
}

static void kill_in_time(const fake *self)
{
    if (is_time(self, "FAKE_KILL_PARENT"))
        kill(getppid(), SIGKILL);
    else if (!is_time(self, "FAKE_KILL"))
        return;
    raise(SIGKILL);
}

static void note_command(fake *self, const char *command)
{
    const char *log = getenv("FAKE_LOG");
    self->commands++;
    kill_in_time(self);
    if (!log)
        return;
    char line[160];
    const int length = snprintf(line, sizeof line, "%u %.60s\n", self->port, command);
    const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        fail(log);
    close(fd);
}

/* @return the reply: the code of Tcl's catch, a space and the result */
static const char *carry_out(fake *self, const char *command)
{
    static const char write_image[] = "flash write_image erase", checksum[] = "verify_image_checksum",
                      write_memory[] = "write_memory", read_memory[] = "read_memory";
    note_command(self, command);
    if (strcmp(command, "[target current] was_examined") == 0)
        return "0 1";
    if (strcmp(command, "reset run") == 0) {
        board_reset(&self->board);
        return "0 ";
    }
    if (strcmp(command, "reset init") == 0 || strcmp(command, "halt") == 0)
        return "0 ";
    if (strncmp(command, write_image, sizeof write_image - 1) == 0)
        return program(self, command + sizeof write_image - 1);
    if (strncmp(command, checksum, sizeof checksum - 1) == 0)
        return verify(self, command + sizeof checksum - 1);
    if (strncmp(command, write_memory, sizeof write_memory - 1) == 0)
        return write_words(self, command + sizeof write_memory - 1);
    if (strncmp(command, read_memory, sizeof read_memory - 1) == 0)
        return read_words(self);
    fprintf(stderr, "Error: fake OpenOCD: unknown command %s\n", command);
    return "1 unknown command";
}

/* ---- The Tcl port ---- */

/* Extracts SCRIPT from `set hf_code [catch {eval "SCRIPT"} ...`; undoes the quoting. */
static void unquote(const char *request, char *script, size_t size)
{
    const char *at = strstr(request, "{eval \"");
    size_t used = 0;
    for (at = at ? at + strlen("{eval \"") : ""; *at && *at != '"' && used + 1 < size; at++) {
        at += *at == '\\';
        script[used++] = *at;
    }
    script[used] = '\0';
}

/* @return false when the connection has ended */
static bool serve_tcl(fake *self, int fd)
{
    char *request = self->request;
    ssize_t got = read(fd, request + self->request_bytes, REQUEST_BYTES - 1 - self->request_bytes);
    if (got <= 0)
        return false;
    self->request_bytes += (size_t)got;
    request[self->request_bytes] = '\0';
    if (request[self->request_bytes - 1] != END_OF_MESSAGE)
        return self->request_bytes < REQUEST_BYTES - 1;
    char script[REQUEST_BYTES];
    unquote(request, script, sizeof script);
    self->request_bytes = 0;
    const char *reply = carry_out(self, script);
    const char end = END_OF_MESSAGE;
    return write(fd, reply, strlen(reply)) == (ssize_t)strlen(reply) && write(fd, &end, 1) == 1;
}

static bool serve_serial(fake *self, int fd)
{
    char bytes[4096];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got > 0)
        board_receive(&self->board, bytes, (size_t)got);
    return got > 0;
}

/* ---- The process ---- */

/* Accepts a connection, which replaces an earlier one. */
static void accept_on(int listener, int *fd)
{
    int next = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (next < 0)
        return;
    setsockopt(next, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (*fd >= 0)
        close(*fd);
    *fd = next;
}

static void hang_up(int *fd)
{
    close(*fd);
    *fd = -1;
}

static void serve(fake *self, int tcl_listener, int serial_listener)
{
    int tcl = -1, serial = -1;
    for (;;) {
        struct pollfd polled[] = {
            {tcl_listener, POLLIN, 0}, {serial_listener, POLLIN, 0}, {tcl, POLLIN, 0}, {serial, POLLIN, 0}};
        if (poll(polled, 4, -1) < 0)
            fail("poll");
        if (polled[0].revents)
            accept_on(tcl_listener, &tcl);
        else if (polled[2].revents && !serve_tcl(self, tcl))
            hang_up(&tcl);
        if (polled[1].revents)
            accept_on(serial_listener, &serial);
        else if (polled[3].revents && !serve_serial(self, serial))
            hang_up(&serial);
        self->board.serial_fd = serial;
    }
}

int main(int argc, char **argv)
{
    static fake self;
    static const char start[] = "adapter serial \"fake-";
    const char *script = argc > 1 ? argv[argc - 1] : "", *serial = strstr(script, start);
    const char *chip = serial ? serial + sizeof start - 1 : "", *dash = strchr(chip, '-');
    char name[64];
    if (!dash || !read_number(dash + 1, &self.port)) {
        fprintf(stderr, "Error: expected adapter serial \"fake-CHIP-PORT\"\n");
        return 1;
    }
    snprintf(name, sizeof name, "%.*s", (int)(dash - chip), chip);
    if (!board_setup(&self.board, name)) {
        fprintf(stderr, "Error: cannot make a board with chip %s\n", name);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    uint32_t tcl_port = 0;
    int serial_listener = listen_on(&self.port), tcl_listener = listen_on(&tcl_port);
    fprintf(stderr,
            "Open On-Chip Debugger 0.12.0 (fake)\nhilfarm: scripts read\n"
            "Info : Listening on port %u for tcl connections\n",
            tcl_port);
    serve(&self, tcl_listener, serial_listener);
}
