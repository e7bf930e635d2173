/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* Telnet (RFC 854) and its options, as numbers on the wire. */
enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { OPTION_BINARY = 0, OPTION_SGA = 3, OPTION_COM_PORT = 44, SET_BAUDRATE = 1, TO_CLIENT = 100 };

struct terminal_server {
    terminal_server_script script;
    int listener, line, client, control[2];
    pthread_t thread;
    pthread_mutex_t mutex;
    uint32_t baud;
    char settings[128];
    /* Parser of the client's bytes: the command after an IAC, and a subnegotiation. */
    uint8_t command[64];
    size_t command_bytes;
    bool iac_in_sub;
};

static void send_all(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t count = send(fd, from, size, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        from += count;
        size -= (size_t)count;
    }
}

static void write_all(int fd, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t count = write(fd, from, size);
        if (count <= 0)
            return;
        from += count;
        size -= (size_t)count;
    }
}

static void answer_option(terminal_server *self, uint8_t verb, uint8_t option)
{
    bool known =
        option == OPTION_BINARY || option == OPTION_SGA || (option == OPTION_COM_PORT && verb == WILL);
    if (option == OPTION_COM_PORT && self->script.refuses_control)
        known = false;
    uint8_t answer[] = {IAC, 0, option};
    if (verb == WILL)
        answer[1] = known ? DO : DONT;
    else if (verb == DO)
        answer[1] = known ? WILL : WONT;
    if (answer[1] && !self->script.mute)
        send_all(self->client, answer, sizeof answer);
}

/* Handles a subnegotiation, without its IAC SB and IAC SE: option, command, value. */
static void answer_setting(terminal_server *self, const uint8_t *sub, size_t bytes)
{
    if (bytes < 3 || sub[0] != OPTION_COM_PORT || self->script.mute)
        return;
    uint8_t value[4] = {sub[2]};
    size_t value_bytes = 1;
    pthread_mutex_lock(&self->mutex);
    if (sub[1] == SET_BAUDRATE && bytes == 6) {
        self->baud = (uint32_t)sub[2] << 24 | (uint32_t)sub[3] << 16 | (uint32_t)sub[4] << 8 | sub[5];
        if (self->script.rounds_to)
            self->baud = self->script.rounds_to;
        for (int i = 0; i < 4; i++)
            value[i] = (uint8_t)(self->baud >> (24 - 8 * i));
        value_bytes = 4;
    } else {
        size_t used = strlen(self->settings);
        snprintf(self->settings + used, sizeof self->settings - used, "%s%u=%u", used ? " " : "", sub[1],
                 sub[2]);
    }
    pthread_mutex_unlock(&self->mutex);
    uint8_t answer[16] = {IAC, SB, OPTION_COM_PORT, (uint8_t)(sub[1] + TO_CLIENT)};
    size_t used = 4;
    for (size_t i = 0; i < value_bytes; i++) {
        if (value[i] == IAC)
            answer[used++] = IAC;
        answer[used++] = value[i];
    }
    answer[used++] = IAC;
    answer[used++] = SE;
    send_all(self->client, answer, used);
}

/* Consumes one byte of a command. @return true at the end of the command */
static bool push_command(terminal_server *self, uint8_t byte)
{
    uint8_t *command = self->command;
    bool escaped = self->iac_in_sub && byte == IAC;
    bool ends = self->iac_in_sub && byte == SE;
    bool in_sub = self->command_bytes >= 2 && command[1] == SB;
    self->iac_in_sub = in_sub && !self->iac_in_sub && byte == IAC;
    if (self->iac_in_sub)
        return false; /* the next byte determines its meaning */
    if (ends)
        answer_setting(self, command + 2, self->command_bytes - 2);
    if (ends || self->command_bytes == sizeof self->command)
        return true;
    command[self->command_bytes++] = byte;
    if (escaped || in_sub || self->command_bytes < 2 || command[1] == SB)
        return false;
    if (command[1] < WILL || command[1] > DONT)
        return true; /* other commands are ignored */
    if (self->command_bytes == 3)
        answer_option(self, command[1], command[2]);
    return self->command_bytes == 3;
}

static void from_client(terminal_server *self, const uint8_t *bytes, size_t count)
{
    if (!self->script.rfc2217) {
        write_all(self->line, bytes, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool data = self->command_bytes == 0 && bytes[i] != IAC;
        data = data || (self->command_bytes == 1 && bytes[i] == IAC);
        if (data) {
            write_all(self->line, &bytes[i], 1);
            self->command_bytes = 0;
        } else if (push_command(self, bytes[i])) {
            self->command_bytes = 0;
        }
    }
}

static void from_line(terminal_server *self, const uint8_t *bytes, size_t count)
{
    uint8_t escaped[512];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (self->script.rfc2217 && bytes[i] == IAC)
            escaped[used++] = IAC;
        escaped[used++] = bytes[i];
    }
    if (self->client >= 0)
        send_all(self->client, escaped, used);
}

static void drop_client(terminal_server *self)
{
    if (self->client >= 0)
        close(self->client);
    self->client = -1;
    self->command_bytes = 0;
    self->iac_in_sub = false;
}

static void accept_client(terminal_server *self)
{
    static const char busy[] = "Port already in use\r\n";
    int client = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC);
    const char *says = self->script.turn_away ? self->script.turn_away : self->client >= 0 ? busy : NULL;
    if (client >= 0 && says) {
        send_all(client, says, strlen(says));
        close(client);
        return;
    }
    int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    self->client = client;
}

static void *serve(void *user)
{
    terminal_server *self = user;
    for (;;) {
        uint8_t bytes[256];
        struct pollfd polled[] = {{self->control[0], POLLIN, 0},
                                  {self->listener, POLLIN, 0},
                                  {self->client, POLLIN, 0},
                                  {self->client >= 0 ? self->line : -1, POLLIN, 0}};
        if (poll(polled, 4, -1) < 0)
            return NULL;
        if (polled[0].revents) {
            char order = 'q';
            if (read(self->control[0], &order, 1) != 1 || order == 'q')
                return NULL;
            drop_client(self);
            continue;
        }
        if (polled[2].revents) {
            ssize_t count = recv(self->client, bytes, sizeof bytes, 0);
            if (count > 0)
                from_client(self, bytes, (size_t)count);
            else
                drop_client(self);
            continue; /* the client's request has precedence */
        }
        if (polled[1].revents)
            accept_client(self);
        if (polled[3].revents) {
            ssize_t count = read(self->line, bytes, sizeof bytes);
            if (count > 0)
                from_line(self, bytes, (size_t)count);
        }
    }
}

terminal_server *terminal_server_start(const terminal_server_script *script, const char *pty_path,
                                       uint16_t *port)
{
    terminal_server *self = calloc(1, sizeof *self);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (!self)
        abort();
    self->script = *script;
    self->client = -1;
    self->line = open(pty_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios mode;
    if (self->line < 0 || tcgetattr(self->line, &mode) != 0)
        abort();
    cfmakeraw(&mode);
    tcsetattr(self->line, TCSANOW, &mode);
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (self->listener < 0 || bind(self->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(self->listener, 4) != 0 ||
        getsockname(self->listener, (struct sockaddr *)&address, &size) != 0 ||
        pipe2(self->control, O_CLOEXEC) != 0)
        abort();
    *port = ntohs(address.sin_port);
    pthread_mutex_init(&self->mutex, NULL);
    if (pthread_create(&self->thread, NULL, serve, self) != 0)
        abort();
    return self;
}

static void order(terminal_server *self, char what)
{
    if (write(self->control[1], &what, 1) != 1)
        abort();
}

void terminal_server_cut(terminal_server *self)
{
    order(self, 'c');
}

uint32_t terminal_server_baud(terminal_server *self)
{
    pthread_mutex_lock(&self->mutex);
    uint32_t baud = self->baud;
    pthread_mutex_unlock(&self->mutex);
    return baud;
}

const char *terminal_server_settings(terminal_server *self)
{
    static char text[sizeof self->settings];
    pthread_mutex_lock(&self->mutex);
    memcpy(text, self->settings, sizeof text);
    pthread_mutex_unlock(&self->mutex);
    return text;
}

void terminal_server_stop(terminal_server *self)
{
    order(self, 'q');
    pthread_join(self->thread, NULL);
    drop_client(self);
    close(self->listener);
    close(self->line);
    close(self->control[0]);
    close(self->control[1]);
    pthread_mutex_destroy(&self->mutex);
    free(self);
}
