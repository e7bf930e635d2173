/* SPDX-License-Identifier: Apache-2.0 */
#include "uart/pty_port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_BYTES  65536u /* power of two: ring indices are taken modulo it */
#define INPUT_BYTES   4096u
#define WINDOW_NS     UINT64_C(1000000) /* the line may run this far ahead of the clock */
#define RESUME_NS     (WINDOW_NS / 2)   /* a waiting side is woken when this much of the window is free */
#define BITS_A_BYTE   10u               /* start, 8 data, stop */
#define DEFAULT_BAUD  115200u
#define NS_PER_SECOND UINT64_C(1000000000)

/* One direction of the line. */
struct pace {
    uint64_t busy_until_ns; /* when the bytes accepted so far will have been transmitted */
};

struct vb_uart {
    int master, slave;
    char path[64];
    char *link_path;
    uint64_t byte_ns; /* 0 = the line is off */
    struct pace tx, rx;
    bool tx_wanted;      /* the machine polled while the transmitter was busy */
    bool output_blocked; /* the pty is full: wait for POLLOUT */
    bool event;
    uint8_t output[OUTPUT_BYTES];
    uint32_t output_head, output_tail; /* free-running: head - tail bytes are waiting */
    uint8_t input[INPUT_BYTES];
    uint32_t input_head, input_tail;
    vb_uart_faults faults;
    uint64_t random;
    uint64_t until_garble, until_drop; /* bytes */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* ---- Pacing ---- */

static bool pace_allows(const struct pace *pace, uint64_t now)
{
    return pace->busy_until_ns <= now + WINDOW_NS;
}

static void pace_occupy(struct pace *pace, uint64_t now, uint64_t duration_ns)
{
    pace->busy_until_ns = (pace->busy_until_ns > now ? pace->busy_until_ns : now) + duration_ns;
}

static uint64_t pace_wait_ns(const struct pace *pace, uint64_t now)
{
    uint64_t at = now + WINDOW_NS - RESUME_NS;
    return pace->busy_until_ns > at ? pace->busy_until_ns - at : 0;
}

/* ---- Faults ---- */

/* splitmix64 (Steele, Lea, Flood 2014): every seed gives a different sequence. */
static uint64_t next_random(vb_uart *uart)
{
    uint64_t z = uart->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Distance to the next byte to be damaged: 1 .. 2n-1, n on average. */
static uint64_t next_distance(vb_uart *uart, uint32_t every)
{
    return 1 + next_random(uart) % (2 * (uint64_t)every - 1);
}

void vb_uart_set_faults(vb_uart *uart, const vb_uart_faults *faults)
{
    uart->faults = *faults;
    uart->random = faults->seed;
    if (faults->garble_every)
        uart->until_garble = next_distance(uart, faults->garble_every);
    if (faults->drop_every)
        uart->until_drop = next_distance(uart, faults->drop_every);
}

/* @return false if the byte is lost */
static bool inject_fault(vb_uart *uart, uint8_t *byte)
{
    if (uart->faults.mute)
        return false;
    if (uart->faults.drop_every && --uart->until_drop == 0) {
        uart->until_drop = next_distance(uart, uart->faults.drop_every);
        return false;
    }
    if (uart->faults.garble_every && --uart->until_garble == 0) {
        uart->until_garble = next_distance(uart, uart->faults.garble_every);
        *byte ^= (uint8_t)(1u << next_random(uart) % 8);
    }
    return true;
}

/* ---- The machine's side ---- */

static bool port_tx_ready(void *user)
{
    vb_uart *uart = user;
    bool ready = uart->byte_ns && uart->output_head - uart->output_tail < OUTPUT_BYTES &&
                 pace_allows(&uart->tx, now_ns());
    uart->tx_wanted = !ready;
    return ready;
}

static void port_tx(void *user, uint8_t byte)
{
    vb_uart *uart = user;
    pace_occupy(&uart->tx, now_ns(), uart->byte_ns);
    if (inject_fault(uart, &byte))
        uart->output[uart->output_head++ % OUTPUT_BYTES] = byte;
}

static bool port_rx_ready(void *user)
{
    const vb_uart *uart = user;
    return uart->input_head != uart->input_tail;
}

static uint8_t port_rx(void *user)
{
    vb_uart *uart = user;
    return uart->input[uart->input_tail++ % INPUT_BYTES];
}

static void port_set_baud(void *user, uint32_t baud)
{
    vb_uart *uart = user;
    uart->byte_ns = baud ? BITS_A_BYTE * NS_PER_SECOND / baud : 0;
    if (uart->byte_ns)
        return;
    uart->tx.busy_until_ns = uart->rx.busy_until_ns = 0;
}

vb_uart_port vb_uart_as_port(vb_uart *uart)
{
    return (vb_uart_port){
        .user = uart,
        .tx_ready = port_tx_ready,
        .tx = port_tx,
        .rx_ready = port_rx_ready,
        .rx = port_rx,
        .set_baud = port_set_baud,
    };
}

/* ---- The pty's side ---- */

static bool make_link(vb_uart *uart, const char *link_path)
{
    struct stat status;
    if (lstat(link_path, &status) == 0) {
        if (!S_ISLNK(status.st_mode)) {
            fprintf(stderr, "hilfarm-vboard: %s exists and is not a symbolic link\n", link_path);
            return false;
        }
        unlink(link_path);
    }
    if (symlink(uart->path, link_path) != 0) {
        fprintf(stderr, "hilfarm-vboard: cannot create the link %s: %s\n", link_path, strerror(errno));
        return false;
    }
    uart->link_path = strdup(link_path);
    if (!uart->link_path)
        unlink(link_path);
    return uart->link_path;
}

static bool open_pty(vb_uart *uart)
{
    uart->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (uart->master < 0 || grantpt(uart->master) != 0 || unlockpt(uart->master) != 0 ||
        ptsname_r(uart->master, uart->path, sizeof uart->path) != 0)
        return false;
    uart->slave = open(uart->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios settings;
    if (uart->slave < 0 || tcgetattr(uart->slave, &settings) != 0)
        return false;
    cfmakeraw(&settings);
    cfsetspeed(&settings, B115200);
    if (tcsetattr(uart->slave, TCSANOW, &settings) != 0)
        return false;
    int flags = fcntl(uart->master, F_GETFL);
    return flags >= 0 && fcntl(uart->master, F_SETFL, flags | O_NONBLOCK) == 0;
}

vb_uart *vb_uart_new(const char *link_path)
{
    vb_uart *uart = calloc(1, sizeof *uart);
    if (!uart) {
        fprintf(stderr, "hilfarm-vboard: out of memory\n");
        return NULL;
    }
    uart->master = uart->slave = -1;
    uart->byte_ns = BITS_A_BYTE * NS_PER_SECOND / DEFAULT_BAUD;
    if (!open_pty(uart)) {
        fprintf(stderr, "hilfarm-vboard: cannot open a pty: %s\n", strerror(errno));
        vb_uart_free(uart);
        return NULL;
    }
    if (link_path && !make_link(uart, link_path)) {
        vb_uart_free(uart);
        return NULL;
    }
    return uart;
}

/* Another board may have replaced the link in the meantime; that one must stay. */
static void remove_link(const vb_uart *uart)
{
    char target[PATH_MAX];
    ssize_t size = readlink(uart->link_path, target, sizeof target - 1);
    if (size < 0)
        return;
    target[size] = '\0';
    if (strcmp(target, uart->path) == 0)
        unlink(uart->link_path);
}

void vb_uart_free(vb_uart *uart)
{
    if (!uart)
        return;
    if (uart->link_path)
        remove_link(uart);
    free(uart->link_path);
    if (uart->slave >= 0)
        close(uart->slave);
    if (uart->master >= 0)
        close(uart->master);
    free(uart);
}

const char *vb_uart_path(const vb_uart *uart)
{
    return uart->path;
}

int vb_uart_fd(const vb_uart *uart)
{
    return uart->master;
}

void vb_uart_end_exclusive(vb_uart *uart)
{
    ioctl(uart->slave, TIOCNXCL);
}

/* Number of bytes that may be read from the pty now. */
static uint32_t input_allowance(const vb_uart *uart, uint64_t now)
{
    if (!uart->byte_ns || !pace_allows(&uart->rx, now))
        return 0;
    uint64_t since = uart->rx.busy_until_ns > now ? uart->rx.busy_until_ns : now;
    uint64_t bytes = 1 + (now + WINDOW_NS - since) / uart->byte_ns;
    uint32_t room = INPUT_BYTES - (uart->input_head - uart->input_tail);
    return bytes < room ? (uint32_t)bytes : room;
}

short vb_uart_events(const vb_uart *uart)
{
    short events = input_allowance(uart, now_ns()) ? POLLIN : 0;
    if (uart->output_blocked)
        events |= POLLOUT;
    return events;
}

uint64_t vb_uart_wait_ns(const vb_uart *uart)
{
    uint64_t now = now_ns();
    uint64_t wait = UINT64_MAX;
    if (!uart->byte_ns)
        return wait;
    if (uart->output_head != uart->output_tail && !uart->output_blocked)
        return 0;
    if (uart->tx_wanted && uart->output_head - uart->output_tail < OUTPUT_BYTES)
        wait = pace_wait_ns(&uart->tx, now);
    if (!pace_allows(&uart->rx, now)) {
        uint64_t rx_wait = pace_wait_ns(&uart->rx, now);
        wait = rx_wait < wait ? rx_wait : wait;
    }
    return wait;
}

static void flush_output(vb_uart *uart)
{
    uart->output_blocked = false;
    while (uart->output_head != uart->output_tail) {
        uint32_t start = uart->output_tail % OUTPUT_BYTES;
        uint32_t size = uart->output_head - uart->output_tail;
        if (size > OUTPUT_BYTES - start)
            size = OUTPUT_BYTES - start;
        ssize_t n = write(uart->master, uart->output + start, size);
        if (n <= 0) {
            uart->output_blocked = true;
            return;
        }
        uart->output_tail += (uint32_t)n;
    }
}

static void read_input(vb_uart *uart, uint64_t now)
{
    uint32_t allowance = input_allowance(uart, now);
    while (allowance) {
        uint32_t start = uart->input_head % INPUT_BYTES;
        uint32_t size = allowance < INPUT_BYTES - start ? allowance : INPUT_BYTES - start;
        ssize_t n = read(uart->master, uart->input + start, size);
        if (n <= 0)
            return;
        uart->input_head += (uint32_t)n;
        allowance -= (uint32_t)n;
        pace_occupy(&uart->rx, now, (uint64_t)n * uart->byte_ns);
        uart->event = true;
    }
}

void vb_uart_service(vb_uart *uart)
{
    if (uart->output_head != uart->output_tail)
        flush_output(uart);
    uint64_t now = now_ns();
    read_input(uart, now);
    if (uart->tx_wanted && uart->byte_ns && uart->output_head - uart->output_tail < OUTPUT_BYTES &&
        pace_wait_ns(&uart->tx, now) == 0) {
        uart->tx_wanted = false;
        uart->event = true;
    }
}

bool vb_uart_consume_event(vb_uart *uart)
{
    bool event = uart->event;
    uart->event = false;
    return event;
}
