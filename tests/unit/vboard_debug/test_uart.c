/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>

#include "uart/pty_port.h"

/* Practically no pacing: a byte takes 1 ns. */
#define FAST 4000000000u
/* A byte takes 10 s: a paced byte waits for longer than any test. */
#define SLOW 1u

static vb_uart *open_uart(vb_uart_port *port, uint32_t baud)
{
    vb_uart *uart = vb_uart_new(NULL);
    assert_non_null(uart);
    *port = vb_uart_as_port(uart);
    port->set_baud(port->user, baud);
    return uart;
}

/* Opens it as a terminal program does that changes no settings. */
static int open_slave(const vb_uart *uart)
{
    int fd = open(vb_uart_path(uart), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

/* Moves output and reads it until `size` bytes have arrived or none arrives for two seconds. */
static size_t read_all(vb_uart *uart, int fd, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (have < size) {
        vb_uart_service(uart);
        if (poll(&waiting, 1, 2000) <= 0)
            break;
        ssize_t n = read(fd, bytes + have, size - have);
        if (n > 0)
            have += (size_t)n;
    }
    return have;
}

static void vboard_uart_is_raw_before_anyone_connects(void **state)
{
    (void)state;
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, FAST);
    for (unsigned i = 0; i < 256; i++) { /* the slave is not open yet */
        assert_true(port.tx_ready(port.user));
        port.tx(port.user, (uint8_t)i);
    }
    vb_uart_service(uart);
    assert_false(port.rx_ready(port.user)); /* no echo */
    int fd = open_slave(uart);
    struct termios settings;
    assert_int_equal(tcgetattr(fd, &settings), 0);
    assert_int_equal(settings.c_lflag & (tcflag_t)(ECHO | ICANON | ISIG), 0);
    uint8_t bytes[256];
    assert_int_equal(read_all(uart, fd, bytes, sizeof bytes), sizeof bytes);
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(bytes[i], i);
    close(fd);
    vb_uart_free(uart);
}

static void vboard_uart_receives_every_byte_value(void **state)
{
    (void)state;
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, FAST);
    int fd = open_slave(uart);
    uint8_t bytes[256];
    for (unsigned i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    struct pollfd waiting = {.fd = vb_uart_fd(uart), .events = POLLIN};
    for (unsigned got = 0; got < 256;) {
        if (!port.rx_ready(port.user)) {
            assert_int_equal(poll(&waiting, 1, 2000), 1);
            vb_uart_service(uart);
            assert_true(vb_uart_consume_event(uart));
            continue;
        }
        assert_int_equal(port.rx(port.user), got);
        got++;
    }
    assert_false(port.rx_ready(port.user));
    close(fd);
    vb_uart_free(uart);
}

static void vboard_uart_drops_nothing_without_a_reader(void **state)
{
    (void)state;
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, FAST);
    enum { TOTAL = 300000 };
    uint32_t sent = 0;
    while (sent < TOTAL && port.tx_ready(port.user)) {
        port.tx(port.user, (uint8_t)(sent * 7 + (sent >> 8)));
        sent++;
        vb_uart_service(uart);
    }
    assert_true(sent >= 65536 && sent < TOTAL); /* bounded: the transmitter became busy */
    assert_true(vb_uart_events(uart) & POLLOUT);
    assert_int_equal(vb_uart_wait_ns(uart), UINT64_MAX);

    int fd = open_slave(uart);
    uint8_t *bytes = malloc(TOTAL);
    assert_non_null(bytes);
    size_t have = 0;
    while (have < TOTAL) {
        size_t n = read_all(uart, fd, bytes + have, 1000);
        assert_int_equal(n, 1000);
        have += n;
        for (; sent < TOTAL && port.tx_ready(port.user); sent++)
            port.tx(port.user, (uint8_t)(sent * 7 + (sent >> 8)));
    }
    for (uint32_t i = 0; i < TOTAL; i++)
        assert_int_equal(bytes[i], (uint8_t)(i * 7 + (i >> 8)));
    free(bytes);
    close(fd);
    vb_uart_free(uart);
}

static void vboard_uart_paces_output(void **state)
{
    (void)state;
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, SLOW);
    assert_true(port.tx_ready(port.user));
    port.tx(port.user, 'x');
    vb_uart_service(uart); /* this byte is out; the line is busy for 10 s */
    assert_false(port.tx_ready(port.user));
    uint64_t wait = vb_uart_wait_ns(uart);
    assert_true(wait > UINT64_C(1000000000) && wait <= UINT64_C(10000000000));
    assert_false(vb_uart_consume_event(uart));
    port.set_baud(port.user, 0);
    assert_false(port.tx_ready(port.user)); /* no clock, no bytes */
    assert_int_equal(vb_uart_wait_ns(uart), UINT64_MAX);
    vb_uart_free(uart);
}

static void vboard_uart_paces_input(void **state)
{
    (void)state;
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, SLOW);
    int fd = open_slave(uart);
    assert_int_equal(write(fd, "abc", 3), 3);
    struct pollfd waiting = {.fd = vb_uart_fd(uart), .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 2000), 1);
    vb_uart_service(uart);
    assert_true(port.rx_ready(port.user));
    assert_int_equal(port.rx(port.user), 'a');
    vb_uart_service(uart);
    assert_false(port.rx_ready(port.user)); /* 'b' is 10 s away, and polling for it would spin */
    assert_int_equal(vb_uart_events(uart) & POLLIN, 0);
    assert_true(vb_uart_wait_ns(uart) > UINT64_C(1000000000));
    close(fd);
    vb_uart_free(uart);
}

static size_t send_with_faults(const vb_uart_faults *faults, uint8_t *bytes, size_t size, size_t expected)
{
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, FAST);
    vb_uart_set_faults(uart, faults);
    int fd = open_slave(uart);
    for (size_t i = 0; i < size; i++) {
        assert_true(port.tx_ready(port.user));
        port.tx(port.user, (uint8_t)i);
    }
    size_t have = read_all(uart, fd, bytes, expected);
    vb_uart_service(uart);
    uint8_t more;
    assert_int_equal(read(fd, &more, 1), -1); /* no byte beyond those */
    close(fd);
    vb_uart_free(uart);
    return have;
}

static void vboard_uart_faults_follow_the_seed(void **state)
{
    (void)state;
    enum { SIZE = 2000 };
    static uint8_t first[SIZE], second[SIZE], other[SIZE];
    vb_uart_faults faults = {.garble_every = 50, .seed = 7};
    assert_int_equal(send_with_faults(&faults, first, SIZE, SIZE), SIZE);
    assert_int_equal(send_with_faults(&faults, second, SIZE, SIZE), SIZE);
    assert_memory_equal(first, second, SIZE);
    faults.seed = 8;
    assert_int_equal(send_with_faults(&faults, other, SIZE, SIZE), SIZE);
    assert_memory_not_equal(first, other, SIZE);
    unsigned garbled = 0;
    for (unsigned i = 0; i < SIZE; i++) {
        uint8_t flipped = first[i] ^ (uint8_t)i;
        assert_true((flipped & (flipped - 1)) == 0); /* at most one bit */
        garbled += flipped != 0;
    }
    assert_in_range(garbled, 25, 60);

    faults = (vb_uart_faults){.drop_every = 2, .seed = 1};
    size_t kept = 0;
    /* The distances 1, 2 and 3 for n = 2 come from the seed, so the count is always the same. */
    vb_uart_port port;
    vb_uart *uart = open_uart(&port, FAST);
    vb_uart_set_faults(uart, &faults);
    int fd = open_slave(uart);
    for (unsigned i = 0; i < 1000; i++) {
        assert_true(port.tx_ready(port.user));
        port.tx(port.user, (uint8_t)i);
    }
    kept = 0;
    uint8_t byte;
    for (;;) {
        vb_uart_service(uart);
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, 100) <= 0 || read(fd, &byte, 1) != 1)
            break;
        kept++;
    }
    assert_in_range(kept, 400, 600);
    close(fd);
    vb_uart_free(uart);

    faults = (vb_uart_faults){.mute = true};
    assert_int_equal(send_with_faults(&faults, first, SIZE, 0), 0);
}

static void vboard_uart_link_is_made_and_removed(void **state)
{
    (void)state;
    char folder[] = "/tmp/vboard_uart_XXXXXX";
    assert_non_null(mkdtemp(folder));
    char link[64];
    snprintf(link, sizeof link, "%s/tty", folder);
    assert_int_equal(symlink("/nowhere", link), 0); /* left by a board that died */
    vb_uart *uart = vb_uart_new(link);
    assert_non_null(uart);
    char target[64] = {0};
    assert_true(readlink(link, target, sizeof target - 1) > 0);
    assert_string_equal(target, vb_uart_path(uart));

    vb_uart *next = vb_uart_new(link); /* replaces the link */
    assert_non_null(next);
    vb_uart_free(uart);
    struct stat status;
    assert_int_equal(lstat(link, &status), 0); /* no longer the first one's */
    vb_uart_free(next);
    assert_int_equal(lstat(link, &status), -1);

    assert_int_equal(close(open(link, O_CREAT | O_WRONLY, 0600)), 0);
    assert_null(vb_uart_new(link)); /* a file is not replaced */
    unlink(link);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vboard_uart_is_raw_before_anyone_connects),
        cmocka_unit_test(vboard_uart_receives_every_byte_value),
        cmocka_unit_test(vboard_uart_drops_nothing_without_a_reader),
        cmocka_unit_test(vboard_uart_paces_output),
        cmocka_unit_test(vboard_uart_paces_input),
        cmocka_unit_test(vboard_uart_faults_follow_the_seed),
        cmocka_unit_test(vboard_uart_link_is_made_and_removed),
    };
    return cmocka_run_group_tests_name("vboard_uart", tests, NULL, NULL);
}
